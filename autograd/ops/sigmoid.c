/* SPDX-License-Identifier: MIT */
/* The logistic function. */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    (void)i;
    return ct_mul_at(AT(y), y, ct_affine_at(AT(y), y, -1, 1));  /* y (1 - y) */
}

UNARY_SAMPLES(sigmoid, CT_SAMPLE_NORMAL)

const ct_op ct_op_sigmoid = {
    .name = "sigmoid",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(sigmoid),
    .deriv = deriv,
    .samples = samples,
    .formula = "1 / (1 + exp(-x))",
};

ct_var *ct_sigmoid_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_sigmoid, 1, &x, NULL);
}
