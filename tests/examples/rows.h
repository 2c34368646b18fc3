/* SPDX-License-Identifier: MIT */
/* Sets of rows to measure. */
#ifndef ROWS_H
#define ROWS_H

#include <cotangent.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

/* Normal numbers, float32 [n, width]; to be freed. */
static inline float *normal_rows(int64_t n, int64_t width, const char *stream, uint64_t step)
{
    float *x = malloc((size_t)(n * width) * sizeof *x);
    assert_non_null(x);
    ct_random_normal(ct_array_make(x, CT_F32, CT_SHAPE(n, width)), (ct_random_key){1, ct_random_stream(stream), step}, 1);
    return x;
}

#endif
