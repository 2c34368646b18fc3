/* SPDX-License-Identifier: MIT */
/* The pixels of a PNG file as they are stored, inflated by zlib into memory of just the size that the image needs. */
#include "png.h"

#include <stdlib.h>
#include <zlib.h>

/* Deflate makes nothing more than MAX_RATIO times smaller. */
enum { MAX_RATIO = 1032, MAX_BYTES = 1 << 30 };

static int samples_of(const ct_png *p)
{
    return p->colour == CT_PNG_RGB ? 3 : p->colour == CT_PNG_RGB_ALPHA ? 4 : p->colour == CT_PNG_GREY_ALPHA ? 2 : 1;
}

/* Of a picture of this size: each row is whole bytes, after the number of its filter. */
static int64_t bytes_of(const ct_png *p, int64_t width, int64_t height)
{
    if (width <= 0 || height <= 0)
        return 0;
    int64_t row = 1 + (width * samples_of(p) * p->depth + 7) / 8;  /* of extents below 2^31: below 2^34 */
    return row > MAX_BYTES || height > MAX_BYTES / row ? MAX_BYTES + INT64_C(1) : height * row;
}

/* Adam7: seven passes, each a smaller picture of the pixels (x0 + i dx, y0 + j dy). */
static int64_t bytes_of_passes(const ct_png *p)
{
    static const struct { int x0, y0, dx, dy; } passes[] = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
    };
    int64_t sum = 0;
    for (int i = 0; i < 7; i++)
        sum += bytes_of(p, (p->width - passes[i].x0 + passes[i].dx - 1) / passes[i].dx,
                        (p->height - passes[i].y0 + passes[i].dy - 1) / passes[i].dy);
    return sum;
}

static bool check_size(const ct_png *p, int64_t needed, ct_error *err)
{
    if (needed > MAX_BYTES)
        return ct_fail(err, CT_E_FORMAT, "takes more than the %d bytes that there may be", MAX_BYTES);
    return needed / MAX_RATIO <= p->data_size ||
           ct_fail(err, CT_E_FORMAT, "truncated or damaged: %lld x %lld pixels do not fit in %lld bytes of IDAT",
                   (long long)p->width, (long long)p->height, (long long)p->data_size);
}

/* All IDAT chunks into z, which has room for one byte more than is needed. The status of the last call: Z_STREAM_END
 * when all went well. */
static int inflate_all(const ct_png *p, z_stream *z)
{
    int status = Z_OK;
    const unsigned char *at = p->data;
    for (int64_t i = 0; i < p->data_chunks; i++) {
        uInt size = (uInt)at[0] << 24 | (uInt)at[1] << 16 | (uInt)at[2] << 8 | at[3];
        z->next_in = (z_const Bytef *)(at + 8);
        z->avail_in = size;
        if (size > 0 && status == Z_OK)
            status = inflate(z, Z_NO_FLUSH);
        if (z->avail_in > 0)
            break;
        at += size + 12;
    }
    return status;
}

static bool check_result(const z_stream *z, int status, size_t needed, ct_error *err)
{
    if (status != Z_STREAM_END && z->avail_out > 0)
        return ct_fail(err, CT_E_FORMAT, "truncated or damaged after %lu bytes of %zu: %s", z->total_out, needed,
                       z->msg ? z->msg : "the compressed data have no end");
    if (z->avail_in > 0 || z->total_out != needed)
        return ct_fail(err, CT_E_FORMAT, "its pixels take %zu bytes, found %s%lu", needed,
                       z->avail_in > 0 ? "more than " : "", z->total_out);
    return true;
}

static bool inflate_to(const ct_png *p, unsigned char *rows, size_t needed, ct_error *err)
{
    z_stream z = {.next_out = rows, .avail_out = (uInt)needed + 1};
    if (inflateInit(&z) != Z_OK)
        return ct_fail(err, CT_E_MEMORY, "no memory to inflate it");
    int status = inflate_all(p, &z);
    bool ok = status == Z_MEM_ERROR ? ct_fail(err, CT_E_MEMORY, "no memory to inflate it")
                                    : check_result(&z, status, needed, err);
    inflateEnd(&z);
    return ok;
}

unsigned char *ct_png_rows(const ct_png *png, size_t *size, ct_error *err)
{
    int64_t needed = png->interlaced ? bytes_of_passes(png) : bytes_of(png, png->width, png->height);
    if (!check_size(png, needed, err))
        return NULL;
    unsigned char *rows = malloc((size_t)needed + 1);
    if (!rows)
        ct_fail(err, CT_E_MEMORY, "no memory for %lld bytes of pixels", (long long)needed);
    *size = (size_t)needed;
    if (rows && inflate_to(png, rows, *size, err))
        return rows;
    free(rows);
    return NULL;
}
