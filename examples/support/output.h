/* SPDX-License-Identifier: MIT */
/* Places to write to, checked before any work is done. */
#ifndef EXAMPLE_OUTPUT_H
#define EXAMPLE_OUTPUT_H

#include <cotangent.h>

/* Make the directory, with those above it, unless it is there. */
bool output_directory(const char *path, ct_error *err);

/* "dir/name" into `path`. */
enum { OUTPUT_PATH_SIZE = 4096 };
bool output_path(char path[OUTPUT_PATH_SIZE], const char *dir, const char *name, ct_error *err);

/* Whether a file could be written at `path`: nothing that is there is touched. */
bool output_check(const char *path, ct_error *err);

/* Removes a file, unless there is none. */
bool output_remove(const char *path, ct_error *err);

#endif
