/* SPDX-License-Identifier: MIT */
/* x weight^T + bias over the last axis. */
#include "layer.h"

/* Names the layer, where nn_param could name the parameter only. */
static bool weight_fits(nn_scope s, const ct_var *x, int64_t out)
{
    if (out < 1)
        return nn_fail(s, CT_E_ARGUMENT, "linear", "%lld outputs are asked for, expected 1 or more, of input %s", (long long)out, CT_VAR_TEXT(x));
    const char *name = ct_graph_text(s.graph, "%s%sweight", s.path, *s.path ? "." : "");
    const ct_tensor *weight = s.params && name ? nn_params_find(s.params, name) : NULL;
    if (!weight)
        return true;
    ct_shape shape = ct_tensor_shape(weight);
    if (shape.rank != 2 || shape.dim[0] != out)
        return nn_fail(s, CT_E_SHAPE, "linear", "%lld outputs are asked for, but the weight is %s", (long long)out,
                       CT_SHAPE_TEXT(shape));
    if (shape.dim[1] != ct_var_dim(x, -1))
        return nn_fail(s, CT_E_SHAPE, "linear", "input %s has %lld features, but the weight is %s", CT_VAR_TEXT(x),
                       (long long)ct_var_dim(x, -1), CT_SHAPE_TEXT(shape));
    return true;
}

/* A vector is a matrix of one row in between. */
static ct_var *product(nn_scope s, ct_var *x, ct_var *weight)
{
    ct_var *transposed = ct_transpose_at(s.at, weight, 0, 1);
    if (ct_var_rank(x) > 1)
        return ct_matmul_at(s.at, x, transposed);
    ct_var *row = ct_reshape_at(s.at, x, CT_SHAPE(1, ct_var_dim(x, 0)));
    return ct_reshape_at(s.at, ct_matmul_at(s.at, row, transposed), CT_SHAPE(ct_var_dim(weight, 0)));
}

ct_var *(nn_linear_with)(nn_scope s, ct_var *x, int64_t out, const nn_linear_options *options)
{
    if (!nn_layer_input(s, "linear", x, 1, CT_MAX_RANK) || !weight_fits(s, x, out))
        return NULL;
    int64_t in = ct_var_dim(x, -1);
    ct_var *weight = nn_layer_param(s, "weight", CT_SHAPE(out, in), options->weight, nn_default_weight());
    ct_var *y = product(s, x, weight);
    if (options->no_bias)
        return y;
    return ct_add_at(s.at, y, nn_layer_param(s, "bias", CT_SHAPE(out), options->bias, nn_default_bias(in)));
}

ct_var *nn_linear(nn_scope s, ct_var *x, int64_t out)
{
    return nn_linear_with(s, x, out, (nn_linear_options){0});
}
