/* SPDX-License-Identifier: MIT */
/* a x + b, with a and b fixed. */
#include "common.h"

static bool infer(ct_infer *c)
{
    const ct_affine_attr *f = c->attr;
    return ct_infer_same(c) && ct_infer_number(c, "factor", f->a, c->dtype) && ct_infer_number(c, "shift", f->b, c->dtype);
}

static ct_var *simplify(const ct_infer *c)
{
    const ct_affine_attr *f = c->attr;
    return f->a == 1 && f->b == 0 ? c->x[0] : NULL;
}

static ct_var *deriv(ct_var *y, int i)
{
    const ct_affine_attr *f = ct_var_attr(y);
    (void)i;
    return ct_full_like_at(AT(y), y, f->a);
}

SAMPLE(both, ct_affine(x[0], -1.5, 0.25))
SAMPLE(scale, ct_scale(x[0], 3))
SAMPLE(nothing, ct_affine(x[0], 1, 0))
SAMPLE(half, ct_scale(x[0], 0.5))
SAMPLE(too_far, ct_shift(x[0], 2147483648.0))
SAMPLE(bytes, ct_affine(ct_cast(x[0], CT_U8), 2, 1))

static const ct_sample samples[] = {
    {both, 1, {DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {both, 1, {NORMAL(37)}, NULL},
    {scale, 1, {NORMAL(3, 1, 4)}, NULL},
    {nothing, 1, {NORMAL(2, 3, 1, 2)}, NULL},
    {both, 1, {NORMAL(0, 3)}, NULL},
    {scale, 1, {INDEX(9, 2, 3)}, NULL},
    {half, 1, {INDEX(9, 3)}, "the factor is 0.5, but int32 holds whole numbers"},
    {too_far, 1, {INDEX(9, 3)}, "the shift is 2147483648, but int32"},
    {bytes, 1, {NORMAL(3)}, "uint8"},
    {0},
};

const ct_op ct_op_affine = {
    .name = "affine",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .attr_size = sizeof(ct_affine_attr),
    .infer = infer,
    .simplify = simplify,
    .map = NUMBER_MAPS(affine),
    .deriv = deriv,
    .samples = samples,
    .formula = "a x + b",
};

ct_var *ct_affine_at(ct_site at, ct_var *x, double a, double b)
{
    ct_affine_attr attr = {a, b};
    return ct_apply(NULL, at, &ct_op_affine, 1, &x, &attr);
}
