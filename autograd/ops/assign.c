/* SPDX-License-Identifier: MIT */
/* assign: write a value into a state once everything that reads the state has run. As a value it is that value. */
#include "../graph_impl.h"
#include <cotangent/ops.h>

static bool infer(ct_infer *c)
{
    if (c->x[0]->op != &ct_op_state)
        return ct_infer_fail(c, CT_E_ARGUMENT, "operand 0 must be a state");
    if (!ct_shape_equal(c->x[0]->shape, c->x[1]->shape) || c->x[0]->dtype != c->x[1]->dtype)
        return ct_infer_fail(c, CT_E_SHAPE, "state and value must have one shape and dtype");
    c->shape = c->x[1]->shape;
    c->dtype = c->x[1]->dtype;
    return true;
}

static ct_var *jvp(ct_var *y, ct_var *const *dx)
{
    (void)y;
    return dx[1];
}

static ct_var *vjp(ct_var *y, int i, ct_var *ybar)
{
    (void)y;
    return i == 1 ? ybar : NULL;
}

static ct_var *state_of(ct_graph *g, ct_dtype dtype)
{
    ct_tensor *t = ct_tensor_new(dtype, CT_SHAPE(3), NULL);
    ct_var *v = ct_state(g, "sample", t);
    ct_tensor_free(t);
    return v;
}

static ct_var *good(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    return ct_assign(state_of(g, dtype), x[0]);
}

static ct_var *not_a_state(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)g, (void)dtype;
    return ct_assign(x[0], x[0]);
}

static const ct_sample samples[] = {
    {.build = good, .n = 1, .x = {{CT_SAMPLE_NORMAL, {1, {3}}, 0}}},
    {.build = not_a_state, .n = 1, .x = {{CT_SAMPLE_NORMAL, {1, {3}}, 0}}, .error = "operand 0 must be a state"},
    {.build = good, .n = 1, .x = {{CT_SAMPLE_NORMAL, {1, {4}}, 0}}, .error = "one shape and dtype"},
    {0},
};

const ct_op ct_op_assign = {
    .name = "assign", .kind = CT_CUSTOM, .arity = 2, .fixed = 1, .infer = infer, .jvp = jvp, .vjp = vjp, .samples = samples,
    .formula = "value, written into the state at the end of the run",
};

ct_var *ct_assign_at(ct_site at, ct_var *state, ct_var *value)
{
    return ct_apply(NULL, at, &ct_op_assign, 2, (ct_var *[]){state, value}, NULL);
}
