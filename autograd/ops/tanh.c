/* SPDX-License-Identifier: MIT */
/* The hyperbolic tangent. */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    (void)i;
    return ct_affine_at(AT(y), ct_mul_at(AT(y), y, y), -1, 1);  /* 1 - y^2 */
}

UNARY_SAMPLES(tanh, CT_SAMPLE_NORMAL)

const ct_op ct_op_tanh = {
    .name = "tanh",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(tanh),
    .deriv = deriv,
    .samples = samples,
    .formula = "tanh(x)",
};

ct_var *ct_tanh_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_tanh, 1, &x, NULL);
}
