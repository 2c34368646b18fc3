/* SPDX-License-Identifier: MIT */
/* x + y. */
#include "common.h"

#include <math.h>

/* An infinite splat stays an operand: there it can be seen that the infinity was put in (ct_compile_options.check_finite). */
static ct_var *simplify(const ct_infer *c)
{
    double value;
    for (int i = 0; i < 2; i++)
        if (ct_is_splat(c->x[i], &value) && isfinite(value))
            return ct_affine_at(c->at, c->x[1 - i], 1, value);
    return NULL;
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    (void)y, (void)i;
    return ybar;
}

BINARY_SAMPLES(add, CT_SAMPLE_NORMAL)

const ct_op ct_op_add = {
    .name = "add",
    .kind = CT_LINEAR,
    .arity = 2,
    .infer = ct_infer_same,
    .simplify = simplify,
    .map = NUMBER_MAPS(add),
    .transpose = transpose,
    .samples = samples,
    .formula = "x + y",
};

ct_var *ct_add_at(ct_site at, ct_var *x, ct_var *y)
{
    return ct_apply_broadcast(at, &ct_op_add, 2, (ct_var *[]){x, y});
}
