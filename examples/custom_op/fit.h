/* SPDX-License-Identifier: MIT */
/* A small training with both ops. */
#ifndef FIT_H
#define FIT_H

#include <cotangent.h>

/* Fits a curve given by its derivative: a small network says how steep it is at each point, and a running sum adds that
 * up. Prints the mean squared error before and after. */
bool fit_curve(int64_t steps, uint64_t seed, ct_error *err);

#endif
