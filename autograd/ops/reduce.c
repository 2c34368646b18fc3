/* SPDX-License-Identifier: MIT */
/* What the reductions share. */
#include "reduce.h"

/* The shape of x with extent 1 on the reduced axes. */
static ct_shape keep(ct_shape x, uint32_t axes)
{
    for (int i = 0; i < x.rank; i++)
        if (axes >> i & 1)
            x.dim[i] = 1;
    return x;
}

ct_var *ct_reduce_apply(ct_site at, const ct_op *op, ct_var *x, const ct_axes *axes)
{
    ct_reduce_attr attr = {0};
    for (int i = 0; x && i < axes->count && i < CT_MAX_RANK; i++) {
        int axis = ct_shape_axis(ct_var_shape(x), axes->axis[i]);
        if (axis < 0)
            return ct_refuse(at, op->name, CT_E_SHAPE, x, "there is no axis %d", axes->axis[i]);
        if (attr.axes >> axis & 1)
            return ct_refuse(at, op->name, CT_E_SHAPE, x, "axis %d is given twice", axes->axis[i]);
        attr.axes |= 1u << axis;
    }
    return ct_apply(NULL, at, op, 1, &x, &attr);
}

bool ct_reduce_infer(ct_infer *c)
{
    const ct_reduce_attr *over = c->attr;
    ct_shape x = ct_var_shape(c->x[0]);
    if (!ct_dtype_is_float(ct_var_dtype(c->x[0])) && ct_var_dtype(c->x[0]) != CT_I32)
        return ct_infer_fail(c, CT_E_DTYPE, "expects float32, float64 or int32, got %s", ct_dtype_name(ct_var_dtype(c->x[0])));
    if (over->axes >> x.rank)
        return ct_infer_fail(c, CT_E_SHAPE, "axes %#x are beyond rank %d", (unsigned)over->axes, x.rank);
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = CT_SCALAR;
    for (int i = 0; i < x.rank; i++)
        if (!(over->axes >> i & 1))
            c->shape.dim[c->shape.rank++] = x.dim[i];
    return true;
}

ct_var *ct_reduce_simplify(const ct_infer *c)
{
    const ct_reduce_attr *over = c->attr;
    ct_shape x = ct_var_shape(c->x[0]);
    return ct_shape_equal(keep(x, over->axes), x) ? ct_reshape_at(c->at, c->x[0], c->shape) : NULL;
}

bool ct_reduce_narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    const ct_reduce_attr *over = ct_var_attr(y);
    int axis = 0;
    for (int left = of.axis; left > 0 || over->axes >> axis & 1; axis++)
        left -= !(over->axes >> axis & 1);
    out->x[0] = (ct_range){axis, of.from, of.to};
    return true;
}

double ct_reduce_flops(const void *attr, int n, const ct_array *x, const ct_array *y)
{
    (void)attr, (void)n, (void)y;
    return (double)ct_array_count(&x[0]);
}

ct_array ct_reduce_keep(ct_array y, ct_shape x, uint32_t axes)
{
    return ct_array_make(y.data, y.dtype, keep(x, axes));
}

ct_var *ct_reduce_spread(ct_var *y, ct_var *v)
{
    const ct_reduce_attr *over = ct_var_attr(y);
    ct_shape x = ct_var_shape(ct_var_input(y, 0));
    return ct_broadcast_at(AT(y), ct_reshape_at(AT(y), v, keep(x, over->axes)), x);
}
