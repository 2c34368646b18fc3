/* SPDX-License-Identifier: MIT */
/* x, which nothing is differentiated through. */
#include "common.h"

SAMPLE(sample, ct_stop_gradient(x[0]))
SAMPLE(of_nothing, ct_apply(g, CT_HERE, &ct_op_stop_gradient, 1, (ct_var *[]){NULL}, NULL))

static const ct_sample samples[] = {
    {sample, 1, {DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {sample, 1, {NORMAL(3, 4)}, NULL},
    {sample, 1, {INDEX(9, 2, 1, 3)}, NULL},
    {of_nothing, 0, {{0}}, "operand 0 is NULL"},
    {0},
};

const ct_op ct_op_stop_gradient = {
    .name = "stop_gradient",
    .kind = CT_CONSTANT,
    .arity = 1,
    .infer = ct_infer_identity,
    .view = ct_view_identity,
    .narrow = ct_narrow_same,
    .samples = samples,
    .formula = "x",
};

ct_var *ct_stop_gradient_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_stop_gradient, 1, &x, NULL);
}
