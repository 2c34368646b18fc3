/* SPDX-License-Identifier: MIT */
/* 2-D cross-correlation: x [n, c, h, w], w [o, c/groups, kh, kw] -> y [n, o, oh, ow]. */
#include "conv.h"

static bool infer(ct_infer *c)
{
    if (!ct_conv_operands(c))
        return false;
    const ct_conv2d_attr *conv = &((const ct_conv_attr *)c->attr)->conv;
    ct_shape x = ct_var_shape(c->x[0]), w = ct_var_shape(c->x[1]);
    c->shape = (ct_shape){4, {x.dim[0], w.dim[0]}};
    for (int i = 0; i < 2; i++)
        c->shape.dim[2 + i] = ct_conv_extent(conv, i, x.dim[2 + i], w.dim[2 + i]);
    return ct_conv_check(c, x, w, c->shape);
}

static void eval(const ct_eval *c)
{
    const ct_conv_attr *attr = c->attr;
    ct_conv2d_kernel(c->y, c->x[0], c->x[1], &attr->conv, c->scratch, c->threads);
}

static size_t scratch(const void *attr, int n, const ct_array *x, const ct_array *y, int threads)
{
    (void)n;
    return ct_conv2d_scratch(&((const ct_conv_attr *)attr)->conv, y->dtype, x[0].shape, x[1].shape, y->shape, threads);
}

static double flops(const void *attr, int n, const ct_array *x, const ct_array *y)
{
    (void)attr, (void)n;
    return ct_conv_flops(x[1].shape, y->shape);
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    const ct_conv_attr *attr = ct_var_attr(y);
    ct_var *x = ct_var_input(y, 0), *w = ct_var_input(y, 1);
    if (i == 0)
        return ct_conv2d_dx_at(AT(y), ybar, w, attr->conv, ct_var_dim(x, 2), ct_var_dim(x, 3));
    return ct_conv2d_dw_at(AT(y), x, ybar, attr->conv, ct_var_dim(w, 2), ct_var_dim(w, 3));
}

/* A part of the batch, or of the output channels where groups do not bind them together. */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    const ct_conv_attr *attr = ct_var_attr(y);
    if (of.axis == 0)
        out->x[0] = of;
    else
        out->x[1] = (ct_range){0, of.from, of.to};
    return of.axis == 0 || (of.axis == 1 && attr->conv.groups == 1);
}

SAMPLE(plain, ct_conv2d(x[0], x[1], CONV(1, 1, 0, 0, 1, 1, 1)))
SAMPLE(padded, ct_conv2d(x[0], x[1], CONV(1, 1, 1, 1, 1, 1, 1)))
SAMPLE(strided, ct_conv2d(x[0], x[1], CONV(2, 3, 1, 0, 1, 1, 1)))
SAMPLE(dilated, ct_conv2d(x[0], x[1], CONV(1, 2, 0, 2, 2, 3, 1)))
SAMPLE(grouped, ct_conv2d(x[0], x[1], CONV(1, 1, 1, 0, 1, 1, 2)))
SAMPLE(no_stride, ct_conv2d(x[0], x[1], CONV(1, 0, 0, 0, 1, 1, 1)))
SAMPLE(negative_pad, ct_conv2d(x[0], x[1], CONV(1, 1, -1, 0, 1, 1, 1)))

static const ct_sample samples[] = {
    {plain, 2, {NORMAL(1, 1, 4, 5), NORMAL(1, 1, 2, 3)}, NULL},
    {plain, 2, {NORMAL(2, 3, 2, 2), NORMAL(2, 3, 1, 1)}, NULL},
    {plain, 2, {NORMAL(2, 2, 2, 3), NORMAL(1, 2, 2, 3)}, NULL},
    {padded, 2, {NORMAL(2, 2, 3, 3), NORMAL(2, 2, 3, 3)}, NULL},
    {strided, 2, {NORMAL(1, 2, 4, 6), NORMAL(3, 2, 3, 2)}, NULL},
    {dilated, 2, {NORMAL(1, 1, 5, 6), NORMAL(2, 1, 2, 2)}, NULL},
    {grouped, 2, {NORMAL(2, 4, 2, 3), NORMAL(2, 2, 2, 2)}, NULL},
    {plain, 2, {NORMAL(1, 3, 4, 4), NORMAL(2, 2, 2, 2)}, "3 channels in 1 groups do not fit weights for 2"},
    {grouped, 2, {NORMAL(1, 4, 3, 3), NORMAL(3, 2, 2, 2)}, "3 output channels cannot be divided into 2 groups"},
    {plain, 2, {NORMAL(1, 1, 2, 3), NORMAL(1, 1, 3, 3)}, "a kernel of height 3 with dilation 1 does not fit extent 2"},
    {no_stride, 2, {NORMAL(1, 1, 3, 3), NORMAL(1, 1, 2, 2)}, "stride 0 in width"},
    {negative_pad, 2, {NORMAL(1, 1, 3, 3), NORMAL(1, 1, 2, 2)}, "padding -1 in height"},
    {plain, 2, {NORMAL(1, 3, 3), NORMAL(1, 1, 2, 2)}, "rank 4"},
    {0},
};

const ct_op ct_op_conv2d = {
    .name = "conv2d",
    .kind = CT_BILINEAR,
    .arity = 2,
    .attr_size = sizeof(ct_conv_attr),
    .infer = infer,
    .eval = eval,
    .scratch = scratch,
    .flops = flops,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "cross-correlation of x with w",
};

ct_var *(ct_conv2d_at)(ct_site at, ct_var *x, ct_var *w, const ct_conv2d_attr *conv)
{
    return ct_conv_apply(at, &ct_op_conv2d, x, w, conv, 0, 0);
}
