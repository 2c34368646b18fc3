/* SPDX-License-Identifier: MIT */
/* A borrowed, strided view on numbers, passed by value: what the kernels and an op's eval work on.
 * Nothing here allocates or fails; shapes have been checked when the graph was built. */
#ifndef COTANGENT_ARRAY_H
#define COTANGENT_ARRAY_H

#include <cotangent/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_array {
    void *data;                    /* element [0, ..., 0] */
    ct_dtype dtype;
    ct_shape shape;
    int64_t stride[CT_MAX_RANK];   /* in elements; 0 repeats an element along the axis */
} ct_array;

CT_API ct_array ct_array_of(const ct_tensor *t);
/* Contiguous, row-major. */
CT_API ct_array ct_array_make(void *data, ct_dtype dtype, ct_shape shape);
CT_API bool ct_array_is_contiguous(const ct_array *a);
CT_API int64_t ct_array_count(const ct_array *a);

/* Views of an array; the arguments are valid. */
CT_API ct_array ct_array_permute(ct_array a, const int *order);
CT_API ct_array ct_array_slice(ct_array a, int axis, int64_t start, int64_t count, int64_t step);
CT_API ct_array ct_array_broadcast(ct_array a, ct_shape shape);  /* same rank; extents 1 grow with stride 0 */
/* Strides for `shape` over the same memory into *out; false when that needs a copy. Counts are equal. */
CT_API bool ct_array_reshape(ct_array a, ct_shape shape, ct_array *out);

#ifdef __cplusplus
}
#endif
#endif
