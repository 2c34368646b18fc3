/* SPDX-License-Identifier: MIT */
/* Files that are read and written as a whole. */
#ifndef EXAMPLE_WHOLE_FILE_H
#define EXAMPLE_WHOLE_FILE_H

#include <cotangent.h>
#include <stdio.h>

/* The bytes of the file, their number in *size, and a 0 after them. The caller frees them. NULL when it cannot be read
 * or holds more than `limit`. */
char *whole_file_read(const char *path, size_t limit, size_t *size, ct_error *err);

/* A text that is written into memory, and replaces a file when it is done. */
typedef struct whole_file {
    FILE *to;
    char *text;
    size_t size;
} whole_file;

bool whole_file_begin(whole_file *f, ct_error *err);
/* Replaces the file at `path` by the text, or leaves it as it was. A blank digest in the text is filled in (seal.h). The text is gone in either case. */
bool whole_file_commit(whole_file *f, const char *path, ct_error *err);
void whole_file_discard(whole_file *f);

#endif
