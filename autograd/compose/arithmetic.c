/* SPDX-License-Identifier: MIT */
/* Elementwise functions made of the ops. */
#include "../ops/extremum.h"

ct_var *ct_sub_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_add_at(at, x, ct_affine_at(at, y, -1, 0));
}

ct_var *ct_square_at(ct_site at, ct_var *x)
{
    return ct_mul_at(at, x, x);
}

/* At 0 the derivative is 0: a tie goes to the zeros. */
ct_var *ct_relu_at(ct_site at, ct_var *x)
{
    return ct_extremum_apply(at, &ct_op_maximum, x, ct_zeros_like_at(at, x), 0);
}

/* On the bounds the derivative is 1: ties go to x. */
ct_var *ct_clamp_at(ct_site at, ct_var *x, double low, double high)
{
    if (x && !(low <= high))
        return ct_refuse(at, "clamp", CT_E_ARGUMENT, x, "%g..%g is no range", low, high);
    ct_var *above = ct_extremum_apply(at, &ct_op_maximum, x, ct_full_like_at(at, x, low), 1);
    return ct_extremum_apply(at, &ct_op_minimum, above, ct_full_like_at(at, x, high), 1);
}
