/* SPDX-License-Identifier: MIT */
/* x y, but 0 where y is 0, whatever x is: a strong zero. Derivatives multiply with it (see transform.h), so that a cotangent or tangent of 0 is
 * not made NaN by a slope that is infinite or NaN where it does not matter. */
#include "common.h"

#include <math.h>

/* A splat's factor becomes an attribute where that gives the same. */
static ct_var *simplify(const ct_infer *c)
{
    double value;
    if (ct_is_splat(c->x[1], &value) && isfinite(value))
        return value == 0 ? c->x[1] : ct_affine_at(c->at, c->x[0], value, 0);
    if (ct_is_splat(c->x[0], &value) && isfinite(value))
        return value == 0 ? c->x[0] : ct_affine_at(c->at, c->x[1], value, 0);
    return NULL;
}

/* x d where d is a derivative: 0 where either is. Where y is 0 the result does not depend on x, and where d is 0 nothing comes in. */
static ct_var *both_strong(ct_var *y, ct_var *x, ct_var *d)
{
    return ct_mul_no_nan_at(AT(y), x, ct_select_at(AT(y), x, d, ct_zeros_like_at(AT(y), d)));
}

static ct_var *vjp(ct_var *y, int i, ct_var *ybar)
{
    ct_var *other = ct_var_input(y, 1 - i);
    return i == 0 ? both_strong(y, other, ybar) : ct_mul_no_nan_at(AT(y), other, ybar);
}

BINARY_SAMPLES(mul_no_nan, CT_SAMPLE_NORMAL)

const ct_op ct_op_mul_no_nan = {
    .name = "mul_no_nan",
    .kind = CT_CUSTOM,
    .arity = 2,
    .infer = ct_infer_same,
    .simplify = simplify,
    .map = FLOAT_MAPS(mul_no_nan),
    .jvp = ct_elementwise_jvp,
    .vjp = vjp,
    .samples = samples,
    .formula = "x y; 0 where y = 0",
};

ct_var *ct_mul_no_nan_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_apply_broadcast(at, &ct_op_mul_no_nan, 2, (ct_var *[]){x, y});
}
