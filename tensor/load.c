/* SPDX-License-Identifier: MIT */
/* Part of a strided array into contiguous memory. */
#include "walk.h"

#include <cotangent/kernels.h>

void ct_array_load(const ct_array *a, int64_t start, int64_t n, void *to)
{
    if (n <= 0)
        return;
    ct_walk w = ct_walk_of(a);
    ct_walk_load(&w, start, n, to);
}
