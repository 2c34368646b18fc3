/* SPDX-License-Identifier: MIT */
/* Map functions on int32. Sums, products and the absolute value of the smallest number wrap: they are taken on unsigned numbers. */
#include "map_loops.h"

#include <math.h>

MAP(add, i32, int32_t, 2, (int32_t)((uint32_t)u + (uint32_t)v))
MAP(mul, i32, int32_t, 2, (int32_t)((uint32_t)u * (uint32_t)v))
MAP(abs, i32, int32_t, 1, u < 0 ? (int32_t)(0 - (uint32_t)u) : u)
MAP_COMPARISONS(i32, int32_t)

/* An integer given as a double, modulo 2^32; what is not finite is 0. */
static uint32_t wrapped(double value)
{
    return isfinite(value) ? (uint32_t)(int64_t)fmod(value, 4294967296.0) : 0;
}

void ct_map_affine_i32(int64_t n, const void *const *x, void *y, const void *attr)
{
    const ct_affine_attr *affine = attr;
    const uint32_t a = wrapped(affine->a), b = wrapped(affine->b);
    MAP_LOOP_1(int32_t, (int32_t)(a * (uint32_t)u + b));
}
