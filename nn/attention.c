/* SPDX-License-Identifier: MIT */
/* Multi-head self-attention. */
#include "layer.h"
#include <math.h>

/* [batch, tokens, 3 width] -> q, k, v, each [batch, heads, tokens, width/heads]. */
static void split_heads(nn_scope s, ct_var *qkv, int64_t heads, ct_var *out[3])
{
    int64_t batch = ct_var_dim(qkv, 0), tokens = ct_var_dim(qkv, 1), depth = ct_var_dim(qkv, 2) / (3 * heads);
    ct_var *cut = ct_reshape_at(s.at, qkv, CT_SHAPE(batch, tokens, 3, heads, depth));
    ct_var *parts = ct_permute_at(s.at, cut, CT_AXES(2, 0, 3, 1, 4));
    for (int i = 0; i < 3; i++)
        out[i] = ct_reshape_at(s.at, ct_slice_at(s.at, parts, 0, i, i + 1, 1), CT_SHAPE(batch, heads, tokens, depth));
}

/* softmax(q k^T / sqrt(depth)) v */
static ct_var *attend(nn_scope s, ct_var *q, ct_var *k, ct_var *v)
{
    ct_var *scores = ct_matmul_at(s.at, q, ct_transpose_at(s.at, k, 2, 3));
    ct_var *scaled = ct_affine_at(s.at, scores, 1 / sqrt((double)ct_var_dim(q, 3)), 0);
    return ct_matmul_at(s.at, nn_softmax(scaled, -1), v);
}

ct_var *(nn_attention)(nn_scope s, ct_var *x, int64_t heads, const nn_attention_options *options)
{
    if (!nn_layer_input(s, "attention", x, 3, 3))
        return NULL;
    int64_t width = ct_var_dim(x, 2);
    if (heads < 1 || width < 1 || width % heads)
        return nn_fail(s, CT_E_SHAPE, "attention", "%lld heads must be 1 or more and divide the width of input %s", (long long)heads,
                       CT_VAR_TEXT(x));
    ct_var *qkv = (nn_linear_with)(layer_part(s, "qkv"), x, 3 * width, &options->qkv);
    if (!qkv)
        return NULL;
    ct_var *part[3];
    split_heads(s, qkv, heads, part);
    ct_var *y = ct_permute_at(s.at, attend(s, part[0], part[1], part[2]), CT_AXES(0, 2, 1, 3));
    return (nn_linear_with)(layer_part(s, "proj"), ct_reshape_at(s.at, y, ct_var_shape(x)), width, &options->proj);
}
