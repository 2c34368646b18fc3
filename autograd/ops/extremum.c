/* SPDX-License-Identifier: MIT */
/* What maximum and minimum share: the derivative goes to the operand that was taken, and on a tie to both by their shares. Weights are masks:
 * an operand that was not taken has a derivative of 0, whatever comes in. */
#include "extremum.h"

/* The share of operand i: 1 where it was taken alone, 0 where the other was. */
static ct_var *weight(ct_var *y, int i)
{
    const ct_extremum_attr *f = ct_var_attr(y);
    bool least = ct_var_op(y) == &ct_op_minimum;
    double tie = i == 0 ? f->tie : 1 - f->tie;
    ct_var *own = ct_var_input(y, least ? 1 - i : i), *other = ct_var_input(y, least ? i : 1 - i);
    ct_var *won = tie < 1 ? ct_greater_at(AT(y), own, other) : NULL;
    ct_var *lost = tie > 0 ? ct_greater_at(AT(y), other, own) : NULL;
    if (!lost)
        return won;
    if (!won)
        return ct_affine_at(AT(y), lost, -1, 1);
    return ct_add_at(AT(y), ct_affine_at(AT(y), won, 1 - tie, tie), ct_affine_at(AT(y), lost, -tie, 0));
}

ct_var *ct_extremum_vjp(ct_var *y, int i, ct_var *ybar)
{
    return ct_mul_no_nan_at(AT(y), ybar, weight(y, i));
}

ct_var *ct_extremum_apply(ct_site at, const ct_op *op, ct_var *x, ct_var *y, double tie)
{
    ct_extremum_attr attr = {tie};
    return ct_apply_broadcast_with(at, op, 2, (ct_var *[]){x, y}, &attr);
}
