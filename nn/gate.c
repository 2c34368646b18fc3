/* SPDX-License-Identifier: MIT */
/* x g(x) as an op of x whose operand g is not differentiated: its derivative knows g'. */
#include "gate.h"
#include <cotangent/kernels.h>
#include <cotangent/op.h>

typedef struct gate_attr {
    int64_t kind;
} gate_attr;

static const double C = 0.79788456080286535588, CUBIC = 0.044715;  /* sqrt(2 / pi) */

/* x (2 c + 2 c 0.044715 x^2) */
ct_var *nn_gate_tanh_argument(ct_site at, ct_var *x)
{
    return ct_mul_at(at, x, ct_affine_at(at, ct_square_at(at, x), 2 * CUBIC * C, 2 * C));
}

/* exp(-x^2 / 2) / sqrt(2 pi) */
static ct_var *bell(ct_site at, ct_var *x)
{
    ct_var *e = ct_exp_at(at, ct_affine_at(at, ct_square_at(at, x), -0.5, 0));
    return ct_affine_at(at, e, C / 2, 0);
}

/* x g', where g' = 0 wins over an infinite factor. */
static ct_var *slope_of_gate(ct_site at, ct_var *x, ct_var *g, nn_gate_kind kind)
{
    if (kind == NN_GATE_NORMAL)
        return ct_mul_no_nan_at(at, x, bell(at, x));
    if (kind == NN_GATE_TANH)  /* x 2 u' */
        x = ct_mul_at(at, x, ct_affine_at(at, ct_square_at(at, x), 6 * CUBIC * C, 2 * C));
    return ct_mul_no_nan_at(at, x, ct_mul_at(at, g, ct_affine_at(at, g, -1, 1)));
}

static ct_var *deriv(ct_var *y, int i)
{
    const gate_attr *a = ct_var_attr(y);
    ct_site at = ct_var_site(y);
    ct_var *x = ct_var_input(y, i), *g = ct_var_input(y, 1);
    return ct_add_at(at, g, slope_of_gate(at, x, g, (nn_gate_kind)a->kind));
}

static ct_var *logistic(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)g, (void)dtype;
    return nn_gate(CT_HERE, x[0], ct_sigmoid(x[0]), NN_GATE_LOGISTIC);
}

static const ct_sample samples[] = {
    {logistic, 1, {{CT_SAMPLE_NORMAL, {2, {3, 5}}, 0}}, NULL},
    {logistic, 1, {{CT_SAMPLE_INDEX, {1, {4}}, 5}}, "int32"},
    {0},
};

static const ct_op gate_op = {
    .name = "gate",
    .kind = CT_ELEMENTWISE,
    .arity = 2,
    .fixed = 1u << 1,
    .attr_size = sizeof(gate_attr),
    .infer = ct_infer_same,
    .map = {[CT_F32] = ct_map_mul_no_nan_f32, [CT_F64] = ct_map_mul_no_nan_f64},
    .deriv = deriv,
    .samples = samples,
    .formula = "x g(x)",
};

ct_var *nn_gate(ct_site at, ct_var *x, ct_var *g, nn_gate_kind kind)
{
    gate_attr attr = {kind};
    return ct_apply(NULL, at, &gate_op, 2, (ct_var *[]){x, g}, &attr);
}
