/* SPDX-License-Identifier: MIT */
/* The sine. */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    return ct_cos_at(AT(y), ct_var_input(y, i));
}

UNARY_SAMPLES(sin, CT_SAMPLE_NORMAL)

const ct_op ct_op_sin = {
    .name = "sin",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(sin),
    .deriv = deriv,
    .samples = samples,
    .formula = "sin(x)",
};

ct_var *ct_sin_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_sin, 1, &x, NULL);
}
