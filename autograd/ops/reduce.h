/* SPDX-License-Identifier: MIT */
/* What the reductions share: they differ in their kernel and their derivative. */
#ifndef COTANGENT_OPS_REDUCE_H
#define COTANGENT_OPS_REDUCE_H

#include "common.h"

typedef struct ct_reduce_attr {
    uint32_t axes;  /* bit i: axis i is reduced, and vanishes; first, as ct_op.row wants it */
} ct_reduce_attr;

/* Apply a reduction to axes given by number, which must exist and differ. */
ct_var *ct_reduce_apply(ct_site at, const ct_op *op, ct_var *x, const ct_axes *axes);

bool ct_reduce_infer(ct_infer *c);
/* Over axes of extent 1 alone nothing is to be reduced. */
ct_var *ct_reduce_simplify(const ct_infer *c);
/* op->narrow: along an axis that is left, which the operand has too. */
bool ct_reduce_narrow(const ct_var *y, ct_range of, ct_narrowing *out);
double ct_reduce_flops(const void *attr, int n, const ct_array *x, const ct_array *y);

/* y with the reduced axes back at extent 1, as the kernels want it. */
ct_array ct_reduce_keep(ct_array y, ct_shape x, uint32_t axes);
/* v, of the shape of the reduction y, repeated along the reduced axes: the shape of y's operand. */
ct_var *ct_reduce_spread(ct_var *y, ct_var *v);

#endif
