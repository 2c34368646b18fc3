/* SPDX-License-Identifier: MIT */
/* x / y, elementwise, rounded once. */
#include "common.h"

#include <math.h>
#include <stdlib.h>

/* The reciprocal of a power of two is exact: then a product gives the same bits, and costs less. */
static ct_var *simplify(const ct_infer *c)
{
    double value;
    int exponent;
    if (!ct_is_splat(c->x[1], &value) || fabs(frexp(value, &exponent)) != 0.5 || abs(exponent) > 100)
        return NULL;
    return ct_affine_at(c->at, c->x[0], 1 / value, 0);
}

/* 1 / x_1 and -y / x_1. */
static ct_var *deriv(ct_var *y, int i)
{
    double value;
    ct_var *divisor = ct_var_input(y, 1);
    ct_var *inverse = ct_is_splat(divisor, &value) ? ct_full_like_at(AT(y), y, 1 / value) : ct_recip_at(AT(y), divisor);
    return i == 0 ? inverse : ct_mul_at(AT(y), ct_affine_at(AT(y), y, -1, 0), inverse);
}

BINARY_SAMPLES(div, CT_SAMPLE_POSITIVE)

const ct_op ct_op_div = {
    .name = "div",
    .kind = CT_ELEMENTWISE,
    .arity = 2,
    .infer = ct_infer_same,
    .simplify = simplify,
    .map = FLOAT_MAPS(div),
    .deriv = deriv,
    .samples = samples,
    .formula = "x / y",
};

ct_var *ct_div_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_apply_broadcast(at, &ct_op_div, 2, (ct_var *[]){x, y});
}
