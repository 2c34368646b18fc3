/* SPDX-License-Identifier: MIT */
/* Views of tensors: the arguments are checked here, the strides worked out by the views of arrays. */
#include <cotangent/tensor.h>

#include "handle.h"

static ct_tensor *view(ct_tensor *t, ct_array array, ct_error *err)
{
    return ct_tensor_handle(ct_storage_retain(t->storage), array, err);
}

static bool is_there(const ct_tensor *t, ct_error *err)
{
    return t || ct_fail(err, CT_E_ARGUMENT, "no tensor to look at: it is NULL");
}

/* order as numbers 0..rank-1, each once. */
static bool check_order(ct_shape shape, const ct_axes *axes, int order[CT_MAX_RANK], ct_error *err)
{
    unsigned seen = 0;
    if (axes->count != shape.rank)
        return ct_fail(err, CT_E_SHAPE, "permute: %d axes given for shape %s, expected %d", axes->count,
                       CT_SHAPE_TEXT(shape), shape.rank);
    for (int i = 0; i < axes->count; i++) {
        order[i] = ct_shape_axis(shape, axes->axis[i]);
        if (order[i] < 0)
            return ct_fail(err, CT_E_SHAPE, "permute: shape %s has no axis %d", CT_SHAPE_TEXT(shape), axes->axis[i]);
        if (seen & 1u << order[i])
            return ct_fail(err, CT_E_SHAPE, "permute: axis %d of shape %s is given twice", order[i],
                           CT_SHAPE_TEXT(shape));
        seen |= 1u << order[i];
    }
    return true;
}

ct_tensor *(ct_tensor_permute)(ct_tensor *t, const ct_axes *axes, ct_error *err)
{
    if (!is_there(t, err))
        return NULL;
    int order[CT_MAX_RANK];
    if (!check_order(t->array.shape, axes, order, err))
        return NULL;
    return view(t, ct_array_permute(t->array, order), err);
}

static bool check_slice(ct_shape shape, int axis, int64_t start, int64_t stop, int64_t step, ct_error *err)
{
    int64_t extent = ct_shape_dim(shape, axis);
    if (ct_shape_axis(shape, axis) < 0)
        return ct_fail(err, CT_E_SHAPE, "slice: shape %s has no axis %d", CT_SHAPE_TEXT(shape), axis);
    if (start < 0 || stop < start || stop > extent)
        return ct_fail(err, CT_E_ARGUMENT, "slice: %lld..%lld on axis %d of shape %s, expected 0 <= start <= stop <= %lld",
                       (long long)start, (long long)stop, axis, CT_SHAPE_TEXT(shape), (long long)extent);
    if (step < 1)
        return ct_fail(err, CT_E_ARGUMENT, "slice: step %lld, expected 1 or more", (long long)step);
    return true;
}

ct_tensor *ct_tensor_slice(ct_tensor *t, int axis, int64_t start, int64_t stop, int64_t step, ct_error *err)
{
    if (!is_there(t, err))
        return NULL;
    if (!check_slice(t->array.shape, axis, start, stop, step, err))
        return NULL;
    int64_t span = stop - start, count = span / step + (span % step != 0);
    return view(t, ct_array_slice(t->array, ct_shape_axis(t->array.shape, axis), start, count, step), err);
}

/* Put axes of extent 1 in front until the rank is `rank`. */
static ct_array lead(ct_array a, int rank)
{
    ct_array result = {a.data, a.dtype, {rank, {0}}, {0}};
    int added = rank - a.shape.rank;
    for (int i = 0; i < rank; i++) {
        result.shape.dim[i] = i < added ? 1 : a.shape.dim[i - added];
        result.stride[i] = i < added ? 0 : a.stride[i - added];
    }
    return result;
}

ct_tensor *ct_tensor_broadcast(ct_tensor *t, ct_shape shape, ct_error *err)
{
    if (!is_there(t, err))
        return NULL;
    ct_shape both;
    if (!ct_shape_check(shape, err) || !ct_shape_broadcast(t->array.shape, shape, &both, err))
        return NULL;
    if (!ct_shape_equal(both, shape)) {
        ct_fail(err, CT_E_SHAPE, "shape %s cannot be broadcast to %s", CT_SHAPE_TEXT(t->array.shape),
                CT_SHAPE_TEXT(shape));
        return NULL;
    }
    return view(t, ct_array_broadcast(lead(t->array, shape.rank), shape), err);
}

/* Replace the one extent of -1, if any, by what makes the counts equal. */
static bool complete(ct_shape *shape, int64_t count, ct_error *err)
{
    ct_shape known = *shape;
    int unknown = -1;
    for (int i = 0; i < shape->rank && shape->rank <= CT_MAX_RANK; i++)
        if (shape->dim[i] == -1 && unknown < 0) {
            unknown = i;
            known.dim[i] = 1;
        }
    if (!ct_shape_check(known, err))
        return false;
    int64_t rest = ct_shape_count(known);
    if (unknown >= 0 && rest != 0 && count % rest == 0)
        shape->dim[unknown] = count / rest;
    return true;
}

ct_tensor *ct_tensor_reshape(ct_tensor *t, ct_shape shape, ct_error *err)
{
    if (!is_there(t, err))
        return NULL;
    ct_shape wanted = shape;
    ct_array array;
    if (!complete(&shape, ct_tensor_count(t), err))
        return NULL;
    if (ct_shape_count(shape) != ct_tensor_count(t) || !ct_shape_check(shape, NULL)) {
        ct_fail(err, CT_E_SHAPE, "shape %s (%lld elements) cannot be reshaped to %s", CT_SHAPE_TEXT(t->array.shape),
                (long long)ct_tensor_count(t), CT_SHAPE_TEXT(wanted));
        return NULL;
    }
    if (ct_array_reshape(t->array, shape, &array))
        return view(t, array, err);
    ct_tensor *copy = ct_tensor_cast(t, t->array.dtype, err);
    if (copy)
        copy->array = ct_array_make(copy->array.data, copy->array.dtype, shape);
    return copy;
}
