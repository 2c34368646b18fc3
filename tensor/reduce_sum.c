/* SPDX-License-Identifier: MIT */
/* Sums. int32 wraps: it is added as unsigned. */
#include "reduce.h"

#include <cotangent/kernels.h>
#include <cotangent/team.h>

#define COMBINE(a, b) ((a) + (b))
#define COMBINE_LANES(V, a, b) ((a) + (b))
#define NEUTRAL 0

#define T float
#define REDUCE(kind) kind##_sum_f32
#include "reduce_loops.h"

#define T double
#define REDUCE(kind) kind##_sum_f64
#include "reduce_loops.h"

#define T uint32_t
#define REDUCE(kind) kind##_sum_i32
#include "reduce_loops.h"

void ct_column_sum_f32(int64_t rows, int64_t columns, const void *x, void *into)
{
    add_rows_sum_f32(rows, columns, columns, x, into, 0);
}

void ct_column_sum_f64(int64_t rows, int64_t columns, const void *x, void *into)
{
    add_rows_sum_f64(rows, columns, columns, x, into, 0);
}
