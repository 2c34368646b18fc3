/* SPDX-License-Identifier: MIT */
/* Reading files whose length is known before anything in them is believed. */
#ifndef COTANGENT_FILE_READER_H
#define COTANGENT_FILE_READER_H

#include <cotangent/tensor.h>
#include <stdio.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the array formats are little-endian and are read and written without swapping bytes"
#endif

typedef struct ct_file_reader {
    FILE *file;
    const char *path;  /* borrowed */
    int64_t size;
    const char *part;  /* what is read next, for messages: "the header"; NULL: not said. Borrowed */
} ct_file_reader;

/* False, with a message, for what is missing, not a regular file, or empty. */
bool ct_file_reader_open(ct_file_reader *r, const char *path, ct_error *err);
void ct_file_reader_close(ct_file_reader *r);
/* Exactly `bytes` bytes from where the last read ended; says how many were expected and found. */
bool ct_file_reader_read(ct_file_reader *r, void *to, size_t bytes, ct_error *err);

/* The whole file, malloc'd, at most `limit` bytes; NULL with a message. */
unsigned char *ct_file_read(const char *path, int64_t limit, size_t *bytes, ct_error *err);

/* A tensor whose elements are the next bytes of the file. */
ct_tensor *ct_file_reader_tensor(ct_file_reader *r, ct_dtype dtype, ct_shape shape, ct_error *err);

#endif
