/* SPDX-License-Identifier: MIT */
/* What the three convolutions share. */
#include "conv.h"

static const char *const sides[2] = {"height", "width"};

int64_t ct_conv_extent(const ct_conv2d_attr *conv, int i, int64_t n, int64_t k)
{
    int64_t room = n + 2 * conv->pad[i] - 1;
    if (k < 1 || room < 0 || k - 1 > room / conv->dilation[i])
        return 0;
    return (room - conv->dilation[i] * (k - 1)) / conv->stride[i] + 1;
}

static bool check_attr(ct_infer *c)
{
    const ct_conv2d_attr *conv = &((const ct_conv_attr *)c->attr)->conv;
    const int64_t limit = INT64_C(1) << 30;
    for (int i = 0; i < 2; i++) {
        if (conv->stride[i] < 1 || conv->stride[i] > limit)
            return ct_infer_fail(c, CT_E_ARGUMENT, "stride %lld in %s, expected 1 or more", (long long)conv->stride[i], sides[i]);
        if (conv->dilation[i] < 1 || conv->dilation[i] > limit)
            return ct_infer_fail(c, CT_E_ARGUMENT, "dilation %lld in %s, expected 1 or more", (long long)conv->dilation[i], sides[i]);
        if (conv->pad[i] < 0 || conv->pad[i] > limit)
            return ct_infer_fail(c, CT_E_ARGUMENT, "padding %lld in %s, expected 0 or more", (long long)conv->pad[i], sides[i]);
    }
    return conv->groups >= 1 || ct_infer_fail(c, CT_E_ARGUMENT, "%lld groups, expected 1 or more", (long long)conv->groups);
}

bool ct_conv_operands(ct_infer *c)
{
    for (int i = 0; i < 2; i++)
        if (!ct_infer_float(c, i))
            return false;
    if (ct_var_dtype(c->x[0]) != ct_var_dtype(c->x[1]))
        return ct_infer_fail(c, CT_E_DTYPE, "operands must have one dtype");
    if (ct_var_rank(c->x[0]) != 4 || ct_var_rank(c->x[1]) != 4)
        return ct_infer_fail(c, CT_E_SHAPE, "expects operands of rank 4");
    c->dtype = ct_var_dtype(c->x[0]);
    return check_attr(c);
}

static bool check_channels(ct_infer *c, ct_shape x, ct_shape w, ct_shape y, int64_t groups)
{
    if (x.dim[1] % groups || x.dim[1] / groups != w.dim[1])
        return ct_infer_fail(c, CT_E_SHAPE, "%lld channels in %lld groups do not fit weights for %lld channels a group", (long long)x.dim[1],
                             (long long)groups, (long long)w.dim[1]);
    if (w.dim[0] % groups)
        return ct_infer_fail(c, CT_E_SHAPE, "%lld output channels cannot be divided into %lld groups", (long long)w.dim[0], (long long)groups);
    if (x.dim[0] != y.dim[0] || w.dim[0] != y.dim[1])
        return ct_infer_fail(c, CT_E_SHAPE, "dy must begin with %lld (the batch) and %lld (the output channels), got %lld and %lld",
                             (long long)x.dim[0], (long long)w.dim[0], (long long)y.dim[0], (long long)y.dim[1]);
    return true;
}

bool ct_conv_check(ct_infer *c, ct_shape x, ct_shape w, ct_shape y)
{
    const ct_conv2d_attr *conv = &((const ct_conv_attr *)c->attr)->conv;
    if (!check_channels(c, x, w, y, conv->groups))
        return false;
    for (int i = 0; i < 2; i++) {
        int64_t n = x.dim[2 + i], k = w.dim[2 + i], expected = ct_conv_extent(conv, i, n, k);
        if (expected < 1)
            return ct_infer_fail(c, CT_E_SHAPE, "a kernel of %s %lld with dilation %lld does not fit extent %lld with padding %lld", sides[i],
                                 (long long)k, (long long)conv->dilation[i], (long long)n, (long long)conv->pad[i]);
        if (y.dim[2 + i] != expected)
            return ct_infer_fail(c, CT_E_SHAPE, "dy has %s %lld, but the convolution of %lld by %lld gives %lld", sides[i],
                                 (long long)y.dim[2 + i], (long long)n, (long long)k, (long long)expected);
    }
    return true;
}

double ct_conv_flops(ct_shape w, ct_shape y)
{
    return 2.0 * (double)ct_shape_count(y) * (double)(w.dim[1] * w.dim[2] * w.dim[3]);
}

ct_var *ct_conv_apply(ct_site at, const ct_op *op, ct_var *x0, ct_var *x1, const ct_conv2d_attr *conv, int64_t height, int64_t width)
{
    ct_conv_attr attr = {*conv, {height, width}};
    return ct_apply(NULL, at, op, 2, (ct_var *[]){x0, x1}, &attr);
}
