/* SPDX-License-Identifier: MIT */
/* Entries along an axis, by index. Its transpose is scatter_add. */
#include "common.h"

typedef struct gather_attr {
    int64_t axis;
} gather_attr;

/* x[:axis] + index + x[axis+1:] */
static bool infer(ct_infer *c)
{
    int64_t axis = ((const gather_attr *)c->attr)->axis;
    ct_shape x = ct_var_shape(c->x[0]), index = ct_var_shape(c->x[1]);
    if (ct_var_dtype(c->x[1]) != CT_I32)
        return ct_infer_fail(c, CT_E_DTYPE, "the index must be int32, got %s", ct_dtype_name(ct_var_dtype(c->x[1])));
    if (!ct_infer_axis(c, axis))
        return false;
    if (x.rank - 1 + index.rank > CT_MAX_RANK)
        return ct_infer_fail(c, CT_E_SHAPE, "the result would have rank %d, expected at most %d", x.rank - 1 + index.rank, CT_MAX_RANK);
    c->dtype = ct_var_dtype(c->x[0]);
    for (int i = 0; i < axis; i++)
        c->shape.dim[c->shape.rank++] = x.dim[i];
    for (int i = 0; i < index.rank; i++)
        c->shape.dim[c->shape.rank++] = index.dim[i];
    for (int i = (int)axis + 1; i < x.rank; i++)
        c->shape.dim[c->shape.rank++] = x.dim[i];
    return true;
}

/* The kernel has the constructor's name: the parentheses keep the macro away. */
static void eval(const ct_eval *c)
{
    int64_t axis = ((const gather_attr *)c->attr)->axis, outer = 1, inner = 1;
    ct_shape x = c->x[0].shape;
    for (int i = 0; i < axis; i++)
        outer *= x.dim[i];
    for (int i = (int)axis + 1; i < x.rank; i++)
        inner *= x.dim[i];
    (ct_gather)(c->y, c->x[0], c->x[1], outer, x.dim[axis], inner, c->threads);
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    int axis = (int)((const gather_attr *)ct_var_attr(y))->axis;
    return ct_scatter_add_at(AT(y), ybar, ct_var_input(y, 1), axis, ct_var_dim(ct_var_input(y, i), axis));
}

/* x[:axis] + index + x[axis+1:] */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    int axis = (int)((const gather_attr *)ct_var_attr(y))->axis, index = ct_var_rank(ct_var_input(y, 1));
    if (of.axis < axis)
        out->x[0] = of;
    else if (of.axis < axis + index)
        out->x[1] = (ct_range){of.axis - axis, of.from, of.to};
    else
        out->x[0] = (ct_range){of.axis - index + 1, of.from, of.to};
    return true;
}

SAMPLE(rows, ct_gather(x[0], x[1], 0))
SAMPLE(last, ct_gather(x[0], x[1], -1))
SAMPLE(middle, ct_gather(x[0], x[1], 1))

static const ct_sample samples[] = {
    {rows, 2, {NORMAL(7), INDEX(7, 5)}, NULL},
    {rows, 2, {NORMAL(4, 3), INDEX(4, 6)}, NULL},
    {rows, 2, {NORMAL(4, 3), INDEX(4, 2, 3)}, NULL},
    {rows, 2, {NORMAL(4, 2), {CT_SAMPLE_INDEX, {0, {0}}, 4}}, NULL},
    {last, 2, {NORMAL(3, 4), INDEX(4, 5)}, NULL},
    {middle, 2, {NORMAL(2, 3, 4), INDEX(3, 2, 2)}, NULL},
    {middle, 2, {NORMAL(2, 1, 2, 2), INDEX(1, 3)}, NULL},
    {last, 2, {INDEX(9, 6), INDEX(6, 4)}, NULL},
    {rows, 2, {NORMAL(4), NORMAL(3)}, "the index must be int32"},
    {middle, 2, {NORMAL(4), INDEX(4, 3)}, "no axis 1"},
    {rows, 2, {NORMAL(2, 1, 1, 1, 1), INDEX(2, 1, 1, 1, 1, 1)}, "rank 9"},
    {0},
};

const ct_op ct_op_gather = {
    .name = "gather",
    .kind = CT_LINEAR,
    .arity = 2,
    .attr_size = sizeof(gather_attr),
    .fixed = 1u << 1,
    .infer = infer,
    .eval = eval,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "x[index] along an axis",
};

ct_var *ct_gather_at(ct_site at, ct_var *x, ct_var *index, int axis)
{
    gather_attr attr = {ct_axis_of(x, axis)};
    return ct_apply(NULL, at, &ct_op_gather, 2, (ct_var *[]){x, index}, &attr);
}
