/* SPDX-License-Identifier: MIT */
/* Tensor handles: making them, sharing them, reading what they are, and moving numbers through them. */
#include <cotangent/kernels.h>
#include <cotangent/tensor.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"

ct_tensor *ct_tensor_handle(ct_storage *storage, ct_array array, ct_error *err)
{
    ct_tensor *t = storage ? malloc(sizeof *t) : NULL;
    if (!t) {
        if (storage)
            ct_fail(err, CT_E_MEMORY, "no memory for a tensor handle (%zu bytes)", sizeof *t);
        ct_storage_release(storage);
        return NULL;
    }
    atomic_init(&t->owners, 1);
    t->storage = storage;
    t->array = array;
    return t;
}

static bool check_kind(ct_dtype dtype, ct_shape shape, ct_error *err)
{
    if ((unsigned)dtype >= CT_DTYPES)
        return ct_fail(err, CT_E_DTYPE, "%d is not a dtype, expected 0 to %d", (int)dtype, CT_DTYPES - 1);
    return ct_shape_check(shape, err);
}

static bool check_data(ct_dtype dtype, ct_shape shape, const void *data, ct_error *err)
{
    if (!check_kind(dtype, shape, err))
        return false;
    if (!data && ct_shape_count(shape) > 0)
        return ct_fail(err, CT_E_ARGUMENT, "no data for a tensor of shape %s", CT_SHAPE_TEXT(shape));
    return true;
}

ct_tensor *ct_tensor_new(ct_dtype dtype, ct_shape shape, ct_error *err)
{
    if (!check_kind(dtype, shape, err))
        return NULL;
    ct_storage *storage = ct_storage_new((size_t)ct_shape_count(shape) * ct_dtype_size(dtype), err);
    if (!storage) {
        ct_fail_prefix(err, "%s %s", ct_dtype_name(dtype), CT_SHAPE_TEXT(shape));
        return NULL;
    }
    return ct_tensor_handle(storage, ct_array_make(ct_storage_data(storage), dtype, shape), err);
}

ct_tensor *ct_tensor_wrap(ct_dtype dtype, ct_shape shape, void *data, ct_error *err)
{
    if (!check_data(dtype, shape, data, err))
        return NULL;
    if ((uintptr_t)data % ct_dtype_size(dtype) != 0) {
        ct_fail(err, CT_E_ARGUMENT, "data for a %s tensor is not aligned to %zu bytes", ct_dtype_name(dtype),
                ct_dtype_size(dtype));
        return NULL;
    }
    return ct_tensor_handle(ct_storage_borrow(data, err), ct_array_make(data, dtype, shape), err);
}

ct_tensor *ct_tensor_from(ct_dtype dtype, ct_shape shape, const void *data, ct_error *err)
{
    ct_tensor *t = check_data(dtype, shape, data, err) ? ct_tensor_new(dtype, shape, err) : NULL;
    if (t && data)
        memcpy(t->array.data, data, ct_tensor_bytes(t));
    return t;
}

ct_tensor *ct_tensor_retain(ct_tensor *t)
{
    if (t)
        atomic_fetch_add_explicit(&t->owners, 1, memory_order_relaxed);
    return t;
}

void ct_tensor_free(ct_tensor *t)
{
    if (!t || atomic_fetch_sub_explicit(&t->owners, 1, memory_order_acq_rel) != 1)
        return;
    ct_storage_release(t->storage);
    free(t);
}

ct_dtype ct_tensor_dtype(const ct_tensor *t)
{
    return t ? t->array.dtype : CT_F32;
}

ct_shape ct_tensor_shape(const ct_tensor *t)
{
    return t ? t->array.shape : CT_SCALAR;
}

const int64_t *ct_tensor_strides(const ct_tensor *t)
{
    return t ? t->array.stride : NULL;
}

int64_t ct_tensor_count(const ct_tensor *t)
{
    return t ? ct_array_count(&t->array) : 0;
}

size_t ct_tensor_bytes(const ct_tensor *t)
{
    return t ? (size_t)ct_tensor_count(t) * ct_dtype_size(t->array.dtype) : 0;
}

bool ct_tensor_is_contiguous(const ct_tensor *t)
{
    return t ? ct_array_is_contiguous(&t->array) : false;
}

void *ct_tensor_data(const ct_tensor *t)
{
    return t ? t->array.data : NULL;
}

ct_tensor *ct_tensor_contiguous(ct_tensor *t, ct_error *err)
{
    if (t && ct_tensor_is_contiguous(t))
        return ct_tensor_retain(t);
    return ct_tensor_cast(t, t ? t->array.dtype : CT_F32, err);
}

ct_tensor *ct_tensor_cast(const ct_tensor *t, ct_dtype dtype, ct_error *err)
{
    if (!t) {
        ct_fail(err, CT_E_ARGUMENT, "no tensor to copy");
        return NULL;
    }
    ct_tensor *copy = ct_tensor_new(dtype, t->array.shape, err);
    if (copy)
        ct_copy(copy->array, t->array, 1);
    return copy;
}

/* Two handles on one storage may overlap in any pattern, so the elements then go through a copy. */
bool ct_tensor_copy(ct_tensor *dst, const ct_tensor *src, ct_error *err)
{
    if (!dst || !src)
        return ct_fail(err, CT_E_ARGUMENT, "no tensor to copy %s", dst ? "from" : "to");
    if (!ct_shape_equal(dst->array.shape, src->array.shape))
        return ct_fail(err, CT_E_SHAPE, "cannot copy shape %s into shape %s", CT_SHAPE_TEXT(src->array.shape),
                       CT_SHAPE_TEXT(dst->array.shape));
    if (dst->storage != src->storage) {
        ct_copy(dst->array, src->array, 1);
        return true;
    }
    ct_tensor *copy = ct_tensor_cast(src, dst->array.dtype, err);
    if (copy)
        ct_copy(dst->array, copy->array, 1);
    ct_tensor_free(copy);
    return copy != NULL;
}

void ct_tensor_fill(ct_tensor *t, double value)
{
    if (t)
        ct_fill(t->array, value, 1);
}

/* Element number i as an array of rank 0. */
static ct_array element(const ct_tensor *t, int64_t i)
{
    const ct_array *a = &t->array;
    int64_t offset = 0;
    for (int axis = a->shape.rank - 1; axis >= 0; axis--) {
        offset += i % a->shape.dim[axis] * a->stride[axis];
        i /= a->shape.dim[axis];
    }
    char *data = (char *)a->data + offset * (int64_t)ct_dtype_size(a->dtype);
    return ct_array_make(data, a->dtype, CT_SCALAR);
}

double ct_tensor_get(const ct_tensor *t, int64_t i)
{
    if (i < 0 || i >= ct_tensor_count(t))
        return NAN;
    const void *data = element(t, i).data;
    switch (t->array.dtype) {
    case CT_F32: return *(const float *)data;
    case CT_F64: return *(const double *)data;
    case CT_I32: return *(const int32_t *)data;
    case CT_U8: return *(const uint8_t *)data;
    }
    return NAN;
}

void ct_tensor_set(ct_tensor *t, int64_t i, double value)
{
    if (i >= 0 && i < ct_tensor_count(t))
        ct_fill(element(t, i), value, 1);
}
