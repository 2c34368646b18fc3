/* SPDX-License-Identifier: MIT */
/* Reductions made of sum and max: with the axes kept, over all axes, and means. */
#include "../ops/common.h"

/* The shape of x with extent 1 on axes that exist. */
static ct_shape keep(const ct_var *x, const ct_axes *axes)
{
    ct_shape shape = ct_var_shape(x);
    for (int i = 0; i < axes->count; i++)
        shape.dim[ct_shape_axis(shape, axes->axis[i])] = 1;
    return shape;
}

static ct_axes all_axes(const ct_var *x)
{
    ct_axes axes = {ct_var_rank(x), {0}};
    for (int i = 0; i < axes.count; i++)
        axes.axis[i] = i;
    return axes;
}

/* sum, of some axes of x, over how many elements went into each. */
static ct_var *divided(ct_site at, ct_var *sum, const ct_var *x, const ct_axes *axes)
{
    double count = 1;
    for (int i = 0; i < axes->count && sum; i++)
        count *= (double)ct_var_dim(x, axes->axis[i]);
    if (sum && !ct_dtype_is_float(ct_var_dtype(sum)))
        return ct_refuse(at, "mean", CT_E_DTYPE, x, "expects float32 or float64: ct_cast it first");
    return sum ? ct_div_at(at, sum, ct_full_like_at(at, sum, count)) : NULL;
}

ct_var *(ct_sum_keep_at)(ct_site at, ct_var *x, const ct_axes *axes)
{
    ct_var *y = (ct_sum_at)(at, x, axes);
    return y ? ct_reshape_at(at, y, keep(x, axes)) : NULL;
}

ct_var *(ct_max_keep_at)(ct_site at, ct_var *x, const ct_axes *axes)
{
    ct_var *y = (ct_max_at)(at, x, axes);
    return y ? ct_reshape_at(at, y, keep(x, axes)) : NULL;
}

ct_var *ct_sum_all_at(ct_site at, ct_var *x)
{
    return ct_sum_at(at, x, all_axes(x));
}

ct_var *(ct_mean_at)(ct_site at, ct_var *x, const ct_axes *axes)
{
    return divided(at, (ct_sum_at)(at, x, axes), x, axes);
}

ct_var *(ct_mean_keep_at)(ct_site at, ct_var *x, const ct_axes *axes)
{
    return divided(at, (ct_sum_keep_at)(at, x, axes), x, axes);
}

ct_var *ct_mean_all_at(ct_site at, ct_var *x)
{
    return ct_mean_at(at, x, all_axes(x));
}
