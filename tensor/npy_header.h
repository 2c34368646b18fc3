/* SPDX-License-Identifier: MIT */
/* The text that describes a .npy file's array: a Python dict of 'descr', 'fortran_order' and 'shape'. */
#ifndef COTANGENT_NPY_HEADER_H
#define COTANGENT_NPY_HEADER_H

#include <cotangent/shape.h>

typedef struct ct_npy_header {
    ct_dtype dtype;
    ct_shape shape;
    bool fortran_order;
} ct_npy_header;

/* `text` ends in a NUL byte. Messages do not name the file. */
bool ct_npy_header_parse(const char *text, ct_npy_header *header, ct_error *err);
/* Writes the dict into `text` and returns its length. */
enum { CT_NPY_HEADER_SIZE = 320 };
int ct_npy_header_format(const ct_npy_header *header, char text[CT_NPY_HEADER_SIZE]);

#endif
