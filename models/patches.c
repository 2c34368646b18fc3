/* SPDX-License-Identifier: MIT */
/* Images as tokens: patches in and out, and where each stands. */
#include "patches.h"

#include <math.h>

ct_var *mf_patches_embed(nn_scope s, ct_var *z, int64_t p, int64_t width)
{
    int64_t batch = ct_var_dim(z, 0), channels = ct_var_dim(z, 1), grid = ct_var_dim(z, 2) / p;
    int64_t numbers = channels * p * p;
    double limit = sqrt(6.0 / (double)(numbers + width));  /* Xavier of the weight seen as [width, numbers] */
    ct_var *weight = nn_param(s, "weight", CT_SHAPE(width, channels, p, p), NN_UNIFORM(-limit, limit));
    ct_var *bias = nn_param(s, "bias", CT_SHAPE(width), NN_ZEROS);
    ct_var *x = ct_reshape(z, CT_SHAPE(batch, channels, grid, p, grid, p));
    x = ct_reshape(ct_permute(x, CT_AXES(0, 2, 4, 1, 3, 5)), CT_SHAPE(batch * grid * grid, numbers));
    ct_var *y = ct_matmul(x, ct_transpose(ct_reshape(weight, CT_SHAPE(width, numbers)), 0, 1));
    return ct_reshape(ct_add(y, bias), CT_SHAPE(batch, grid * grid, width));
}

ct_var *mf_patches_join(ct_var *x, int64_t p, int64_t channels, int64_t size)
{
    int64_t batch = ct_var_dim(x, 0), grid = size / p;
    x = ct_reshape(x, CT_SHAPE(batch, grid, grid, p, p, channels));
    return ct_reshape(ct_permute(x, CT_AXES(0, 5, 1, 3, 2, 4)), CT_SHAPE(batch, channels, size, size));
}

/* Element j of the embedding of one coordinate, j in 0 .. 2 n - 1. */
static double position_wave(int64_t at, int64_t j, int64_t n)
{
    double angle = (double)at / pow(10000, (double)(j % n) / (double)n);
    return j < n ? sin(angle) : cos(angle);
}

ct_var *mf_patches_positions(ct_graph *g, ct_dtype dtype, int64_t grid, int64_t width)
{
    ct_error err;
    ct_tensor *t = ct_tensor_new(dtype, CT_SHAPE(grid * grid, width), &err);
    if (!t)
        return ct_graph_fail(g, err.code, CT_HERE, "%s", err.message);
    int64_t n = width / 4;
    for (int64_t token = 0; token < grid * grid; token++)
        for (int64_t j = 0; j < width; j++) {
            int64_t at = j < 2 * n ? token % grid : token / grid;
            ct_tensor_set(t, token * width + j, position_wave(at, j % (2 * n), n));
        }
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}
