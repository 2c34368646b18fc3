/* SPDX-License-Identifier: MIT */
/* x under an identity of its own. */
#include "common.h"

SAMPLE(sample, ct_alias(x[0]))
SAMPLE(of_nothing, ct_apply(g, CT_HERE, &ct_op_alias, 1, (ct_var *[]){NULL}, NULL))

static const ct_sample samples[] = {
    {sample, 1, {DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {sample, 1, {NORMAL(3, 4)}, NULL},
    {sample, 1, {INDEX(9, 2, 1, 3)}, NULL},
    {of_nothing, 0, {{0}}, "operand 0 is NULL"},
    {0},
};

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    (void)y, (void)i;
    return ybar;
}

const ct_op ct_op_alias = {
    .name = "alias",
    .kind = CT_LINEAR,
    .arity = 1,
    .infer = ct_infer_identity,
    .view = ct_view_identity,
    .transpose = transpose,
    .narrow = ct_narrow_same,
    .samples = samples,
    .formula = "x",
};

ct_var *ct_alias_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_alias, 1, &x, NULL);
}
