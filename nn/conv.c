/* SPDX-License-Identifier: MIT */
/* 2-D convolution and its transpose. */
#include "layer.h"

/* The op's attributes, with the defaults put in. */
static ct_conv2d_attr attributes(const nn_conv2d_options *o)
{
    ct_conv2d_attr conv = {.groups = o->groups ? o->groups : 1};
    for (int i = 0; i < 2; i++) {
        conv.stride[i] = o->stride[i] ? o->stride[i] : 1;
        conv.pad[i] = o->pad[i];
        conv.dilation[i] = o->dilation[i] ? o->dilation[i] : 1;
    }
    return conv;
}

static bool check(nn_scope s, const char *layer, const ct_var *x, int64_t out, int64_t kernel, const ct_conv2d_attr *conv)
{
    if (!nn_layer_input(s, layer, x, 4, 4))
        return false;
    const int64_t most = 65535;  /* keeps extents in range */
    if (kernel < 1 || out < 1 || kernel > most)
        return nn_fail(s, CT_E_ARGUMENT, layer, "%lld outputs and kernel %lld, expected 1 or more of both and a kernel of at most %lld",
                       (long long)out, (long long)kernel, (long long)most);
    for (int i = 0; i < 2; i++)
        if (conv->stride[i] < 1 || conv->dilation[i] < 1 || conv->pad[i] < 0)
            return nn_fail(s, CT_E_ARGUMENT, layer, "stride %lld, dilation %lld and pad %lld must not be negative",
                           (long long)conv->stride[i], (long long)conv->dilation[i], (long long)conv->pad[i]);
        else if (conv->stride[i] > most || conv->dilation[i] > most || conv->pad[i] > most)
            return nn_fail(s, CT_E_ARGUMENT, layer, "stride %lld, dilation %lld and pad %lld, expected at most %lld",
                           (long long)conv->stride[i], (long long)conv->dilation[i], (long long)conv->pad[i], (long long)most);
    int64_t in = ct_var_dim(x, 1), groups = conv->groups;
    if (groups < 1 || in % groups || out % groups)
        return nn_fail(s, CT_E_SHAPE, layer, "%lld groups must divide the %lld channels of input %s and the %lld outputs",
                       (long long)groups, (long long)in, CT_VAR_TEXT(x), (long long)out);
    return true;
}

/* weight [rows, columns, kernel, kernel] */
static ct_var *kernel_param(nn_scope s, int64_t rows, int64_t columns, int64_t kernel, nn_init init)
{
    return nn_layer_param(s, "weight", CT_SHAPE(rows, columns, kernel, kernel), init, nn_default_weight());
}

static ct_var *add_bias(nn_scope s, ct_var *y, int64_t out, int64_t fan_in, const nn_conv2d_options *options)
{
    if (options->no_bias)
        return y;
    ct_var *bias = nn_layer_param(s, "bias", CT_SHAPE(out), options->bias, nn_default_bias(fan_in));
    return ct_add_at(s.at, y, ct_reshape_at(s.at, bias, CT_SHAPE(out, 1, 1)));
}

ct_var *(nn_conv2d)(nn_scope s, ct_var *x, int64_t out, int64_t kernel, const nn_conv2d_options *options)
{
    ct_conv2d_attr conv = attributes(options);
    if (!check(s, "conv2d", x, out, kernel, &conv))
        return NULL;
    int64_t in = ct_var_dim(x, 1) / conv.groups;
    ct_var *weight = kernel_param(s, out, in, kernel, options->weight);
    ct_var *y = ct_conv2d_at(s.at, x, weight, conv);
    return y ? add_bias(s, y, out, in * kernel * kernel, options) : NULL;  /* a weight that is there has no fan beyond int64_t */
}

/* The extent that a convolution would bring down to n. */
static int64_t transposed_extent(int64_t n, int64_t kernel, const ct_conv2d_attr *conv, int axis)
{
    return (n - 1) * conv->stride[axis] - 2 * conv->pad[axis] + conv->dilation[axis] * (kernel - 1) + 1;
}

/* As in PyTorch, the fan of the initialisers is that of the weight's own layout: out / groups * kernel^2. */
ct_var *(nn_conv_transpose2d)(nn_scope s, ct_var *x, int64_t out, int64_t kernel, const nn_conv2d_options *options)
{
    ct_conv2d_attr conv = attributes(options);
    if (!check(s, "conv_transpose2d", x, out, kernel, &conv))
        return NULL;
    int64_t columns = out / conv.groups;
    int64_t height = transposed_extent(ct_var_dim(x, 2), kernel, &conv, 0);
    int64_t width = transposed_extent(ct_var_dim(x, 3), kernel, &conv, 1);
    if (height < 1 || width < 1)
        return nn_fail(s, CT_E_SHAPE, "conv_transpose2d", "input %s is too small for this padding: the result would be "
                       "%lld by %lld", CT_VAR_TEXT(x), (long long)height, (long long)width);
    ct_var *weight = kernel_param(s, ct_var_dim(x, 1), columns, kernel, options->weight);
    ct_var *y = ct_conv2d_dx_at(s.at, x, weight, conv, height, width);
    return y ? add_bias(s, y, out, columns * kernel * kernel, options) : NULL;
}
