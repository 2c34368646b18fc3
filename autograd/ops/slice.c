/* SPDX-License-Identifier: MIT */
/* Every step-th entry of a range along one axis. */
#include "common.h"

typedef struct slice_attr {
    int64_t axis, start, count, step;
} slice_attr;

static bool infer(ct_infer *c)
{
    const slice_attr *s = c->attr;
    if (!ct_infer_axis(c, s->axis))
        return false;
    int64_t extent = ct_var_dim(c->x[0], (int)s->axis);
    bool fits = s->step >= 1 && s->start >= 0 && s->count >= 0 && s->start <= extent;
    if (!fits || (s->count > 0 && (s->start >= extent || s->count - 1 > (extent - 1 - s->start) / s->step)))
        return ct_infer_fail(c, CT_E_SHAPE, "%lld entries from %lld by %lld go beyond extent %lld of axis %lld", (long long)s->count,
                             (long long)s->start, (long long)s->step, (long long)extent, (long long)s->axis);
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = ct_var_shape(c->x[0]);
    c->shape.dim[s->axis] = s->count;
    return true;
}

static ct_var *simplify(const ct_infer *c)
{
    return ct_shape_equal(c->shape, ct_var_shape(c->x[0])) ? c->x[0] : NULL;
}

static bool view(const void *attr, ct_array x, ct_array *y)
{
    const slice_attr *s = attr;
    *y = ct_array_slice(x, (int)s->axis, s->start, s->count, s->step);
    return true;
}

/* Zeros where nothing was taken. */
static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    const slice_attr *s = ct_var_attr(y);
    int64_t extent = ct_var_dim(ct_var_input(y, i), (int)s->axis);
    int64_t span = s->count ? (s->count - 1) * s->step + 1 : 0;
    return ct_pad_at(AT(y), ybar, (int)s->axis, s->start, extent - s->start - span, s->step - 1);
}

static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    slice_attr *s = out->attr;
    (void)y;
    out->x[0] = of;
    if (of.axis == s->axis) {
        int64_t first = s->start + of.from * s->step, last = s->start + (of.to - 1) * s->step;
        out->x[0] = (ct_range){of.axis, first, last + 1};
        s->start = 0;
        s->count = of.to - of.from;
    }
    return true;
}

SAMPLE(middle, ct_slice(x[0], 0, 1, 4, 1))
SAMPLE(stepped, ct_slice(x[0], -1, 1, 6, 2))
SAMPLE(tail, ct_slice(x[0], 1, -2, 3, 1))
SAMPLE(all, ct_slice(x[0], 0, 0, 5, 1))
SAMPLE(nothing, ct_slice(x[0], 0, 2, 2, 1))
SAMPLE(last_only, ct_slice(x[0], 2, -1, 4, 3))
SAMPLE(backwards, ct_slice(x[0], 0, 0, 4, -1))

static const ct_sample samples[] = {
    {middle, 1, {NORMAL(7)}, NULL},
    {middle, 1, {NORMAL(5, 3)}, NULL},
    {stepped, 1, {NORMAL(2, 7)}, NULL},
    {stepped, 1, {NORMAL(1, 2, 2, 6)}, NULL},
    {tail, 1, {NORMAL(4, 3, 2)}, NULL},
    {last_only, 1, {NORMAL(2, 3, 4)}, NULL},
    {all, 1, {NORMAL(5)}, NULL},
    {nothing, 1, {NORMAL(4, 2)}, NULL},
    {stepped, 1, {INDEX(9, 3, 7)}, NULL},
    {middle, 1, {NORMAL(3, 9)}, "1..4 is not within extent 3 of axis 0"},
    {tail, 1, {NORMAL(8)}, "no axis 1"},
    {backwards, 1, {NORMAL(4)}, "step -1"},
    {0},
};

const ct_op ct_op_slice = {
    .name = "slice",
    .kind = CT_LINEAR,
    .arity = 1,
    .attr_size = sizeof(slice_attr),
    .infer = infer,
    .simplify = simplify,
    .view = view,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "x[start:stop:step] along an axis",
};

ct_var *ct_slice_at(ct_site at, ct_var *x, int axis, int64_t start, int64_t stop, int64_t step)
{
    int64_t extent = ct_var_dim(x, axis);
    int64_t from = start < 0 ? start + extent : start, to = stop < 0 ? stop + extent : stop;
    slice_attr attr = {ct_axis_of(x, axis), from, 0, step};
    if (x && ct_shape_axis(ct_var_shape(x), axis) >= 0) {
        if (step < 1)
            return ct_refuse(at, "slice", CT_E_ARGUMENT, x, "step %lld, expected 1 or more", (long long)step);
        if (from < 0 || to < from || to > extent)
            return ct_refuse(at, "slice", CT_E_SHAPE, x, "%lld..%lld is not within extent %lld of axis %d", (long long)start,
                             (long long)stop, (long long)extent, axis);
        attr.count = (to - from) / step + ((to - from) % step != 0);
    }
    return ct_apply(NULL, at, &ct_op_slice, 1, &x, &attr);
}
