/* SPDX-License-Identifier: MIT */
/* Axes of plots: a range with ticks at round numbers. */
#ifndef REPORT_AXIS_H
#define REPORT_AXIS_H

#include <stdbool.h>

enum { AXIS_TICKS = 16 };
typedef struct axis {
    bool logarithmic;
    double low, high;         /* its ends, low < high */
    int ticks;
    double tick[AXIS_TICKS];  /* ascending, from low to high */
} axis;

/* Where low .. high lie, both finite and less than 1e100 in size. Where they are equal, the axis goes somewhat beyond.
 * `wanted`, 2 to 8: about how many ticks; there are two at least. */

/* Ticks are multiples of 1, 2 or 5 times a power of ten, and both ends are ticks. */
axis axis_linear(double low, double high, int wanted);
/* The same ticks, between ends that are just low and high. `wanted` is 5 at least. */
axis axis_between(double low, double high, int wanted);
/* For 0 < low. Ticks are 1, 2 and 5 times powers of ten, or for a wide range powers of ten; both ends are ticks. */
axis axis_logarithmic(double low, double high, int wanted);

/* 0 at the low end, 1 at the high one. */
double axis_place(const axis *a, double x);

#endif
