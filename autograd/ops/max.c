/* SPDX-License-Identifier: MIT */
/* Maximum over axes. */
#include "reduce.h"

static void eval(const ct_eval *c)
{
    const ct_reduce_attr *over = c->attr;
    ct_reduce_max(ct_reduce_keep(c->y, c->x[0].shape, over->axes), c->x[0], over->axes, c->threads);
}

/* 1 at every element that is the maximum. Where that is NaN all are: none is below it. */
static ct_var *winners(ct_var *y)
{
    return ct_affine_at(AT(y), ct_greater_at(AT(y), ct_reduce_spread(y, y), ct_var_input(y, 0)), -1, 1);
}

static ct_var *sum_like(ct_var *y, ct_var *v)
{
    return ct_apply(NULL, AT(y), &ct_op_sum, 1, &v, ct_var_attr(y));
}

/* The mean of the winners' tangents. The others' do not matter, whatever they are. */
static ct_var *jvp(ct_var *y, ct_var *const *dx)
{
    ct_var *mask = winners(y);
    ct_var *total = sum_like(y, ct_mul_no_nan_at(AT(y), dx[0], mask));
    return ct_mul_at(AT(y), total, ct_recip_at(AT(y), sum_like(y, mask)));
}

static ct_var *vjp(ct_var *y, int i, ct_var *ybar)
{
    (void)i;
    ct_var *mask = winners(y);
    ct_var *share = ct_mul_at(AT(y), ybar, ct_recip_at(AT(y), sum_like(y, mask)));
    return ct_mul_no_nan_at(AT(y), ct_reduce_spread(y, share), mask);
}

SAMPLE(last, ct_max(x[0], CT_AXES(-1)))
SAMPLE(first, ct_max(x[0], CT_AXES(0)))
SAMPLE(outer, ct_max(x[0], CT_AXES(0, 2)))
SAMPLE(inner, ct_max(x[0], CT_AXES(2, 1)))
SAMPLE(keep, ct_max_keep(x[0], CT_AXES(1)))
SAMPLE(bytes, ct_max(ct_cast(x[0], CT_U8), CT_AXES(0)))
SAMPLE(twice, ct_max(x[0], CT_AXES(0, 0)))

static const ct_sample samples[] = {
    {last, 1, {DISTINCT(37)}, NULL},
    {last, 1, {DISTINCT(4, 9)}, NULL},
    {first, 1, {DISTINCT(9, 4)}, NULL},
    {outer, 1, {DISTINCT(3, 4, 4)}, NULL},
    {inner, 1, {DISTINCT(2, 3, 2, 4)}, NULL},
    {keep, 1, {DISTINCT(3, 4, 1)}, NULL},
    {outer, 1, {DISTINCT(1, 4, 1)}, NULL},
    {last, 1, {DISTINCT(0, 3)}, NULL},
    {outer, 1, {DISTINCT(3, 4)}, "no axis 2"},
    {twice, 1, {DISTINCT(3, 4)}, "axis 0 is given twice"},
    {first, 1, {INDEX(9, 4)}, NULL},
    {outer, 1, {INDEX(9, 3, 4, 4)}, NULL},
    {bytes, 1, {POSITIVE(3, 4)}, NULL},
    {0},
};

const ct_op ct_op_max = {
    .name = "max",
    .kind = CT_CUSTOM,
    .arity = 1,
    .attr_size = sizeof(ct_reduce_attr),
    .infer = ct_reduce_infer,
    .simplify = ct_reduce_simplify,
    .eval = eval,
    .row = {[CT_F32] = ct_row_max_f32, [CT_F64] = ct_row_max_f64, [CT_I32] = ct_row_max_i32},
    .accepts = ct_accepts_any,
    .flops = ct_reduce_flops,
    .jvp = jvp,
    .vjp = vjp,
    .narrow = ct_reduce_narrow,
    .samples = samples,
    .formula = "maximum of x over axes",
};

/* Of bytes it is taken in int32. Over no elements that is the smallest number, which is cast to 0, the smallest byte. */
ct_var *(ct_max_at)(ct_site at, ct_var *x, const ct_axes *axes)
{
    if (!x || ct_var_dtype(x) != CT_U8)
        return ct_reduce_apply(at, &ct_op_max, x, axes);
    return ct_cast_at(at, ct_reduce_apply(at, &ct_op_max, ct_cast_at(at, x, CT_I32), axes), CT_U8);
}
