/* SPDX-License-Identifier: MIT */
/* x y, elementwise. */
#include "common.h"

#include <math.h>

/* A splat's factor becomes an attribute. By a splat of 0 the product is that splat: what a zero multiplies counts as finite. */
static ct_var *simplify(const ct_infer *c)
{
    double value;
    for (int i = 0; i < 2; i++)
        if (ct_is_splat(c->x[i], &value) && isfinite(value))
            return value == 0 ? c->x[i] : ct_affine_at(c->at, c->x[1 - i], value, 0);
    return NULL;
}

/* The other operand. It is bilinear, but elementwise rules multiply by slopes with a strong zero, which a product wants as much as any other. */
static ct_var *deriv(ct_var *y, int i)
{
    return ct_var_input(y, 1 - i);
}

BINARY_SAMPLES(mul, CT_SAMPLE_NORMAL)

const ct_op ct_op_mul = {
    .name = "mul",
    .kind = CT_ELEMENTWISE,
    .arity = 2,
    .infer = ct_infer_same,
    .simplify = simplify,
    .map = NUMBER_MAPS(mul),
    .deriv = deriv,
    .samples = samples,
    .formula = "x y",
};

ct_var *ct_mul_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_apply_broadcast(at, &ct_op_mul, 2, (ct_var *[]){x, y});
}
