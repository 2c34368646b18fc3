/* SPDX-License-Identifier: MIT */
/* state: a tensor that ct_assign may change. */
#include "../graph_impl.h"
#include <cotangent/ops.h>

static ct_var *find(const ct_graph *g, const ct_tensor *t)
{
    for (int64_t i = 0; i < g->count; i++)
        if (g->vars[i]->op == &ct_op_state && ct_var_tensor(g->vars[i]) == t)
            return g->vars[i];
    return NULL;
}

static ct_var *good(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    ct_tensor *t = ct_tensor_new(dtype, CT_SHAPE(3), NULL);
    ct_tensor_fill(t, 0.25);
    ct_var *v = ct_state(g, "sample", t);
    ct_tensor_free(t);
    return v;
}

static ct_var *no_tensor(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)dtype, (void)x;
    return ct_state(g, "sample", NULL);
}

static const ct_sample samples[] = {{.build = good}, {.build = no_tensor, .error = "state: the tensor is NULL"}, {0}};

const ct_op ct_op_state = {
    .name = "state", .kind = CT_CONSTANT, .arity = 0, .attr_size = sizeof(tensor_attr), .infer = ct_infer_tensor, .samples = samples,
    .formula = "a tensor that ct_assign may change",
};

ct_var *ct_state_at(ct_site at, ct_graph *g, const char *name, ct_tensor *tensor)
{
    if (!g || g->failed)
        return NULL;
    ct_var *known = tensor ? find(g, tensor) : NULL;
    if (known)
        return known;
    if (tensor && !ct_graph_keep_tensor(g, tensor))
        return ct_graph_fail(g, CT_E_MEMORY, at, "state: out of memory");
    tensor_attr a = {tensor};
    ct_var *v = ct_apply(g, at, &ct_op_state, 0, NULL, &a);
    return name ? ct_name(v, "%s", name) : v;
}
