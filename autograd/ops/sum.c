/* SPDX-License-Identifier: MIT */
/* Sum over axes. */
#include "reduce.h"

/* `many` times the value; of integers modulo 2^32, as the kernel adds them. */
static double times(double value, int64_t many, ct_dtype dtype)
{
    return dtype == CT_I32 ? (double)(int32_t)((uint32_t)(int32_t)value * (uint32_t)many) : value * (double)many;
}

/* A sum of one number many times is known now. */
static ct_var *simplify(const ct_infer *c)
{
    double value;
    int64_t many = ct_shape_count(ct_var_shape(c->x[0])), few = ct_shape_count(c->shape);
    if (few > 0 && ct_is_splat(c->x[0], &value))
        return ct_full_at(c->at, c->graph, c->dtype, c->shape, times(value, many / few, c->dtype));
    return ct_reduce_simplify(c);
}

static void eval(const ct_eval *c)
{
    const ct_reduce_attr *over = c->attr;
    ct_reduce_sum(ct_reduce_keep(c->y, c->x[0].shape, over->axes), c->x[0], over->axes, c->threads);
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    (void)i;
    return ct_reduce_spread(y, ybar);
}

/* Whether the last axis with more than one entry is summed over: then the order is that of rows. */
static bool sums_rows(ct_shape x, uint32_t axes)
{
    int i = x.rank - 1;
    while (i >= 0 && x.dim[i] == 1)
        i--;
    return i < 0 || axes >> i & 1;
}

/* The order in which elements are added depends on x's shape. Where a part of x would be summed in another order than all of it, its bits would differ: then there is
 * no rule. */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    const ct_reduce_attr *over = ct_var_attr(y);
    ct_shape whole = ct_var_shape(ct_var_input(y, 0)), part = whole;
    if (!ct_reduce_narrow(y, of, out))
        return false;
    part.dim[out->x[0].axis] = of.to - of.from;
    bool rows = sums_rows(whole, over->axes);
    return of.to == of.from || (rows == sums_rows(part, over->axes) && (rows || ct_sum_block(whole, over->axes) == ct_sum_block(part, over->axes)));
}

SAMPLE(last, ct_sum(x[0], CT_AXES(-1)))
SAMPLE(first, ct_sum(x[0], CT_AXES(0)))
SAMPLE(outer, ct_sum(x[0], CT_AXES(0, 2)))
SAMPLE(inner, ct_sum(x[0], CT_AXES(2, 1)))
SAMPLE(all, ct_sum_all(x[0]))
SAMPLE(none, ct_sum(x[0], (ct_axes){0}))
SAMPLE(ones, ct_sum(ct_broadcast(ct_full(g, dtype, CT_SHAPE(1), 0.5), CT_SHAPE(3, 4)), CT_AXES(0)))
SAMPLE(bytes, ct_sum(ct_cast(x[0], CT_U8), CT_AXES(0)))
SAMPLE(twice, ct_sum(x[0], CT_AXES(1, -1)))

static const ct_sample samples[] = {
    {last, 1, {NORMAL(37)}, NULL},
    {last, 1, {NORMAL(4, 9)}, NULL},
    {first, 1, {NORMAL(9, 4)}, NULL},
    {outer, 1, {NORMAL(3, 4, 5)}, NULL},
    {inner, 1, {NORMAL(2, 3, 2, 4)}, NULL},
    {all, 1, {NORMAL(2, 3, 4)}, NULL},
    {all, 1, {DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {outer, 1, {NORMAL(1, 4, 1)}, NULL},
    {first, 1, {NORMAL(0, 3)}, NULL},
    {none, 1, {NORMAL(2, 3)}, NULL},
    {ones, 0, {{0}}, NULL},
    {outer, 1, {NORMAL(3, 4)}, "no axis 2"},
    {twice, 1, {NORMAL(3, 4)}, "axis -1 is given twice"},
    {first, 1, {INDEX(9, 4)}, NULL},
    {outer, 1, {INDEX(9, 3, 4, 5)}, NULL},
    {bytes, 1, {POSITIVE(3, 4)}, NULL},
    {0},
};

const ct_op ct_op_sum = {
    .name = "sum",
    .kind = CT_LINEAR,
    .arity = 1,
    .attr_size = sizeof(ct_reduce_attr),
    .infer = ct_reduce_infer,
    .simplify = simplify,
    .eval = eval,
    .row = {[CT_F32] = ct_row_sum_f32, [CT_F64] = ct_row_sum_f64, [CT_I32] = ct_row_sum_i32},
    .accepts = ct_accepts_any,
    .flops = ct_reduce_flops,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "sum of x over axes",
};

/* Bytes are added as int32: a sum of them is seldom a byte. */
ct_var *(ct_sum_at)(ct_site at, ct_var *x, const ct_axes *axes)
{
    if (x && ct_var_dtype(x) == CT_U8)
        x = ct_cast_at(at, x, CT_I32);
    return ct_reduce_apply(at, &ct_op_sum, x, axes);
}
