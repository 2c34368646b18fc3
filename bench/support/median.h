/* SPDX-License-Identifier: MIT */
/* The middle of some numbers. */
#ifndef BENCH_MEDIAN_H
#define BENCH_MEDIAN_H

#include <stdint.h>

/* Of n >= 1 numbers, which are sorted: the least becomes the first. */
double median_of(double *x, int64_t n);

#endif
