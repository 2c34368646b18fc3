/* SPDX-License-Identifier: MIT */
/* The same elements, in row-major order, under another shape. */
#include "common.h"

static bool infer(ct_infer *c)
{
    ct_shape to = ct_dims_shape(c->attr), from = ct_var_shape(c->x[0]);
    ct_error why;
    if (!ct_shape_check(to, &why))
        return ct_infer_fail(c, CT_E_SHAPE, "%s", why.message);
    if (ct_shape_count(to) != ct_shape_count(from))
        return ct_infer_fail(c, CT_E_SHAPE, "%lld elements cannot take shape %s, which has %lld", (long long)ct_shape_count(from),
                             CT_SHAPE_TEXT(to), (long long)ct_shape_count(to));
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
    return ct_array_reshape(x, ct_dims_shape(attr), y);
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    return ct_reshape_at(AT(y), ybar, ct_var_shape(ct_var_input(y, i)));
}

static int64_t count_between(ct_shape shape, int from, int to)
{
    int64_t count = 1;
    for (int i = from; i < to; i++)
        count *= shape.dim[i];
    return count;
}

/* The same run of elements in each outer block, where it is whole entries of one of the operand's axes. */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    ct_shape x = ct_var_shape(ct_var_input(y, 0)), to = ct_var_shape(y);
    int64_t outer = count_between(to, 0, of.axis), entry = count_between(to, of.axis + 1, to.rank);
    for (int i = 0; i < x.rank && ct_shape_count(x); i++) {
        int64_t size = count_between(x, i + 1, x.rank);
        if (count_between(x, 0, i) != outer || of.from * entry % size || of.to * entry % size)
            continue;
        out->x[0] = (ct_range){i, of.from * entry / size, of.to * entry / size};
        ((ct_dims *)out->attr)->dim[of.axis] = of.to - of.from;
        return true;
    }
    return false;
}

SAMPLE(matrix, ct_reshape(x[0], CT_SHAPE(4, 6)))
SAMPLE(flat, ct_reshape(x[0], CT_SHAPE(-1)))
SAMPLE(split, ct_reshape(x[0], CT_SHAPE(2, -1, 1, 3)))
SAMPLE(scalar, ct_reshape(x[0], CT_SCALAR))
SAMPLE(same, ct_reshape(x[0], CT_SHAPE(2, 3)))
SAMPLE(rows, ct_reshape(x[0], CT_SHAPE(5, -1)))
SAMPLE(no_elements, ct_reshape(x[0], CT_SHAPE(0, -1)))
SAMPLE(negative, ct_reshape(x[0], CT_SHAPE(-2, -1)))
SAMPLE(two_unknown, ct_reshape(x[0], CT_SHAPE(-1, -1)))

static const ct_sample samples[] = {
    {matrix, 1, {NORMAL(2, 3, 4)}, NULL},
    {flat, 1, {NORMAL(3, 1, 5)}, NULL},
    {split, 1, {NORMAL(4, 9)}, NULL},
    {scalar, 1, {NORMAL(1, 1)}, NULL},
    {flat, 1, {DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {same, 1, {NORMAL(2, 3)}, NULL},
    {flat, 1, {INDEX(9, 3, 2)}, NULL},
    {matrix, 1, {NORMAL(5, 5)}, "25 elements cannot take shape [4, 6], which has 24"},
    {rows, 1, {NORMAL(4, 6)}, "reshape: 24 elements cannot be cut into rows of 5, which [5, -1] asks for: "},
    {split, 1, {NORMAL(5)}, "5 elements cannot be cut into rows of 6, which [2, -1, 1, 3] asks for"},
    {two_unknown, 1, {NORMAL(6)}, "two extents of [-1, -1] are -1, expected one at most"},
    {no_elements, 1, {NORMAL(0, 4)}, "the extent -1 of [0, -1] could be any"},
    {negative, 1, {NORMAL(4)}, "shape [-2, -1] has a negative extent"},
    {0},
};

const ct_op ct_op_reshape = {
    .name = "reshape",
    .kind = CT_LINEAR,
    .arity = 1,
    .attr_size = sizeof(ct_dims),
    .infer = infer,
    .simplify = simplify,
    .view = view,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "x under another shape",
};

/* The extent given as -1, worked out from the others. False, with the graph's error, where that cannot be. */
static bool complete(ct_site at, const ct_var *x, ct_shape *shape)
{
    ct_shape known = *shape;
    int64_t count = ct_shape_count(ct_var_shape(x));
    int unknown = -1;
    for (int i = 0; i < shape->rank && shape->rank <= CT_MAX_RANK; i++)
        if (shape->dim[i] == -1 && unknown >= 0)
            return ct_refuse(at, "reshape", CT_E_SHAPE, x, "two extents of %s are -1, expected one at most", CT_SHAPE_TEXT(*shape));
        else if (shape->dim[i] == -1)
            known.dim[unknown = i] = 1;
    if (unknown < 0 || !ct_shape_check(known, NULL))
        return true;  /* infer says what is wrong */
    int64_t rest = ct_shape_count(known);
    if (rest == 0)
        return ct_refuse(at, "reshape", CT_E_SHAPE, x, "the extent -1 of %s could be any, as the others make no elements: it has to be said",
                         CT_SHAPE_TEXT(*shape));
    if (count % rest)
        return ct_refuse(at, "reshape", CT_E_SHAPE, x, "%lld elements cannot be cut into rows of %lld, which %s asks for", (long long)count,
                         (long long)rest, CT_SHAPE_TEXT(*shape));
    shape->dim[unknown] = count / rest;
    return true;
}

ct_var *ct_reshape_at(ct_site at, ct_var *x, ct_shape shape)
{
    if (x && !complete(at, x, &shape))
        return NULL;
    ct_dims to = ct_dims_of(shape);
    return ct_apply(NULL, at, &ct_op_reshape, 1, &x, &to);
}
