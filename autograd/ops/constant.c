/* SPDX-License-Identifier: MIT */
/* constant: a tensor that never changes. */
#include "../graph_impl.h"
#include <cotangent/ops.h>

static ct_var *good(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    ct_tensor *t = ct_tensor_new(dtype, CT_SHAPE(2, 3), NULL);
    ct_tensor_set(t, 4, 1.5);
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}

static ct_var *no_tensor(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)dtype, (void)x;
    return ct_constant(g, NULL);
}

static const ct_sample samples[] = {{.build = good}, {.build = no_tensor, .error = "constant: the tensor is NULL"}, {0}};

const ct_op ct_op_constant = {
    .name = "constant", .kind = CT_CONSTANT, .arity = 0, .attr_size = sizeof(tensor_attr), .infer = ct_infer_tensor, .samples = samples,
    .formula = "a fixed tensor",
};

ct_var *ct_constant_at(ct_site at, ct_graph *g, ct_tensor *value)
{
    if (!g || g->failed)
        return NULL;
    tensor_attr a = {value};
    if (value && !ct_graph_keep_tensor(g, value))
        return ct_graph_fail(g, CT_E_MEMORY, at, "constant: out of memory");
    return ct_apply(g, at, &ct_op_constant, 0, NULL, &a);
}
