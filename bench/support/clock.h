/* SPDX-License-Identifier: MIT */
/* Time and memory of this process. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <cotangent/error.h>

/* Seconds since some moment in the past. */
double clock_now(void);

/* Seconds since this process began, before its libraries were loaded: to 1/100 s, the kernel's note of the beginning being rounded
 * down to that. Needs Linux's /proc. */
bool clock_since_start(double *seconds, ct_error *err);

/* The most memory that was resident so far, in bytes. */
long long clock_peak_bytes(void);

#endif
