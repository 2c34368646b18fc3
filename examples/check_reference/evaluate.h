/* SPDX-License-Identifier: MIT */
/* The library's own values for a reference's inputs, compared with the reference's. */
#ifndef CHECK_EVALUATE_H
#define CHECK_EVALUATE_H

#include "reference.h"

/* Largest relative differences; grads: the worst of all tensors. */
typedef struct differences {
    double u, du_dt, loss, grads;
} differences;

/* Builds and runs the step in float64, with the tangent on every row or only on those with r != t. */
bool evaluate(const reference *ref, bool tangent_all_rows, int threads, differences *out, ct_error *err);

#endif
