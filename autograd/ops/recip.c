/* SPDX-License-Identifier: MIT */
/* 1 / x. */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    (void)i;
    return ct_affine_at(AT(y), ct_mul_at(AT(y), y, y), -1, 0);  /* -y^2 */
}

UNARY_SAMPLES(recip, CT_SAMPLE_POSITIVE)

const ct_op ct_op_recip = {
    .name = "recip",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(recip),
    .deriv = deriv,
    .samples = samples,
    .formula = "1 / x",
};

ct_var *ct_recip_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_recip, 1, &x, NULL);
}
