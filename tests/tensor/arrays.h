/* SPDX-License-Identifier: MIT */
/* What the kernel tests share: elements of strided arrays one by one, random contents, comparisons that print both
 * numbers. */
#ifndef ARRAYS_H
#define ARRAYS_H

#include "support.h"

#include <cotangent/array.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Offset of element i in row-major order of the shape. */
static inline int64_t element_offset(const ct_array *a, int64_t i)
{
    int64_t offset = 0;
    for (int axis = a->shape.rank - 1; axis >= 0; axis--) {
        offset += i % a->shape.dim[axis] * a->stride[axis];
        i /= a->shape.dim[axis];
    }
    return offset;
}

static inline double element(const ct_array *a, int64_t i)
{
    int64_t at = element_offset(a, i);
    switch (a->dtype) {
    case CT_F32: return ((const float *)a->data)[at];
    case CT_F64: return ((const double *)a->data)[at];
    case CT_I32: return ((const int32_t *)a->data)[at];
    default: return ((const uint8_t *)a->data)[at];
    }
}

static inline void set_element(ct_array *a, int64_t i, double value)
{
    int64_t at = element_offset(a, i);
    switch (a->dtype) {
    case CT_F32: ((float *)a->data)[at] = (float)value; break;
    case CT_F64: ((double *)a->data)[at] = value; break;
    case CT_I32: ((int32_t *)a->data)[at] = (int32_t)value; break;
    default: ((uint8_t *)a->data)[at] = (uint8_t)value; break;
    }
}

/* A contiguous array on memory of its own (free(a.data)), at least one byte, with values in [low, high). */
static inline ct_array new_array(ct_dtype dtype, ct_shape shape, support_rng *rng, double low, double high)
{
    int64_t count = ct_shape_count(shape);
    void *data = calloc((size_t)count + 1, ct_dtype_size(dtype));
    assert_non_null(data);
    ct_array a = ct_array_make(data, dtype, shape);
    for (int64_t i = 0; i < count; i++)
        set_element(&a, i, support_uniform(rng, low, high));
    return a;
}

static inline size_t array_bytes(const ct_array *a)
{
    return (size_t)ct_array_count(a) * ct_dtype_size(a->dtype);
}

static inline ct_array new_zeros(ct_dtype dtype, ct_shape shape)
{
    support_rng rng = {1};
    return new_array(dtype, shape, &rng, 0, 0);
}

/* A random view of `base` (rank 3): permuted, sliced, one axis possibly repeated with stride 0. */
static inline ct_array random_view(ct_array base, support_rng *rng)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    ct_array a = ct_array_permute(base, orders[support_below(rng, 6)]);
    for (int axis = 0; axis < 3; axis++) {
        int64_t start = support_below(rng, a.shape.dim[axis]), step = 1 + support_below(rng, 2);
        int64_t count = 1 + support_below(rng, (a.shape.dim[axis] - 1 - start) / step + 1);
        if (support_below(rng, 2))
            a = ct_array_slice(a, axis, start, count, step);
    }
    int axis = (int)support_below(rng, 6);
    if (axis < 3) {
        a = ct_array_slice(a, axis, 0, 1, 1);
        ct_shape wide = a.shape;
        wide.dim[axis] = 1 + support_below(rng, 9);
        a = ct_array_broadcast(a, wide);
    }
    return a;
}

/* Every element of `a` against `expected`; `scale` times the larger of 1 and |expected| is allowed. */
static inline void assert_elements(const ct_array *a, const double *expected, double scale, const char *what)
{
    for (int64_t i = 0; i < ct_array_count(a); i++) {
        double got = element(a, i), allowed = scale * fmax(1, fabs(expected[i]));
        if (!(fabs(got - expected[i]) <= allowed) && !(isnan(got) && isnan(expected[i])))
            fail_msg("%s: element %lld is %.17g, expected %.17g", what, (long long)i, got, expected[i]);
    }
}

static inline void assert_same_bits(const ct_array *a, const ct_array *b, const char *what)
{
    for (int64_t i = 0; i < ct_array_count(a); i++) {
        size_t size = ct_dtype_size(a->dtype), at = (size_t)i * size;
        if (memcmp((char *)a->data + at, (char *)b->data + at, size) != 0)
            fail_msg("%s: element %lld is %.17g in one, %.17g in the other", what, (long long)i, element(a, i),
                element(b, i));
    }
}

#endif
