/* SPDX-License-Identifier: MIT */
/* The absolute value. */
#include "common.h"

/* The slope: -1, 1, or 0 at 0. As a strong zero it masks: at 0 the derivative is 0 whatever it is multiplied by. */
static ct_var *vjp(ct_var *y, int i, ct_var *ybar)
{
    (void)i;
    ct_var *x = ct_var_input(y, 0), *zeros = ct_zeros_like_at(AT(y), x);
    ct_var *sign = ct_sub_at(AT(y), ct_greater_at(AT(y), x, zeros), ct_greater_at(AT(y), zeros, x));
    return ct_mul_no_nan_at(AT(y), ybar, sign);
}

SAMPLE(sample, ct_abs(x[0]))
SAMPLE(bytes, ct_abs(ct_cast(x[0], CT_U8)))

static const ct_sample samples[] = {
    {sample, 1, {DRAW_SCALAR(CT_SAMPLE_DISTINCT)}, NULL},
    {sample, 1, {DISTINCT(37)}, NULL},
    {sample, 1, {DISTINCT(2, 3, 1, 4)}, NULL},
    {sample, 1, {DISTINCT(2, 0)}, NULL},
    {sample, 1, {INDEX(5, 4)}, NULL},
    {bytes, 1, {NORMAL(3)}, "uint8"},
    {0},
};

const ct_op ct_op_abs = {
    .name = "abs",
    .kind = CT_CUSTOM,
    .arity = 1,
    .infer = ct_infer_same,
    .map = NUMBER_MAPS(abs),
    .jvp = ct_elementwise_jvp,
    .vjp = vjp,
    .samples = samples,
    .formula = "abs(x)",
};

ct_var *ct_abs_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_abs, 1, &x, NULL);
}
