/* SPDX-License-Identifier: MIT */
/* The natural logarithm. */
#include "common.h"

static ct_var *deriv(ct_var *y, int i)
{
    return ct_recip_at(AT(y), ct_var_input(y, i));  /* 1 / x */
}

UNARY_SAMPLES(log, CT_SAMPLE_POSITIVE)

const ct_op ct_op_log = {
    .name = "log",
    .kind = CT_ELEMENTWISE,
    .arity = 1,
    .infer = ct_infer_same,
    .map = FLOAT_MAPS(log),
    .deriv = deriv,
    .samples = samples,
    .formula = "log(x)",
};

ct_var *ct_log_at(ct_site at, ct_var *x)
{
    return ct_apply(NULL, at, &ct_op_log, 1, &x, NULL);
}
