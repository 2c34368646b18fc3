/* SPDX-License-Identifier: MIT */
/* 1 where x > y, else 0. */
#include "common.h"

BINARY_SAMPLES(greater, CT_SAMPLE_DISTINCT)

const ct_op ct_op_greater = {
    .name = "greater",
    .kind = CT_CONSTANT,
    .arity = 2,
    .infer = ct_infer_same,
    .map = NUMBER_MAPS(greater),
    .samples = samples,
    .formula = "1 if x > y else 0",
};

ct_var *ct_greater_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_apply_broadcast(at, &ct_op_greater, 2, (ct_var *[]){x, y});
}
