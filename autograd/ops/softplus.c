/* SPDX-License-Identifier: MIT */
/* log(1 + exp(x)), a smooth max(x, 0). */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    return ct_sigmoid_at(AT(y), ct_var_input(y, i));
}

UNARY_SAMPLES(softplus, CT_SAMPLE_NORMAL)

const ct_op ct_op_softplus = {
    .name = "softplus",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(softplus),
    .deriv = deriv,
    .samples = samples,
    .formula = "log(1 + exp(x))",
};

ct_var *ct_softplus_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_softplus, 1, &x, NULL);
}
