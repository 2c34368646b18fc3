/* SPDX-License-Identifier: MIT */
/* The kernel inception distance (Binkowski et al., arXiv 1801.01401): the squared maximum mean discrepancy between two
 * sets of rows for the kernel k(x, y) = (x . y / width + 1)^3, by the unbiased estimator
 *
 *     mean of k(x_i, x_j) over i != j  +  mean of k(y_i, y_j) over i != j  -  2 mean of k(x_i, y_j)
 *
 * over all rows, not over subsets of them. With x' = (x / sqrt(width), 1) the kernel is (x' . y')^3, and its sum over all
 * pairs is the product of two tensors T, each the sum of x' (x) x' (x) x' over one set. So the work is linear in the
 * number of rows, and only float64 rounds. */
#ifndef KID_H
#define KID_H

#include <cotangent.h>

typedef struct kid_set {
    int64_t width, count;
    double diagonal;      /* sum of k(x_i, x_i) */
    ct_tensor *moment;    /* T, float64 [pairs, width + 1]: pairs a <= b of its first two indices */
    double *rows;         /* [batch, width + 1]: x' of rows that are not yet in T */
    int64_t waiting;      /* how many those are */
    ct_graph *graph;
    ct_program *program;
    ct_var *x;
} kid_set;

/* Of rows of `width` numbers, none so far; threads 0: one a core. To be freed also after a failure. */
bool kid_init(kid_set *s, int64_t width, int64_t threads, ct_error *err);
void kid_free(kid_set *s);

/* n more rows, float32 [n, width]. */
bool kid_add(kid_set *s, int64_t n, const float *rows, ct_error *err);
/* After the last row. How the rows were cut into batches, and the number of threads, do not change a bit. */
bool kid_finish(kid_set *s, ct_error *err);

/* Between two finished sets of equal width; CT_E_ARGUMENT for fewer than two rows. May be a little less than zero. */
bool kid_between(const kid_set *a, const kid_set *b, double *distance, ct_error *err);

#endif
