/* SPDX-License-Identifier: MIT */
/* Arrays put one after another along an axis. */
#include "../last_failure.h"
#include "pad.h"

static bool fits(const ct_var *x, const ct_var *first, int64_t axis)
{
    ct_shape shape = ct_var_shape(x);
    if (ct_var_dtype(x) != ct_var_dtype(first) || shape.rank != ct_var_rank(first))
        return false;
    shape.dim[axis] = ct_var_dim(first, (int)axis);
    return ct_shape_equal(shape, ct_var_shape(first));
}

static bool infer(ct_infer *c)
{
    int64_t axis = ((const concat_attr *)c->attr)->axis;
    if (c->n < 1)
        return ct_infer_fail(c, CT_E_ARGUMENT, "expects one operand or more");
    if (!ct_infer_axis(c, axis))
        return false;
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = ct_var_shape(c->x[0]);
    for (int i = 1; i < c->n; i++) {
        if (!fits(c->x[i], c->x[0], axis))
            return ct_infer_fail(c, CT_E_SHAPE, "operand %d, %s, differs from operand 0 in more than axis %lld", i,
                                 CT_VAR_TEXT(c->x[i]), (long long)axis);
        c->shape.dim[axis] += ct_var_dim(c->x[i], (int)axis);
        if (!ct_shape_check(c->shape, NULL))
            break;
    }
    return true;
}

static ct_var *simplify(const ct_infer *c)
{
    return c->n == 1 ? c->x[0] : NULL;
}

static void eval(const ct_eval *c)
{
    int axis = (int)((const concat_attr *)c->attr)->axis;
    int64_t start = 0;
    for (int i = 0; i < c->n; i++) {
        int64_t extent = c->x[i].shape.dim[axis];
        ct_copy(ct_array_slice(c->y, axis, start, extent, 1), c->x[i], c->threads);
        start += extent;
    }
}

static bool accepts(int i, const ct_array *x)
{
    (void)i, (void)x;
    return true;  /* the parts are copied, from any strides to any */
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    int axis = (int)((const concat_attr *)ct_var_attr(y))->axis;
    int64_t start = 0;
    for (int k = 0; k < i; k++)
        start += ct_var_dim(ct_var_input(y, k), axis);
    return ct_slice_at(AT(y), ybar, axis, start, start + ct_var_dim(ct_var_input(y, i), axis), 1);
}

static int64_t within(int64_t place, int64_t extent)
{
    return place < 0 ? 0 : place > extent ? extent : place;
}

static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    int axis = (int)((const concat_attr *)ct_var_attr(y))->axis;
    int64_t start = 0;
    for (int i = 0; i < ct_var_arity(y); i++) {
        int64_t extent = ct_var_dim(ct_var_input(y, i), axis);
        out->x[i] = of.axis == axis ? (ct_range){axis, within(of.from - start, extent), within(of.to - start, extent)} : of;
        start += extent;
    }
    return true;
}

SAMPLE(one, ct_concat(1, x, 0))
SAMPLE(rows, ct_concat(2, x, 0))
SAMPLE(columns, ct_concat(3, x, -1))
SAMPLE(middle, ct_concat(4, x, 1))
SAMPLE(twice, ct_concat(3, ((ct_var *[]){x[0], x[1], x[0]}), 0))

static const ct_sample samples[] = {
    {one, 1, {NORMAL(3)}, NULL},
    {rows, 2, {NORMAL(3), NORMAL(4)}, NULL},
    {rows, 2, {NORMAL(3, 2), NORMAL(1, 2)}, NULL},
    {columns, 3, {NORMAL(2, 3), NORMAL(2, 0), NORMAL(2, 4)}, NULL},
    {middle, 4, {NORMAL(2, 1, 2), NORMAL(2, 2, 2), NORMAL(2, 1, 2), NORMAL(2, 3, 2)}, NULL},
    {columns, 3, {NORMAL(1, 2, 1, 3), NORMAL(1, 2, 1, 1), NORMAL(1, 2, 1, 2)}, NULL},
    {twice, 2, {NORMAL(2, 2), NORMAL(1, 2)}, NULL},
    {rows, 2, {INDEX(5, 2), INDEX(9, 3)}, NULL},
    {rows, 2, {NORMAL(3, 2), NORMAL(3, 4)}, "differs from operand 0 in more than axis 0"},
    {rows, 2, {NORMAL(3), INDEX(9, 3)}, "int32"},
    {rows, 2, {DRAW_SCALAR(CT_SAMPLE_NORMAL), DRAW_SCALAR(CT_SAMPLE_NORMAL)}, "no axis 0"},
    {0},
};

const ct_op ct_op_concat = {
    .name = "concat",
    .kind = CT_LINEAR,
    .arity = CT_VARIADIC,
    .attr_size = sizeof(concat_attr),
    .infer = infer,
    .simplify = simplify,
    .eval = eval,
    .accepts = accepts,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "x_0, x_1, ... along an axis",
};

ct_var *ct_concat_at(ct_site at, int n, ct_var *const *x, int axis)
{
    if (n < 1 || !x)
        return ct_failure_nowhere(CT_E_ARGUMENT, at, "concat: expects one operand or more, got %d", x ? n : 0);
    concat_attr attr = {ct_axis_of(x[0], axis)};
    return ct_apply(NULL, at, &ct_op_concat, n, x, &attr);
}
