/* SPDX-License-Identifier: MIT */
/* Views of a ct_array: only shape, strides and the address of the first element change. */
#include <cotangent/array.h>

#include <string.h>

ct_array ct_array_of(const ct_tensor *t)
{
    ct_array a = {ct_tensor_data(t), ct_tensor_dtype(t), ct_tensor_shape(t), {0}};
    memcpy(a.stride, ct_tensor_strides(t), (size_t)a.shape.rank * sizeof a.stride[0]);
    return a;
}

ct_array ct_array_make(void *data, ct_dtype dtype, ct_shape shape)
{
    ct_array a = {data, dtype, shape, {0}};
    ct_shape_strides(shape, a.stride);
    return a;
}

int64_t ct_array_count(const ct_array *a)
{
    return ct_shape_count(a->shape);
}

/* The stride of an axis of extent 1 is never used, so it does not matter; nor does any when there are no elements. */
bool ct_array_is_contiguous(const ct_array *a)
{
    int64_t expected = 1;
    if (ct_array_count(a) == 0)
        return true;
    for (int i = a->shape.rank - 1; i >= 0; i--) {
        if (a->shape.dim[i] != 1 && a->stride[i] != expected)
            return false;
        expected *= a->shape.dim[i];
    }
    return true;
}

ct_array ct_array_permute(ct_array a, const int *order)
{
    ct_array result = a;
    for (int i = 0; i < a.shape.rank; i++) {
        result.shape.dim[i] = a.shape.dim[order[i]];
        result.stride[i] = a.stride[order[i]];
    }
    return result;
}

/* An empty slice keeps the address: `start` may lie one past the last element. */
ct_array ct_array_slice(ct_array a, int axis, int64_t start, int64_t count, int64_t step)
{
    if (count > 0)
        a.data = (char *)a.data + start * a.stride[axis] * (int64_t)ct_dtype_size(a.dtype);
    a.stride[axis] *= count > 1 ? step : 1;
    a.shape.dim[axis] = count;
    return a;
}

ct_array ct_array_broadcast(ct_array a, ct_shape shape)
{
    for (int i = 0; i < a.shape.rank; i++)
        if (a.shape.dim[i] != shape.dim[i])
            a.stride[i] = 0;
    a.shape = shape;
    return a;
}

/* Drop the axes of extent 1. */
static ct_array squeeze(ct_array a)
{
    int rank = 0;
    for (int i = 0; i < a.shape.rank; i++)
        if (a.shape.dim[i] != 1) {
            a.shape.dim[rank] = a.shape.dim[i];
            a.stride[rank++] = a.stride[i];
        }
    a.shape.rank = rank;
    return a;
}

/* Whether axes first..last-1 can be walked as one, with the stride of the innermost. */
static bool mergeable(const ct_array *a, int first, int last)
{
    for (int i = first; i + 1 < last; i++)
        if (a->stride[i] != a->stride[i + 1] * a->shape.dim[i + 1])
            return false;
    return true;
}

/* Both shapes are cut, from the left, into the shortest runs of axes with equal products; each run of the old shape
 * must be mergeable, and its innermost stride is that of the new run's innermost axis. */
static bool restride(const ct_array *old, ct_array *new)
{
    int i = 0, j = 0;
    while (i < old->shape.rank && j < new->shape.rank) {
        int old_end = i + 1, new_end = j + 1;
        int64_t old_count = old->shape.dim[i], new_count = new->shape.dim[j];
        while (old_count != new_count) {
            if (new_count < old_count)
                new_count *= new->shape.dim[new_end++];
            else
                old_count *= old->shape.dim[old_end++];
        }
        if (!mergeable(old, i, old_end))
            return false;
        int64_t stride = old->stride[old_end - 1];
        for (int k = new_end - 1; k >= j; k--) {
            new->stride[k] = stride;
            stride *= new->shape.dim[k];
        }
        i = old_end;
        j = new_end;
    }
    return true;
}

bool ct_array_reshape(ct_array a, ct_shape shape, ct_array *out)
{
    ct_array old = squeeze(a), new = ct_array_make(a.data, a.dtype, shape);
    if (!ct_array_is_contiguous(&a) && !restride(&old, &new))
        return false;
    *out = new;
    return true;
}
