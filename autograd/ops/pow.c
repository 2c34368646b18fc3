/* SPDX-License-Identifier: MIT */
/* x^p for a fixed exponent p. */
#include "common.h"

static ct_var *simplify(const ct_infer *c)
{
    const ct_pow_attr *f = c->attr;
    ct_var *x = c->x[0];
    if (f->p == 0)
        return ct_ones_like_at(c->at, x);
    if (f->p == 1)
        return x;
    if (f->p == 2)
        return ct_mul_at(c->at, x, x);
    return f->p == -1 ? ct_recip_at(c->at, x) : NULL;
}

/* p x^(p-1); the roots, which every norm takes, reuse y: another power costs more than the rest of a norm. */
static ct_var *deriv(ct_var *y, int i)
{
    const ct_pow_attr *f = ct_var_attr(y);
    if (f->p == 0.5)
        return ct_affine_at(AT(y), ct_recip_at(AT(y), y), 0.5, 0);
    if (f->p == -0.5)
        return ct_affine_at(AT(y), ct_mul_at(AT(y), y, ct_mul_at(AT(y), y, y)), -0.5, 0);
    return ct_affine_at(AT(y), ct_pow_at(AT(y), ct_var_input(y, i), f->p - 1), f->p, 0);
}

SAMPLE(root, ct_sqrt(x[0]))
SAMPLE(inverse_root, ct_rsqrt(x[0]))
SAMPLE(fraction, ct_pow(x[0], 1.7))
SAMPLE(negative, ct_pow(x[0], -2.5))
SAMPLE(zeroth, ct_pow(x[0], 0))
SAMPLE(first, ct_pow(x[0], 1))
SAMPLE(second, ct_pow(x[0], 2))
SAMPLE(third, ct_pow(x[0], 3))
SAMPLE(inverse, ct_pow(x[0], -1))

static const ct_sample samples[] = {
    {root, 1, {DRAW_SCALAR(CT_SAMPLE_POSITIVE)}, NULL},
    {root, 1, {POSITIVE(37)}, NULL},
    {inverse_root, 1, {POSITIVE(5, 1)}, NULL},
    {fraction, 1, {POSITIVE(2, 3, 4)}, NULL},
    {negative, 1, {POSITIVE(2, 1, 3, 2)}, NULL},
    {zeroth, 1, {NORMAL(3)}, NULL},
    {first, 1, {NORMAL(3)}, NULL},
    {second, 1, {NORMAL(3, 3)}, NULL},
    {third, 1, {NORMAL(4)}, NULL},
    {inverse, 1, {POSITIVE(4)}, NULL},
    {third, 1, {INDEX(5, 4)}, "int32"},
    {0},
};

const ct_op ct_op_pow = {
    .name = "pow",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .attr_size = sizeof(ct_pow_attr),
    .infer = ct_infer_same,
    .simplify = simplify,
    .map = FLOAT_MAPS(pow),
    .deriv = deriv,
    .samples = samples,
    .formula = "x^p",
};

ct_var *ct_pow_at(ct_site at, ct_var *x, double p)
{
    ct_pow_attr attr = {p};
    return ct_apply(NULL, at, &ct_op_pow, 1, &x, &attr);
}
