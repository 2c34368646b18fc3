/* SPDX-License-Identifier: MIT */
/* The exponential. */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    (void)i;
    return y;
}

UNARY_SAMPLES(exp, CT_SAMPLE_NORMAL)

const ct_op ct_op_exp = {
    .name = "exp",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(exp),
    .deriv = deriv,
    .samples = samples,
    .formula = "exp(x)",
};

ct_var *ct_exp_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_exp, 1, &x, NULL);
}
