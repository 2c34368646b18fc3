/* SPDX-License-Identifier: MIT */
/* The cosine. */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    return ct_affine_at(AT(y), ct_sin_at(AT(y), ct_var_input(y, i)), -1, 0);  /* -sin(x) */
}

UNARY_SAMPLES(cos, CT_SAMPLE_NORMAL)

const ct_op ct_op_cos = {
    .name = "cos",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(cos),
    .deriv = deriv,
    .samples = samples,
    .formula = "cos(x)",
};

ct_var *ct_cos_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_cos, 1, &x, NULL);
}
