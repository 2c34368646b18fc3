/* SPDX-License-Identifier: MIT */
/* The complementary error function. */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    const double two_over_sqrt_pi = 1.1283791670955126;
    ct_var *x = ct_var_input(y, i);
    ct_var *square = ct_mul_at(AT(y), x, x);
    ct_var *bell = ct_exp_at(AT(y), ct_affine_at(AT(y), square, -1, 0));
    return ct_affine_at(AT(y), bell, -two_over_sqrt_pi, 0);  /* -2 / sqrt(pi) exp(-x^2) */
}

UNARY_SAMPLES(erfc, CT_SAMPLE_NORMAL)

const ct_op ct_op_erfc = {
    .name = "erfc",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(erfc),
    .deriv = deriv,
    .samples = samples,
    .formula = "1 - erf(x)",
};

ct_var *ct_erfc_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_erfc, 1, &x, NULL);
}
