/* SPDX-License-Identifier: MIT */
/* The transpose of conv2d in x: dy [n, o, oh, ow], w [o, c/groups, kh, kw] -> [n, c, h, w]. */
#include "conv.h"

static bool infer(ct_infer *c)
{
    if (!ct_conv_operands(c))
        return false;
    const ct_conv_attr *attr = c->attr;
    ct_shape dy = ct_var_shape(c->x[0]), w = ct_var_shape(c->x[1]);
    if (attr->conv.groups > INT64_C(1) << 30 || w.dim[1] > INT64_C(1) << 30)
        return ct_infer_fail(c, CT_E_SHAPE, "%lld groups of %lld channels are too many", (long long)attr->conv.groups, (long long)w.dim[1]);
    c->shape = (ct_shape){4, {dy.dim[0], w.dim[1] * attr->conv.groups, attr->extent[0], attr->extent[1]}};
    ct_error why;
    if (!ct_shape_check(c->shape, &why))
        return ct_infer_fail(c, CT_E_SHAPE, "%s", why.message);
    return ct_conv_check(c, c->shape, w, dy);
}

static void eval(const ct_eval *c)
{
    const ct_conv_attr *attr = c->attr;
    ct_conv2d_dx_kernel(c->y, c->x[0], c->x[1], &attr->conv, c->scratch, c->threads);
}

static size_t scratch(const void *attr, int n, const ct_array *x, const ct_array *y, int threads)
{
    (void)n;
    return ct_conv2d_scratch(&((const ct_conv_attr *)attr)->conv, y->dtype, y->shape, x[1].shape, x[0].shape, threads);
}

static double flops(const void *attr, int n, const ct_array *x, const ct_array *y)
{
    (void)attr, (void)n, (void)y;
    return ct_conv_flops(x[1].shape, x[0].shape);
}

/* v has the shape of x: in dy the transpose is the convolution itself, in w that of v with dy. */
static ct_var *transpose(ct_var *y, int i, ct_var *v)
{
    const ct_conv_attr *attr = ct_var_attr(y);
    ct_var *dy = ct_var_input(y, 0), *w = ct_var_input(y, 1);
    if (i == 0)
        return ct_conv2d_at(AT(y), v, w, attr->conv);
    return ct_conv2d_dw_at(AT(y), v, dy, attr->conv, ct_var_dim(w, 2), ct_var_dim(w, 3));
}

/* A part of the batch, or of the channels of x where groups do not bind them together. */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    const ct_conv_attr *attr = ct_var_attr(y);
    out->x[of.axis == 0 ? 0 : 1] = of;
    return of.axis == 0 || (of.axis == 1 && attr->conv.groups == 1);
}

SAMPLE(plain, ct_conv2d_dx(x[0], x[1], CONV(1, 1, 0, 0, 1, 1, 1), 4, 5))
SAMPLE(padded, ct_conv2d_dx(x[0], x[1], CONV(1, 1, 1, 1, 1, 1, 1), 3, 3))
SAMPLE(upsample, ct_conv2d_dx(x[0], x[1], CONV(2, 2, 0, 0, 1, 1, 1), 5, 4))
SAMPLE(dilated, ct_conv2d_dx(x[0], x[1], CONV(1, 2, 0, 2, 2, 3, 1), 5, 6))
SAMPLE(grouped, ct_conv2d_dx(x[0], x[1], CONV(1, 1, 1, 0, 1, 1, 2), 2, 3))

static const ct_sample samples[] = {
    {plain, 2, {NORMAL(1, 1, 3, 3), NORMAL(1, 1, 2, 3)}, NULL},
    {padded, 2, {NORMAL(2, 2, 3, 3), NORMAL(2, 2, 3, 3)}, NULL},
    {upsample, 2, {NORMAL(2, 2, 2, 2), NORMAL(2, 3, 2, 2)}, NULL},
    {dilated, 2, {NORMAL(1, 2, 3, 4), NORMAL(2, 1, 2, 2)}, NULL},
    {grouped, 2, {NORMAL(2, 2, 3, 2), NORMAL(2, 2, 2, 2)}, NULL},
    {plain, 2, {NORMAL(1, 1, 2, 3), NORMAL(1, 1, 2, 3)}, "dy has height 2, but the convolution of 4 by 2 gives 3"},
    {plain, 2, {NORMAL(1, 2, 3, 3), NORMAL(1, 1, 2, 3)}, "dy must begin with"},
    {upsample, 2, {NORMAL(1, 1, 2, 2), NORMAL(1, 2, 2, 7)}, "a kernel of width 7 with dilation 1 does not fit extent 4"},
    {grouped, 2, {NORMAL(1, 3, 3, 2), NORMAL(3, 2, 2, 2)}, "3 output channels cannot be divided into 2 groups"},
    {plain, 2, {NORMAL(3, 3), NORMAL(2, 3)}, "rank 4"},
    {0},
};

const ct_op ct_op_conv2d_dx = {
    .name = "conv2d_dx",
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
    .formula = "transpose of conv2d in x, at dy",
};

ct_var *(ct_conv2d_dx_at)(ct_site at, ct_var *dy, ct_var *w, const ct_conv2d_attr *conv, int64_t height, int64_t width)
{
    return ct_conv_apply(at, &ct_op_conv2d_dx, dy, w, conv, height, width);
}
