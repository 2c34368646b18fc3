/* SPDX-License-Identifier: MIT */
/* Tensors: numbers in memory. A tensor is a handle (dtype, shape, strides) on reference-counted storage that
 * several handles may share. `new` and `cast` own fresh storage, `wrap` borrows the caller's, views share.
 * Every ct_tensor * returned is owned by the caller and released with ct_tensor_free; NULL means an error. */
#ifndef COTANGENT_TENSOR_H
#define COTANGENT_TENSOR_H

#include <cotangent/shape.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor ct_tensor;

/* Zero-filled, contiguous, aligned to 64 bytes. */
CT_API ct_tensor *ct_tensor_new(ct_dtype dtype, ct_shape shape, ct_error *err);
/* A handle on `data` (contiguous, row-major), which stays the caller's and must outlive every handle on it. */
CT_API ct_tensor *ct_tensor_wrap(ct_dtype dtype, ct_shape shape, void *data, ct_error *err);
/* A copy of `data` (contiguous, row-major, of `dtype`). */
CT_API ct_tensor *ct_tensor_from(ct_dtype dtype, ct_shape shape, const void *data, ct_error *err);
/* One more owner of the same handle; returns `t`. Reference counts are atomic. */
CT_API ct_tensor *ct_tensor_retain(ct_tensor *t);
CT_API void ct_tensor_free(ct_tensor *t);  /* NULL is allowed */

CT_API ct_dtype ct_tensor_dtype(const ct_tensor *t);
CT_API ct_shape ct_tensor_shape(const ct_tensor *t);
CT_API const int64_t *ct_tensor_strides(const ct_tensor *t);  /* in elements; one per axis */
CT_API int64_t ct_tensor_count(const ct_tensor *t);           /* elements */
CT_API size_t ct_tensor_bytes(const ct_tensor *t);            /* count times the element's size */
CT_API bool ct_tensor_is_contiguous(const ct_tensor *t);      /* row-major without gaps */
CT_API void *ct_tensor_data(const ct_tensor *t);              /* address of element [0, ..., 0] */

/* Views: share storage, copy nothing. */
/* Axis i of the result is axis order.axis[i] of t: ct_tensor_permute(t, CT_AXES(1, 0), &err). */
CT_API ct_tensor *ct_tensor_permute(ct_tensor *t, const ct_axes *order, ct_error *err);
typedef struct ct_permute_arguments { ct_axes order; ct_error *err; } ct_permute_arguments;
static inline ct_tensor *ct_tensor_permute_by(ct_tensor *t, const ct_permute_arguments *a) { return ct_tensor_permute(t, &a->order, a->err); }
#define ct_tensor_permute(t, ...) (ct_barrier(), ct_tensor_permute_by((t), CT_POINTER(ct_permute_arguments, {__VA_ARGS__})))
CT_API ct_tensor *ct_tensor_slice(ct_tensor *t, int axis, int64_t start, int64_t stop, int64_t step, ct_error *err);  /* step >= 1 */
CT_API ct_tensor *ct_tensor_broadcast(ct_tensor *t, ct_shape shape, ct_error *err);  /* NumPy rules; stride 0 on the axes that grow */
/* A view where strides allow it, else a contiguous copy. One extent may be -1: it is worked out. */
CT_API ct_tensor *ct_tensor_reshape(ct_tensor *t, ct_shape shape, ct_error *err);
/* `t` itself (retained) when it is contiguous, else a copy. */
CT_API ct_tensor *ct_tensor_contiguous(ct_tensor *t, ct_error *err);

/* A contiguous copy in another dtype: float to integer truncates towards zero and saturates, NaN becomes 0. */
CT_API ct_tensor *ct_tensor_cast(const ct_tensor *t, ct_dtype dtype, ct_error *err);
/* Copy the elements of src into dst: same shape, any strides, dtypes converted as ct_tensor_cast does. */
CT_API bool ct_tensor_copy(ct_tensor *dst, const ct_tensor *src, ct_error *err);
CT_API void ct_tensor_fill(ct_tensor *t, double value);
/* Element number i in row-major order of the shape (not of memory), converted; NaN when there is none. */
CT_API double ct_tensor_get(const ct_tensor *t, int64_t i);
CT_API void ct_tensor_set(ct_tensor *t, int64_t i, double value);

#ifdef __cplusplus
}
#endif
#endif
