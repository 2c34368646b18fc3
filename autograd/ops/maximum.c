/* SPDX-License-Identifier: MIT */
/* The greater of x and y. */
#include "extremum.h"

BINARY_SAMPLES(maximum, CT_SAMPLE_DISTINCT)

const ct_op ct_op_maximum = {
    .name = "maximum",
    .kind = CT_CUSTOM,
    .arity = 2,
    .attr_size = sizeof(ct_extremum_attr),
    .infer = ct_infer_same,
    .map = NUMBER_MAPS(maximum),
    .jvp = ct_elementwise_jvp,
    .vjp = ct_extremum_vjp,
    .samples = samples,
    .formula = "max(x, y)",
};

ct_var *ct_maximum_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_extremum_apply(at, &ct_op_maximum, x, y, 0.5);
}
