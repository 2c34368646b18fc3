/* SPDX-License-Identifier: MIT */
/* scalar: one constant number; and tensors of one value, which are broadcasts of it. */
#include "../graph_impl.h"
#include "common.h"
#include <cotangent/ops.h>
#include <math.h>

typedef struct scalar_attr { double value; int64_t dtype; } scalar_attr;

static bool infer(ct_infer *c)
{
    const scalar_attr *a = c->attr;
    c->shape = CT_SCALAR;
    c->dtype = (ct_dtype)a->dtype;
    return ct_infer_number(c, "value", a->value, c->dtype);
}

static void eval(const ct_eval *c)
{
    ct_fill(c->y, ((const scalar_attr *)c->attr)->value, 1);
}

static ct_var *good(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_full(g, dtype, CT_SHAPE(2, 2), -1.25);
}

static ct_var *bad_dtype(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)dtype, (void)x;
    return ct_scalar(g, (ct_dtype)9, 1);
}

static ct_var *no_integer(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)dtype, (void)x;
    return ct_scalar(g, CT_I32, 0.5);
}

static ct_var *too_large(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_full(g, dtype, CT_SHAPE(INT64_C(1) << 40, INT64_C(1) << 40), 1);
}

static ct_var *negative(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_full(g, dtype, CT_SHAPE(2, -3), 1);
}

static const ct_sample samples[] = {
    {.build = good},
    {.build = too_large, .error = "full: shape [1099511627776, 1099511627776] has more elements than the limit of 2^59, at "},
    {.build = negative, .error = "full: shape [2, -3] has a negative extent on axis 1, at "},
    {.build = bad_dtype, .error = "scalar: unknown dtype 9, expected float32 (0), float64 (1), int32 (2) or uint8 (3)"},
    {.build = no_integer, .error = "scalar: the value is 0.5"},
    {0},
};

const ct_op ct_op_scalar = {
    .name = "scalar", .kind = CT_CONSTANT, .arity = 0, .attr_size = sizeof(scalar_attr), .infer = infer, .eval = eval,
    .samples = samples, .formula = "one constant number",
};

ct_var *ct_scalar_at(ct_site at, ct_graph *g, ct_dtype dtype, double value)
{
    scalar_attr a = {value, dtype};
    return ct_apply(g, at, &ct_op_scalar, 0, NULL, &a);
}

ct_var *ct_full_at(ct_site at, ct_graph *g, ct_dtype dtype, ct_shape shape, double value)
{
    ct_error why;
    if (!ct_shape_check(shape, &why))
        return ct_graph_fail(g, why.code, at, "full: %s", why.message);
    ct_var *one = ct_scalar_at(at, g, dtype, value);
    return one ? ct_broadcast_at(at, one, shape) : NULL;
}

ct_var *ct_full_like_at(ct_site at, ct_var *x, double value)
{
    return x ? ct_full_at(at, x->graph, x->dtype, x->shape, value) : NULL;
}

ct_var *ct_zeros_like_at(ct_site at, ct_var *x)
{
    return ct_full_like_at(at, x, 0);
}

ct_var *ct_ones_like_at(ct_site at, ct_var *x)
{
    return ct_full_like_at(at, x, 1);
}

/* Views other than alias keep a constant a constant; an alias is there to be told apart. */
bool ct_is_splat(const ct_var *v, double *value)
{
    extern const ct_op ct_op_alias;
    while (v && v->op->view && v->op != &ct_op_alias && v->n == 1)
        v = v->x[0];
    if (!v || v->op != &ct_op_scalar)
        return false;
    double exact = ((const scalar_attr *)v->attr)->value;
    *value = v->dtype == CT_F32 ? (double)(float)exact : exact;
    return true;
}
