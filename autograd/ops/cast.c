/* SPDX-License-Identifier: MIT */
/* The same numbers in another dtype. */
#include "common.h"

typedef struct cast_attr {
    int64_t dtype;
} cast_attr;

static bool infer(ct_infer *c)
{
    const cast_attr *to = c->attr;
    c->dtype = (ct_dtype)to->dtype;
    c->shape = ct_var_shape(c->x[0]);
    return true;
}

static ct_var *simplify(const ct_infer *c)
{
    return ct_var_dtype(c->x[0]) == c->dtype ? c->x[0] : NULL;
}

static void eval(const ct_eval *c)
{
    ct_copy(c->y, c->x[0], c->threads);
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    ct_dtype from = ct_var_dtype(ct_var_input(y, i));
    return ct_dtype_is_float(from) ? ct_cast_at(AT(y), ybar, from) : NULL;
}

SAMPLE(there_and_back, ct_cast(ct_cast(x[0], CT_F64), dtype))
SAMPLE(to_double, ct_cast(x[0], CT_F64))
SAMPLE(to_same, ct_cast(x[0], dtype))
SAMPLE(to_integer, ct_cast(x[0], CT_I32))
SAMPLE(to_bytes, ct_cast(x[0], CT_U8))
SAMPLE(to_nothing, ct_cast(x[0], (ct_dtype)9))

static const ct_sample samples[] = {
    {there_and_back, 1, {NORMAL(3, 4)}, NULL},
    {to_double, 1, {NORMAL(2, 1, 3, 2)}, NULL},
    {to_double, 1, {INDEX(7, 5)}, NULL},
    {to_same, 1, {DRAW_SCALAR(CT_SAMPLE_NORMAL)}, NULL},
    {to_integer, 1, {NORMAL(11)}, NULL},
    {to_bytes, 1, {POSITIVE(2, 3, 2)}, NULL},
    {to_nothing, 1, {NORMAL(3)}, "cast: unknown dtype 9, expected float32 (0)"},
    {0},
};

const ct_op ct_op_cast = {
    .name = "cast",
    .kind = CT_LINEAR,
    .arity = 1,
    .attr_size = sizeof(cast_attr),
    .infer = infer,
    .simplify = simplify,
    .eval = eval,
    .accepts = ct_accepts_any,
    .transpose = transpose,
    .narrow = ct_narrow_same,
    .samples = samples,
    .formula = "x in another dtype",
};

ct_var *ct_cast_at(ct_site at, ct_var *x, ct_dtype dtype)
{
    cast_attr attr = {dtype};
    return ct_apply(NULL, at, &ct_op_cast, 1, &x, &attr);
}
