/* Places to write to, checked before any work is done. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <cotangent.h>

enum { PATH_SIZE = 4096 };

/* Make the directory, with those above it, unless it is there. */
bool output_directory(const char *path, ct_error *err);

/* Whether a file could be written at `path`: nothing that is there is touched. */
bool output_check(const char *path, ct_error *err);

#endif
