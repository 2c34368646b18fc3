/* SPDX-License-Identifier: MIT */
/* A long series as few points. */
#ifndef REPORT_THIN_H
#define REPORT_THIN_H

#include <stdint.h>

/* What stands for some rows that follow each other: means, and the least and the largest value. NaN where none of the
 * values is finite. */
typedef struct thin_point {
    double x, mean, low, high;
} thin_point;

/* Into out, up to `most` points of equally many rows each, but for the last; how many it is. A single row is itself. */
int64_t thin(int64_t n, const double *x, const double *y, int64_t most, thin_point *out);

#endif
