/* SPDX-License-Identifier: MIT */
/* Pictures of many images. */
#ifndef GRID_H
#define GRID_H

#include <cotangent.h>

/* x float32 [rows * columns, channels, size, size] in [-1, 1] as a PNG: row by row, the same margin around and between
 * the images. */
bool grid_write(const char *path, ct_tensor *x, int64_t rows, ct_error *err);

#endif
