/* The greater of x and y. */
#include "common.h"

/* 1 for the operand that was taken; on a tie that is y. */
static ct_var *deriv(ct_var *y, int i)
{
    ct_var *first = ct_greater_at(AT(y), ct_var_input(y, 0), ct_var_input(y, 1));
    return i == 0 ? first : ct_affine_at(AT(y), first, -1, 1);
}

BINARY_SAMPLES(maximum, CT_SAMPLE_DISTINCT)

const ct_op ct_op_maximum = {
    .name = "maximum",
    .kind = CT_ELEMENTWISE,
    .arity = 2,
    .infer = ct_infer_same,
    .map = NUMBER_MAPS(maximum),
    .deriv = deriv,
    .samples = samples,
    .formula = "max(x, y)",
};

ct_var *ct_maximum_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_apply_broadcast(at, &ct_op_maximum, 2, (ct_var *[]){x, y});
}
