/* SPDX-License-Identifier: MIT */
/* isru(x) = x / sqrt(1 + x^2). Elementwise: the derivative dy/dx is all that both modes need. */
#include "isru.h"

#include <math.h>

static void map_f32(int64_t n, const void *const *x, void *y, const void *attr)
{
    const float *in = x[0];
    float *out = y;
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        out[i] = in[i] / sqrtf(1 + in[i] * in[i]);
}

static void map_f64(int64_t n, const void *const *x, void *y, const void *attr)
{
    const double *in = x[0];
    double *out = y;
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        out[i] = in[i] / sqrt(1 + in[i] * in[i]);
}

/* dy/dx = (1 + x^2)^(-3/2), as nodes: so it has derivatives of its own. */
static ct_var *deriv(ct_var *y, int i)
{
    ct_var *x = ct_var_input(y, i);
    return ct_pow(ct_shift(ct_square(x), 1), -1.5);
}

static ct_var *sample(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)g, (void)dtype;
    return isru(x[0]);
}

static const ct_sample samples[] = {
    {sample, 1, {{CT_SAMPLE_NORMAL, {1, {37}}, 0}}, NULL},
    {sample, 1, {{CT_SAMPLE_NORMAL, {3, {2, 1, 5}}, 0}}, NULL},
    {sample, 1, {{CT_SAMPLE_INDEX, {1, {4}}, 9}}, "isru"},
    {0},
};

const ct_op isru_op = {
    .name = "isru",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = {[CT_F32] = map_f32, [CT_F64] = map_f64},
    .deriv = deriv,
    .samples = samples,
    .formula = "x / sqrt(1 + x^2)",
};

ct_var *isru_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &isru_op, 1, &x, NULL);
}
