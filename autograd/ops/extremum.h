/* SPDX-License-Identifier: MIT */
/* What maximum and minimum share. */
#ifndef COTANGENT_OPS_EXTREMUM_H
#define COTANGENT_OPS_EXTREMUM_H

#include "common.h"

typedef struct ct_extremum_attr {
    double tie;  /* the share of operand 0 in the derivative where the operands are equal: 0, 0.5 or 1; the other has the rest */
} ct_extremum_attr;

/* The rule of either op. */
ct_var *ct_extremum_vjp(ct_var *y, int i, ct_var *ybar);

/* The op applied to operands that broadcast. */
ct_var *ct_extremum_apply(ct_site at, const ct_op *op, ct_var *x, ct_var *y, double tie);

#endif
