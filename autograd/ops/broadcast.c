/* SPDX-License-Identifier: MIT */
/* Elements repeated along axes of extent 1. The op keeps the rank; the function also adds axes in front. */
#include "common.h"

static bool infer(ct_infer *c)
{
    ct_shape to = ct_dims_shape(c->attr), from = ct_var_shape(c->x[0]);
    ct_error why;
    if (!ct_shape_check(to, &why))
        return ct_infer_fail(c, CT_E_SHAPE, "%s", why.message);
    bool fits = to.rank == from.rank;
    for (int i = 0; fits && i < to.rank; i++)
        fits = from.dim[i] == to.dim[i] || from.dim[i] == 1;
    if (!fits)
        return ct_infer_fail(c, CT_E_SHAPE, "shape %s does not broadcast to %s", CT_SHAPE_TEXT(from), CT_SHAPE_TEXT(to));
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = to;
    return true;
}

static ct_var *simplify(const ct_infer *c)
{
    return ct_shape_equal(c->shape, ct_var_shape(c->x[0])) ? c->x[0] : NULL;
}

static bool view(const void *attr, ct_array x, ct_array *y)
{
    *y = ct_array_broadcast(x, ct_dims_shape(attr));
    return true;
}

/* The sum over the axes that grew. */
static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    ct_shape from = ct_var_shape(ct_var_input(y, i)), to = ct_var_shape(y);
    ct_axes grown = {0};
    for (int k = 0; k < to.rank; k++)
        if (from.dim[k] != to.dim[k])
            grown.axis[grown.count++] = k;
    return ct_sum_keep_at(AT(y), ybar, grown);
}

/* Along an axis that grew, every part comes from all there is. */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    if (ct_var_dim(ct_var_input(y, 0), of.axis) == ct_var_dim(y, of.axis))
        out->x[0] = of;
    ((ct_dims *)out->attr)->dim[of.axis] = of.to - of.from;
    return true;
}

SAMPLE(sample, ct_broadcast(x[0], CT_SHAPE(3, 2, 4)))
SAMPLE(deep, ct_broadcast(x[0], CT_SHAPE(2, 3, 2, 4)))
SAMPLE(huge, ct_broadcast(x[0], CT_SHAPE(INT64_C(1) << 40, INT64_C(1) << 40)))
SAMPLE(empty, ct_broadcast(x[0], CT_SHAPE(0, 4)))

static const ct_sample samples[] = {
    {sample, 1, {DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {sample, 1, {NORMAL(4)}, NULL},
    {sample, 1, {NORMAL(3, 1, 1)}, NULL},
    {sample, 1, {NORMAL(1, 2, 1)}, NULL},
    {sample, 1, {NORMAL(3, 2, 4)}, NULL},
    {deep, 1, {NORMAL(2, 1, 2, 1)}, NULL},
    {empty, 1, {NORMAL(1, 4)}, NULL},
    {sample, 1, {INDEX(9, 2, 1)}, NULL},
    {huge, 1, {NORMAL(1)}, "shape [1099511627776, 1099511627776] has more elements than the limit of 2^59"},
    {sample, 1, {NORMAL(3)}, "does not broadcast to [3, 2, 4]"},
    {sample, 1, {NORMAL(1, 3, 2, 4)}, "does not broadcast to [3, 2, 4]"},
    {0},
};

const ct_op ct_op_broadcast = {
    .name = "broadcast",
    .kind = CT_LINEAR,
    .arity = 1,
    .attr_size = sizeof(ct_dims),
    .infer = infer,
    .simplify = simplify,
    .view = view,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "x repeated to a larger shape",
};

/* x with axes of extent 1 in front, so that its rank is `rank`. */
static ct_var *lead(ct_site at, ct_var *x, int rank)
{
    ct_shape from = ct_var_shape(x), to = {rank, {0}};
    int added = rank - from.rank;
    for (int i = 0; i < rank; i++)
        to.dim[i] = i < added ? 1 : from.dim[i - added];
    return ct_reshape_at(at, x, to);
}

ct_var *ct_broadcast_at(ct_site at, ct_var *x, ct_shape shape)
{
    ct_dims to = ct_dims_of(shape);
    ct_shape both;
    bool fits = ct_shape_check(shape, NULL) && ct_shape_broadcast(ct_var_shape(x), shape, &both, NULL) && ct_shape_equal(both, shape);
    if (fits && ct_var_rank(x) < shape.rank)
        x = lead(at, x, shape.rank);
    return ct_apply(NULL, at, &ct_op_broadcast, 1, &x, &to);
}
