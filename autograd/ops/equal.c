/* SPDX-License-Identifier: MIT */
/* 1 where x = y, else 0. */
#include "common.h"

BINARY_SAMPLES(equal, CT_SAMPLE_MASK)

const ct_op ct_op_equal = {
    .name = "equal",
    .kind = CT_CONSTANT,
    .arity = 2,
    .infer = ct_infer_same,
    .map = NUMBER_MAPS(equal),
    .samples = samples,
    .formula = "1 if x = y else 0",
};

ct_var *ct_equal_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_apply_broadcast(at, &ct_op_equal, 2, (ct_var *[]){x, y});
}
