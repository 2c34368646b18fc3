/* SPDX-License-Identifier: MIT */
/* uniform: random numbers in (0, 1), new at each run. */
#include "../graph_impl.h"
#include "random_source.h"
#include <cotangent/ops.h>

static void eval(const ct_eval *c)
{
    const random_source *a = c->attr;
    ct_random_uniform(c->y, (ct_random_key){c->seed, a->stream, c->step}, c->threads);
}

static ct_var *good(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_uniform(g, dtype, CT_SHAPE(3, 5));
}

static ct_var *integers(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)dtype, (void)x;
    return ct_uniform(g, CT_I32, CT_SHAPE(3));
}

static const ct_sample samples[] = {{.build = good}, {.build = integers, .error = "uniform: expects float32 or float64, got int32"}, {0}};

const ct_op ct_op_uniform = {
    .name = "uniform", .kind = CT_CONSTANT, .arity = 0, .attr_size = sizeof(random_source), .infer = ct_random_infer, .eval = eval,
    .samples = samples, .formula = "random, uniform in (0, 1)",
};

ct_var *ct_uniform_at(ct_site at, ct_graph *g, ct_dtype dtype, ct_shape shape)
{
    return ct_random_apply(g, at, &ct_op_uniform, dtype, shape);
}
