/* SPDX-License-Identifier: MIT */
/* The smaller of x and y. */
#include "extremum.h"

BINARY_SAMPLES(minimum, CT_SAMPLE_DISTINCT)

const ct_op ct_op_minimum = {
    .name = "minimum",
    .kind = CT_CUSTOM,
    .arity = 2,
    .attr_size = sizeof(ct_extremum_attr),
    .infer = ct_infer_same,
    .map = NUMBER_MAPS(minimum),
    .jvp = ct_elementwise_jvp,
    .vjp = ct_extremum_vjp,
    .samples = samples,
    .formula = "min(x, y)",
};

ct_var *ct_minimum_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_extremum_apply(at, &ct_op_minimum, x, y, 0.5);
}
