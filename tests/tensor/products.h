/* SPDX-License-Identifier: MIT */
/* Products with scratch of just the bytes they ask for, and nothing left in it that could help. */
#ifndef PRODUCTS_H
#define PRODUCTS_H

#include "support.h"

#include <cotangent/kernels.h>
#include <stdlib.h>
#include <string.h>

static inline void *new_scratch(size_t bytes)
{
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(scratch);
    return memset(scratch, 0xff, bytes);
}

static inline void multiply(ct_array c, ct_array a, ct_array b, double beta, int threads)
{
    void *scratch = new_scratch(ct_matmul_scratch(c, a, b, threads));
    ct_matmul_kernel(c, a, b, beta, scratch, threads);
    free(scratch);
}

#endif
