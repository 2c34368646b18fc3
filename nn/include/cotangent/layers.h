/* SPDX-License-Identifier: MIT */
/* Layers: functions of a scope and nodes. All are made of ops, so they have every derivative. They return NULL after an error (see graph.h).
 * Options are handed over as structures, {0} for the defaults; where they arrive as pointers, a macro of the function's name makes them (language.h).
 * x is of the parameters' dtype. "..." stands for any leading axes. */
#ifndef COTANGENT_LAYERS_H
#define COTANGENT_LAYERS_H

#include <cotangent/ops.h>
#include <cotangent/params.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- activations (no parameters) ------------------------------------------------------------------------------------- */
/* The first three are 0 with slope 0 at -infinity, infinity with slope 1 at infinity, and right relative to their size where that is small. */
CT_API ct_var *nn_silu(ct_var *x);       /* x sigmoid(x) */
CT_API ct_var *nn_gelu(ct_var *x);       /* x (1 + erf(x / sqrt 2)) / 2 */
CT_API ct_var *nn_gelu_tanh(ct_var *x);  /* x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2 */
CT_API ct_var *nn_softmax(ct_var *x, int axis);      /* exp(x - max) / sum */
CT_API ct_var *nn_log_softmax(ct_var *x, int axis);  /* x - max - log sum exp(x - max) */

/* --- linear maps -------------------------------------------------------------------------------------------------------- */

typedef struct nn_linear_options {
    bool no_bias;
    nn_init weight;  /* default: Kaiming uniform with gain 1/sqrt(3), PyTorch's own */
    nn_init bias;    /* default: uniform in (-1/sqrt(in), 1/sqrt(in)), PyTorch's own */
} nn_linear_options;
/* x [..., in] -> [..., out]: x weight^T + bias. weight [out, in], bias [out]. */
CT_API ct_var *nn_linear(nn_scope s, ct_var *x, int64_t out);
CT_API ct_var *nn_linear_with(nn_scope s, ct_var *x, int64_t out, const nn_linear_options *options);
#define nn_linear_with(s, x, out, ...) (ct_barrier(), (nn_linear_with)((s), (x), (out), CT_POINTER(nn_linear_options, __VA_ARGS__)))

/* index (int32) [...] -> [..., width]: rows of weight [count, width]. Default initialiser: normal, deviation 1. A run with an index outside 0..count-1 fails and
 * names the layer, the index and its place. */
CT_API ct_var *nn_embedding(nn_scope s, ct_var *index, int64_t count, int64_t width);
CT_API ct_var *nn_embedding_with(nn_scope s, ct_var *index, int64_t count, int64_t width, nn_init weight);

typedef struct nn_conv2d_options {
    int64_t stride[2], pad[2], dilation[2];  /* of height, of width; stride and dilation 0 mean 1 */
    int64_t groups;                          /* 0 means 1 */
    bool no_bias;
    nn_init weight, bias;                    /* defaults as nn_linear, with fan_in = in / groups * kernel */
} nn_conv2d_options;
/* x [n, in, h, w] -> [n, out, oh, ow]. weight [out, in/groups, kernel, kernel], bias [out]. oh = (h + 2 pad - dilation (kernel - 1) - 1) / stride + 1. */
CT_API ct_var *nn_conv2d(nn_scope s, ct_var *x, int64_t out, int64_t kernel, const nn_conv2d_options *options);
#define nn_conv2d(s, x, out, kernel, ...) (ct_barrier(), (nn_conv2d)((s), (x), (out), (kernel), CT_POINTER(nn_conv2d_options, __VA_ARGS__)))
/* Transposed: x [n, in, h, w] -> [n, out, oh, ow], oh = (h - 1) stride - 2 pad + dilation (kernel - 1) + 1. weight [in, out/groups, kernel, kernel]. */
CT_API ct_var *nn_conv_transpose2d(nn_scope s, ct_var *x, int64_t out, int64_t kernel, const nn_conv2d_options *options);
#define nn_conv_transpose2d(s, x, out, kernel, ...) (ct_barrier(), (nn_conv_transpose2d)((s), (x), (out), (kernel), CT_POINTER(nn_conv2d_options, __VA_ARGS__)))

/* --- pooling and up-sampling (no parameters) ------------------------------------------------------------------------------ */
CT_API ct_var *nn_max_pool2d(ct_var *x, int64_t size);        /* [n, c, h, w] -> [n, c, h/size, w/size]; h and w divisible by size */
CT_API ct_var *nn_avg_pool2d(ct_var *x, int64_t size);
CT_API ct_var *nn_upsample_nearest2d(ct_var *x, int64_t factor);  /* [n, c, h, w] -> [n, c, h factor, w factor] */

/* --- normalisation -------------------------------------------------------------------------------------------------------- */

typedef struct nn_norm_options {
    double epsilon;  /* 0 means 1e-5 */
    bool no_affine;  /* no gain and no bias */
} nn_norm_options;
/* Over the last axis: (x - mean) / sqrt(variance + epsilon) * weight + bias; weight, bias [width], 1 and 0 at first. Variance with divisor n. */
CT_API ct_var *nn_layer_norm(nn_scope s, ct_var *x, nn_norm_options options);
/* Over the last axis: x / sqrt(mean(x^2) + epsilon) * weight. */
CT_API ct_var *nn_rms_norm(nn_scope s, ct_var *x, nn_norm_options options);
/* x [n, c, ...]: over each group of c/groups channels and all that follows; weight, bias [c]. */
CT_API ct_var *nn_group_norm(nn_scope s, ct_var *x, int64_t groups, nn_norm_options options);

/* --- attention and time ------------------------------------------------------------------------------------------------------ */

/* Multi-head self-attention, x [batch, tokens, width]: softmax(q k^T / sqrt(width/heads)) v, then a projection. Parameters qkv [3 width, width] (q, k, v in this
 * order, heads inside) and proj, with biases: those of timm's and DiT's Attention. */
typedef struct nn_attention_options {
    nn_linear_options qkv, proj;
} nn_attention_options;
CT_API ct_var *nn_attention(nn_scope s, ct_var *x, int64_t heads, const nn_attention_options *options);
#define nn_attention(s, x, heads, ...) (ct_barrier(), (nn_attention)((s), (x), (heads), CT_POINTER(nn_attention_options, __VA_ARGS__)))

/* Sinusoid of t [batch]: [cos(scale t f_j), sin(scale t f_j)] for f_j = max_period^(-j / (width/2)), j < width/2 -> [batch, width]; width is even. */
CT_API ct_var *nn_sinusoid(ct_var *t, int64_t width, double max_period, double scale);
/* That sinusoid (max_period 10000), then linear "mlp.0" to width, SiLU, linear "mlp.2" to width: DiT's TimestepEmbedder. */
typedef struct nn_time_options {
    int64_t frequencies;  /* width of the sinusoid; 0 means 256 */
    double scale;         /* t is multiplied by this; 0 means 1 */
    nn_init weight;       /* of both linear maps; default: normal, deviation 0.02; biases zero */
} nn_time_options;
CT_API ct_var *nn_time_embedding(nn_scope s, ct_var *t, int64_t width, const nn_time_options *options);
#define nn_time_embedding(s, t, width, ...) (ct_barrier(), (nn_time_embedding)((s), (t), (width), CT_POINTER(nn_time_options, __VA_ARGS__)))

/* While training: each element zero with probability p, else divided by 1 - p. Otherwise x. */
CT_API ct_var *nn_dropout(nn_scope s, ct_var *x, double p);

/* --- losses (one number, mean over the batch) ---------------------------------------------------------------------------------- */

/* -log softmax(logits)[label]: logits [batch, classes], label int32 [batch]. A run with a label that is no class, 0..classes-1, fails and names it and its row. */
#define nn_cross_entropy(...) nn_cross_entropy_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *nn_cross_entropy_at(ct_site at, ct_var *logits, ct_var *label);
typedef struct nn_cross_entropy_options {
    bool ignore;           /* leave out the rows whose label is ignore_index; the mean is over the others */
    int32_t ignore_index;  /* any number, a class or not; PyTorch's is -100 */
} nn_cross_entropy_options;
/* With all rows left out, or none there, the loss is 0 and so is its gradient (PyTorch's is NaN). */
#define nn_cross_entropy_with(...) nn_cross_entropy_with_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *nn_cross_entropy_with_at(ct_site at, ct_var *logits, ct_var *label, nn_cross_entropy_options options);
/* Mean over all elements of (x - y)^2; x and y have one shape. */
#define nn_mse(...) nn_mse_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *nn_mse_at(ct_site at, ct_var *x, ct_var *y);

#ifdef __cplusplus
}
#endif
#endif
