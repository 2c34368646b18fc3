/* SPDX-License-Identifier: MIT */
/* Axes in another order. */
#include "common.h"

typedef struct permute_attr {
    int64_t count;
    int64_t order[CT_MAX_RANK];  /* axis i of the result is axis order[i] of x */
} permute_attr;

static bool infer(ct_infer *c)
{
    const permute_attr *p = c->attr;
    ct_shape x = ct_var_shape(c->x[0]);
    unsigned seen = 0;
    if (p->count != x.rank)
        return ct_infer_fail(c, CT_E_SHAPE, "%lld axes are given, expected %d", (long long)p->count, x.rank);
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape.rank = x.rank;
    for (int i = 0; i < x.rank; i++) {
        if (!ct_infer_axis(c, p->order[i]))
            return false;
        if (seen >> p->order[i] & 1)
            return ct_infer_fail(c, CT_E_SHAPE, "axis %lld is given twice", (long long)p->order[i]);
        seen |= 1u << p->order[i];
        c->shape.dim[i] = x.dim[p->order[i]];
    }
    return true;
}

static ct_var *simplify(const ct_infer *c)
{
    const permute_attr *p = c->attr;
    for (int i = 0; i < p->count; i++)
        if (p->order[i] != i)
            return NULL;
    return c->x[0];
}

static bool view(const void *attr, ct_array x, ct_array *y)
{
    const permute_attr *p = attr;
    int order[CT_MAX_RANK] = {0};
    for (int i = 0; i < p->count; i++)
        order[i] = (int)p->order[i];
    *y = ct_array_permute(x, order);
    return true;
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    const permute_attr *p = ct_var_attr(y);
    ct_axes inverse = {(int)p->count, {0}};
    (void)i;
    for (int k = 0; k < inverse.count; k++)
        inverse.axis[p->order[k]] = k;
    return ct_permute_at(AT(y), ybar, inverse);
}

bool ct_permute_moves_last(const ct_var *v)
{
    const permute_attr *p = ct_var_attr(v);
    return ct_var_op(v) == &ct_op_permute && p->order[p->count - 1] != p->count - 1;
}

static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    const permute_attr *p = ct_var_attr(y);
    out->x[0] = (ct_range){(int)p->order[of.axis], of.from, of.to};
    return true;
}

SAMPLE(swap, ct_transpose(x[0], 0, -1))
SAMPLE(rotate, ct_permute(x[0], CT_AXES(1, 2, 0)))
SAMPLE(rotate_twice, ct_permute(ct_permute(x[0], CT_AXES(1, 2, 0)), CT_AXES(1, 2, 0)))
SAMPLE(shuffle, ct_permute(x[0], CT_AXES(2, 0, -1, 1)))
SAMPLE(identity, ct_permute(x[0], CT_AXES(0, 1)))
SAMPLE(repeat, ct_permute(x[0], CT_AXES(0, 0)))

static const ct_sample samples[] = {
    {swap, 1, {NORMAL(4)}, NULL},
    {swap, 1, {NORMAL(5, 7)}, NULL},
    {rotate, 1, {NORMAL(2, 3, 4)}, NULL},
    {rotate_twice, 1, {NORMAL(2, 1, 4)}, NULL},
    {shuffle, 1, {NORMAL(2, 3, 1, 4)}, NULL},
    {identity, 1, {NORMAL(2, 3)}, NULL},
    {swap, 1, {INDEX(9, 3, 2)}, NULL},
    {rotate, 1, {NORMAL(2, 3)}, "3 axes are given, expected 2"},
    {repeat, 1, {NORMAL(2, 3)}, "axis 0 is given twice"},
    {shuffle, 1, {NORMAL(24)}, "4 axes are given, expected 1"},
    {0},
};

const ct_op ct_op_permute = {
    .name = "permute",
    .kind = CT_LINEAR,
    .arity = 1,
    .attr_size = sizeof(permute_attr),
    .infer = infer,
    .simplify = simplify,
    .view = view,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "x with its axes in another order",
};

ct_var *(ct_permute_at)(ct_site at, ct_var *x, const ct_axes *order)
{
    permute_attr attr = {order->count, {0}};
    for (int i = 0; i < order->count && i < CT_MAX_RANK; i++)
        attr.order[i] = ct_axis_of(x, order->axis[i]);
    return ct_apply(NULL, at, &ct_op_permute, 1, &x, &attr);
}
