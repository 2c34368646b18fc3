/* SPDX-License-Identifier: MIT */
/* For each image of one set, the nearest image of another. */
#ifndef NEAREST_H
#define NEAREST_H

#include <cotangent.h>

typedef struct neighbour {
    double distance;  /* Euclidean, in the units of the rows */
    int64_t index;    /* of a row of y; where several are equally near, whichever rounding prefers */
} neighbour;

/* Into out [n]. x float32 [n, ...] and y float32 [m, ...], contiguous, with equal row sizes, n and m at least 1. Which row
 * is the nearest is found by matrix products in float32, so that one may be taken for another as near to some six digits;
 * its distance is then computed in float64. Threads 0: one a core; the result does not depend on it. CT_E_NUMERIC, naming
 * the row, when one of x is not finite. */
bool nearest_rows(const ct_tensor *x, const ct_tensor *y, int64_t threads, neighbour *out, ct_error *err);

#endif
