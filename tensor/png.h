/* SPDX-License-Identifier: MIT */
/* PNG files (ISO/IEC 15948), checked byte by byte before any pixel is decoded. */
#ifndef COTANGENT_PNG_H
#define COTANGENT_PNG_H

#include <cotangent/error.h>
#include <stddef.h>
#include <stdint.h>

enum { CT_PNG_GREY = 0, CT_PNG_RGB = 2, CT_PNG_PALETTE = 3, CT_PNG_GREY_ALPHA = 4, CT_PNG_RGB_ALPHA = 6 };

/* Pointers lead into the bytes of the file, which must outlive it. */
typedef struct ct_png {
    int64_t width, height;
    int depth;                           /* bits of a sample */
    int colour;                          /* one of the above */
    bool interlaced;
    const unsigned char *palette;        /* `colours` times red, green, blue; NULL when there is none */
    int colours;
    const unsigned char *transparency;   /* the data of tRNS; NULL when there is none */
    int transparency_size;
    const unsigned char *data;           /* the first IDAT, from its length on; `data_chunks` follow one another */
    int64_t data_chunks, data_size;      /* bytes of all of them */
} ct_png;

/* Signature, order, lengths and CRCs of the chunks, the values of IHDR, PLTE and tRNS; nothing behind IEND. At most
 * `max_pixels` pixels. Messages do not name the file. */
bool ct_png_parse(ct_png *png, const unsigned char *bytes, size_t size, int64_t max_pixels, ct_error *err);

/* The inflated data, malloc'd: a filter's number and the samples of each row, pass after pass. Refuses data that are not
 * exactly as long as the image needs, or do not have their Adler-32. */
unsigned char *ct_png_rows(const ct_png *png, size_t *size, ct_error *err);

#endif
