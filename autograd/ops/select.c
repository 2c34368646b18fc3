/* SPDX-License-Identifier: MIT */
/* x where the mask is not 0, else y. */
#include "common.h"

/* Operand 0 is the mask; what was not taken has cotangent 0. */
static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    ct_var *zeros = ct_zeros_like_at(AT(y), ybar), *mask = ct_var_input(y, 0);
    return i == 1 ? ct_select_at(AT(y), mask, ybar, zeros) : ct_select_at(AT(y), mask, zeros, ybar);
}

SAMPLE(sample, ct_select(x[0], x[1], x[2]))

static const ct_sample samples[] = {
    {sample, 3, {DRAW_SCALAR(CT_SAMPLE_MASK), DRAW_SCALAR(CT_SAMPLE_NORMAL), DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {sample, 3, {MASK(19), NORMAL(19), NORMAL(19)}, NULL},
    {sample, 3, {MASK(3, 1), NORMAL(3, 4), DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {sample, 3, {MASK(2, 1, 4), NORMAL(3, 1), NORMAL(2, 3, 4)}, NULL},
    {sample, 3, {MASK(2, 1, 2, 3), NORMAL(3), NORMAL(2, 2, 1, 1)}, NULL},
    {sample, 3, {INDEX(2, 4), INDEX(9, 4), INDEX(9, 4)}, NULL},
    {sample, 3, {MASK(3), NORMAL(3), NORMAL(4)}, "do not broadcast"},
    {sample, 3, {INDEX(2, 4), NORMAL(4), NORMAL(4)}, "int32"},
    {0},
};

const ct_op ct_op_select = {
    .name = "select",
    .kind = CT_LINEAR,
    .arity = 3,
    .fixed = 1u << 0,
    .infer = ct_infer_same,
    .map = NUMBER_MAPS(select),
    .transpose = transpose,
    .samples = samples,
    .formula = "x if mask else y",
};

ct_var *ct_select_at(ct_site at, ct_var *mask, ct_var *x, ct_var *y)
{
    return ct_apply_broadcast(at, &ct_op_select, 3, (ct_var *[]){mask, x, y});
}
