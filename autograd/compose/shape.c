/* SPDX-License-Identifier: MIT */
/* Shape functions made of permute and slice, and one-hot vectors. */
#include "../ops/common.h"

ct_var *ct_transpose_at(ct_site at, ct_var *x, int axis0, int axis1)
{
    ct_shape shape = ct_var_shape(x);
    int i = ct_shape_axis(shape, axis0), j = ct_shape_axis(shape, axis1);
    ct_axes order = {shape.rank, {0}};
    if (x && (i < 0 || j < 0))
        return ct_refuse(at, "transpose", CT_E_SHAPE, x, "there is no axis %d", i < 0 ? axis0 : axis1);
    for (int k = 0; k < shape.rank; k++)
        order.axis[k] = k == i ? j : k == j ? i : k;
    return ct_permute_at(at, x, order);
}

static bool check_chunks(ct_site at, ct_var *x, int n, int axis)
{
    if (!x)
        return false;
    if (ct_shape_axis(ct_var_shape(x), axis) < 0)
        ct_refuse(at, "chunk", CT_E_SHAPE, x, "there is no axis %d", axis);
    else if (n < 1 || ct_var_dim(x, axis) % n)
        ct_refuse(at, "chunk", CT_E_SHAPE, x, "extent %lld of axis %d cannot be cut into %d equal parts", (long long)ct_var_dim(x, axis), axis, n);
    return !ct_graph_error(ct_var_graph(x));
}

bool ct_chunk_at(ct_site at, ct_var *x, int n, int axis, ct_var **out)
{
    bool ok = check_chunks(at, x, n, axis);
    int64_t part = ok ? ct_var_dim(x, axis) / n : 0;
    for (int i = 0; i < n; i++) {
        out[i] = ok ? ct_slice_at(at, x, axis, i * part, (i + 1) * part, 1) : NULL;
        ok = ok && out[i];
    }
    for (int i = 0; i < n && !ok; i++)
        out[i] = NULL;
    return ok;
}

ct_var *ct_one_hot_at(ct_site at, ct_var *index, int64_t n, ct_dtype dtype)
{
    ct_shape column = ct_var_shape(index);
    if (index && ct_var_dtype(index) != CT_I32)
        return ct_refuse(at, "one_hot", CT_E_DTYPE, index, "the index must be int32");
    if (index && ((!ct_dtype_is_float(dtype) && (unsigned)dtype < CT_DTYPES) || column.rank == CT_MAX_RANK))
        return ct_refuse(at, "one_hot", CT_E_ARGUMENT, index, "expects a float dtype and an index of rank below %d", CT_MAX_RANK);
    if (index && (n < 0 || n > INT32_MAX))
        return ct_refuse(at, "one_hot", CT_E_ARGUMENT, index, "%lld classes, expected 0 to %d", (long long)n, INT32_MAX);
    if (!index)
        return NULL;
    column.dim[column.rank++] = 1;
    ct_var *classes = ct_iota_at(at, ct_var_graph(index), CT_I32, n);
    return ct_cast_at(at, ct_equal_at(at, ct_reshape_at(at, index, column), classes), dtype);
}
