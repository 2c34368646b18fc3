/* SPDX-License-Identifier: MIT */
/* The transpose of conv2d in w: x [n, c, h, w], dy [n, o, oh, ow] -> [o, c/groups, kh, kw]. */
#include "conv.h"

static bool infer(ct_infer *c)
{
    if (!ct_conv_operands(c))
        return false;
    const ct_conv_attr *attr = c->attr;
    ct_shape x = ct_var_shape(c->x[0]), dy = ct_var_shape(c->x[1]);
    c->shape = (ct_shape){4, {dy.dim[1], x.dim[1] / attr->conv.groups, attr->extent[0], attr->extent[1]}};
    ct_error why;
    if (!ct_shape_check(c->shape, &why))
        return ct_infer_fail(c, CT_E_SHAPE, "%s", why.message);
    return ct_conv_check(c, x, c->shape, dy);
}

static void eval(const ct_eval *c)
{
    const ct_conv_attr *attr = c->attr;
    ct_conv2d_dw_kernel(c->y, c->x[0], c->x[1], &attr->conv, c->scratch, c->threads);
}

static size_t scratch(const void *attr, int n, const ct_array *x, const ct_array *y, int threads)
{
    (void)n;
    return ct_conv2d_scratch(&((const ct_conv_attr *)attr)->conv, y->dtype, x[0].shape, y->shape, x[1].shape, threads);
}

static double flops(const void *attr, int n, const ct_array *x, const ct_array *y)
{
    (void)attr, (void)n;
    return ct_conv_flops(y->shape, x[1].shape);
}

/* v has the shape of w: in x the transpose is conv2d_dx with v for the weights, in dy the convolution by v. */
static ct_var *transpose(ct_var *y, int i, ct_var *v)
{
    const ct_conv_attr *attr = ct_var_attr(y);
    ct_var *x = ct_var_input(y, 0), *dy = ct_var_input(y, 1);
    if (i == 0)
        return ct_conv2d_dx_at(AT(y), dy, v, attr->conv, ct_var_dim(x, 2), ct_var_dim(x, 3));
    return ct_conv2d_at(AT(y), x, v, attr->conv);
}

/* A part of the output channels, or of the channels of x, where groups do not bind them together. */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    const ct_conv_attr *attr = ct_var_attr(y);
    out->x[of.axis == 0 ? 1 : 0] = (ct_range){1, of.from, of.to};
    return of.axis <= 1 && attr->conv.groups == 1;
}

SAMPLE(plain, ct_conv2d_dw(x[0], x[1], CONV(1, 1, 0, 0, 1, 1, 1), 2, 3))
SAMPLE(padded, ct_conv2d_dw(x[0], x[1], CONV(1, 1, 1, 1, 1, 1, 1), 3, 3))
SAMPLE(strided, ct_conv2d_dw(x[0], x[1], CONV(2, 3, 1, 0, 1, 1, 1), 3, 2))
SAMPLE(dilated, ct_conv2d_dw(x[0], x[1], CONV(1, 2, 0, 2, 2, 3, 1), 2, 2))
SAMPLE(grouped, ct_conv2d_dw(x[0], x[1], CONV(1, 1, 1, 0, 1, 1, 2), 2, 2))

static const ct_sample samples[] = {
    {plain, 2, {NORMAL(1, 1, 4, 5), NORMAL(1, 1, 3, 3)}, NULL},
    {padded, 2, {NORMAL(2, 2, 3, 3), NORMAL(2, 2, 3, 3)}, NULL},
    {strided, 2, {NORMAL(1, 2, 4, 6), NORMAL(1, 3, 2, 2)}, NULL},
    {dilated, 2, {NORMAL(1, 1, 5, 6), NORMAL(1, 2, 3, 4)}, NULL},
    {grouped, 2, {NORMAL(2, 4, 2, 3), NORMAL(2, 2, 3, 2)}, NULL},
    {plain, 2, {NORMAL(1, 1, 4, 5), NORMAL(1, 1, 3, 4)}, "dy has width 4, but the convolution of 5 by 3 gives 3"},
    {plain, 2, {NORMAL(2, 1, 4, 5), NORMAL(1, 1, 3, 3)}, "dy must begin with"},
    {grouped, 2, {NORMAL(1, 3, 2, 3), NORMAL(1, 2, 3, 2)}, "3 channels in 2 groups"},
    {plain, 2, {NORMAL(4, 5), NORMAL(3, 3)}, "rank 4"},
    {0},
};

const ct_op ct_op_conv2d_dw = {
    .name = "conv2d_dw",
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
    .formula = "transpose of conv2d in w, at dy",
};

ct_var *(ct_conv2d_dw_at)(ct_site at, ct_var *x, ct_var *dy, const ct_conv2d_attr *conv, int64_t kernel_height, int64_t kernel_width)
{
    return ct_conv_apply(at, &ct_op_conv2d_dw, x, dy, conv, kernel_height, kernel_width);
}
