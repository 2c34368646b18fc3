/* SPDX-License-Identifier: MIT */
/* The header of a safetensors file: which tensors it says there are, and where. */
#ifndef COTANGENT_SAFETENSORS_HEADER_H
#define COTANGENT_SAFETENSORS_HEADER_H

#include "archive.h"

typedef struct ct_safetensors_entry {
    char *name;
    ct_dtype dtype;
    ct_shape shape;
    int64_t begin, end;  /* bytes, counted from the end of the header */
    ct_tensor *tensor;   /* the reader's; NULL before */
} ct_safetensors_entry;

/* Start from {0}; release after use, also after a failure. */
typedef struct ct_safetensors_header {
    ct_safetensors_entry *entry;
    int64_t count, capacity;
    ct_safetensors_entry **in_file;  /* the entries in the order of their data, once the layout has been checked */
    const char *digest;              /* the first character of the digest in the text; NULL when there is none */
} ct_safetensors_header;

/* Parses the JSON text; metadata goes into `archive`. Each entry is then sound by itself: its range is as long as its
 * dtype and shape need. Messages do not name the file. */
bool ct_safetensors_parse(ct_safetensors_header *h, ct_archive *archive, const char *text, size_t length, ct_error *err);
/* The ranges follow one another without overlap or hole and fill `bytes` bytes. */
bool ct_safetensors_check_layout(ct_safetensors_header *h, int64_t bytes, ct_error *err);
void ct_safetensors_release(ct_safetensors_header *h);

#endif
