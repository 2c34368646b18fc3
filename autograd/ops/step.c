/* SPDX-License-Identifier: MIT */
/* step: the program's step counter. */
#include "../graph_impl.h"
#include <cotangent/ops.h>

typedef struct step_attr { int64_t dtype; } step_attr;

static bool infer(ct_infer *c)
{
    c->shape = CT_SCALAR;
    c->dtype = (ct_dtype)((const step_attr *)c->attr)->dtype;
    if (c->dtype == CT_U8)
        return ct_infer_fail(c, CT_E_DTYPE, "expects float32, float64 or int32, got uint8");
    return true;
}

static void eval(const ct_eval *c)
{
    ct_fill(c->y, (double)c->step, 1);
}

static ct_var *good(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_step(g, dtype);
}

static ct_var *bytes(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)dtype, (void)x;
    return ct_step(g, CT_U8);
}

static const ct_sample samples[] = {{.build = good}, {.build = bytes, .error = "got uint8"}, {0}};

const ct_op ct_op_step = {
    .name = "step", .kind = CT_CONSTANT, .arity = 0, .attr_size = sizeof(step_attr), .infer = infer, .eval = eval,
    .samples = samples, .formula = "the number of runs before this one",
};

ct_var *ct_step_at(ct_site at, ct_graph *g, ct_dtype dtype)
{
    step_attr a = {dtype};
    return ct_apply(g, at, &ct_op_step, 0, NULL, &a);
}
