/* SPDX-License-Identifier: MIT */
/* Zeros before, after and between the entries along one axis. */
#include "pad.h"

static bool infer(ct_infer *c)
{
    const pad_attr *p = c->attr;
    const int64_t limit = INT64_C(1) << 59;  /* of a shape; keeps the sum below in range */
    if (!ct_infer_axis(c, p->axis))
        return false;
    if (p->lo < 0 || p->hi < 0 || p->inner < 0)
        return ct_infer_fail(c, CT_E_ARGUMENT, "%lld before, %lld after, %lld between, expected 0 or more", (long long)p->lo,
                             (long long)p->hi, (long long)p->inner);
    if (p->lo > limit || p->hi > limit || p->inner > limit)
        return ct_infer_fail(c, CT_E_SHAPE, "%lld before, %lld after, %lld between, more than the limit of 2^59", (long long)p->lo,
                             (long long)p->hi, (long long)p->inner);
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = ct_var_shape(c->x[0]);
    int64_t extent = c->shape.dim[p->axis], gaps = extent ? extent - 1 : 0;
    if (gaps && p->inner > limit / gaps)
        return ct_infer_fail(c, CT_E_SHAPE, "%lld between each of %lld is too much", (long long)p->inner, (long long)extent);
    c->shape.dim[p->axis] = p->lo + extent + gaps * p->inner + p->hi;
    return true;
}

static ct_var *simplify(const ct_infer *c)
{
    return ct_shape_equal(c->shape, ct_var_shape(c->x[0])) ? c->x[0] : NULL;
}

static void eval(const ct_eval *c)
{
    const pad_attr *p = c->attr;
    int64_t extent = c->x[0].shape.dim[p->axis];
    ct_fill(c->y, 0, c->threads);
    ct_copy(ct_array_slice(c->y, (int)p->axis, p->lo, extent, p->inner + 1), c->x[0], c->threads);
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    const pad_attr *p = ct_var_attr(y);
    int64_t extent = ct_var_dim(ct_var_input(y, i), (int)p->axis);
    int64_t span = extent ? (extent - 1) * (p->inner + 1) + 1 : 0;
    return ct_slice_at(AT(y), ybar, (int)p->axis, p->lo, p->lo + span, p->inner + 1);
}

/* How many of the operand's entries come before place `at` of the result. */
static int64_t entries_before(const pad_attr *p, int64_t extent, int64_t at)
{
    int64_t step = p->inner + 1, n = at <= p->lo ? 0 : (at - p->lo - 1) / step + 1;
    return n < extent ? n : extent;
}

static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    pad_attr *p = out->attr;
    int64_t extent = ct_var_dim(ct_var_input(y, 0), (int)p->axis);
    out->x[0] = of;
    if (of.axis == p->axis) {
        int64_t first = entries_before(p, extent, of.from), end = entries_before(p, extent, of.to), step = p->inner + 1;
        out->x[0] = (ct_range){of.axis, first, end};
        int64_t at = p->lo + first * step, last = p->lo + (end - 1) * step;
        p->lo = first < end ? at - of.from : of.to - of.from;
        p->hi = first < end ? of.to - 1 - last : 0;
    }
    return true;
}

SAMPLE(sides, ct_pad(x[0], 0, 1, 2, 0))
SAMPLE(between, ct_pad(x[0], -1, 0, 0, 2))
SAMPLE(both, ct_pad(x[0], 1, 2, 0, 1))
SAMPLE(nothing, ct_pad(x[0], 0, 0, 0, 0))
SAMPLE(far, ct_pad(x[0], 0, INT64_C(1) << 62, 0, 0))
SAMPLE(wide, ct_pad(x[0], 0, INT64_C(1) << 59, INT64_C(1) << 59, 0))
SAMPLE(apart, ct_pad(x[0], 0, 0, 0, (INT64_C(1) << 59) - 1))
SAMPLE(cut, ct_pad(x[0], 0, -1, 0, 0))

static const ct_sample samples[] = {
    {sides, 1, {NORMAL(7)}, NULL},
    {sides, 1, {NORMAL(2, 3)}, NULL},
    {between, 1, {NORMAL(3, 4)}, NULL},
    {between, 1, {NORMAL(4, 1)}, NULL},
    {both, 1, {NORMAL(2, 3, 2)}, NULL},
    {both, 1, {NORMAL(2, 2, 1, 3)}, NULL},
    {nothing, 1, {NORMAL(3)}, NULL},
    {both, 1, {NORMAL(2, 0)}, NULL},
    {sides, 1, {INDEX(9, 3)}, NULL},
    {cut, 1, {NORMAL(3)}, "-1 before"},
    {far, 1, {NORMAL(3)}, "pad: 4611686018427387904 before, 0 after, 0 between, more than the limit of 2^59: "},
    {wide, 1, {NORMAL(3)}, "has more elements than the limit of 2^59"},
    {apart, 1, {NORMAL(9)}, "576460752303423487 between each of 9 is too much"},
    {both, 1, {NORMAL(3)}, "no axis 1"},
    {0},
};

const ct_op ct_op_pad = {
    .name = "pad",
    .kind = CT_LINEAR,
    .arity = 1,
    .attr_size = sizeof(pad_attr),
    .infer = infer,
    .simplify = simplify,
    .eval = eval,
    .accepts = ct_accepts_any,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "x with zeros around and between",
};

ct_var *ct_pad_at(ct_site at, ct_var *x, int axis, int64_t lo, int64_t hi, int64_t inner)
{
    pad_attr attr = {ct_axis_of(x, axis), lo, hi, inner};
    return ct_apply(NULL, at, &ct_op_pad, 1, &x, &attr);
}
