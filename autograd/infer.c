/* SPDX-License-Identifier: MIT */
/* Shape rules that many ops share, and what else ops share. */
#include "graph_impl.h"

static const char *known_dtypes(const ct_op *op)
{
    return op->map[CT_I32] ? "float32, float64 or int32" : "float32 or float64";
}

bool ct_infer_same(ct_infer *c)
{
    ct_var *const *x = c->x;
    if (!c->op->map[x[0]->dtype])
        return ct_infer_fail(c, CT_E_DTYPE, "expects %s, got %s", known_dtypes(c->op), ct_dtype_name(x[0]->dtype));
    for (int i = 1; i < c->n; i++) {
        if (x[i]->dtype != x[0]->dtype)
            return ct_infer_fail(c, CT_E_DTYPE, "operands must have one dtype");
        if (!ct_shape_equal(x[i]->shape, x[0]->shape))
            return ct_infer_fail(c, CT_E_SHAPE, "operands must have one shape");
    }
    c->dtype = x[0]->dtype;
    c->shape = x[0]->shape;
    return true;
}

bool ct_infer_float(ct_infer *c, int i)
{
    if (ct_dtype_is_float(c->x[i]->dtype))
        return true;
    return ct_infer_fail(c, CT_E_DTYPE, "expects float32 or float64, got %s", ct_dtype_name(c->x[i]->dtype));
}

bool ct_infer_tensor(ct_infer *c)
{
    const tensor_attr *a = c->attr;
    if (!a->tensor)
        return ct_infer_fail(c, CT_E_ARGUMENT, "the tensor is NULL");
    if (!ct_tensor_is_contiguous(a->tensor))
        return ct_infer_fail(c, CT_E_ARGUMENT, "the tensor must be contiguous: see ct_tensor_contiguous");
    c->shape = ct_tensor_shape(a->tensor);
    c->dtype = ct_tensor_dtype(a->tensor);
    return true;
}

bool ct_accepts_any(int i, const ct_array *x)
{
    return i != CT_RESULT || ct_array_is_contiguous(x);
}
