/* SPDX-License-Identifier: MIT */
/* input: a value given to the program before it runs. */
#include "../graph_impl.h"
#include <cotangent/ops.h>
#include <string.h>

typedef struct input_attr { ct_shape shape; int64_t dtype; } input_attr;

static bool infer(ct_infer *c)
{
    const input_attr *a = c->attr;
    c->shape = a->shape;
    c->dtype = (ct_dtype)a->dtype;
    return true;
}

static bool name_is_taken(const ct_graph *g, const char *name)
{
    for (int64_t i = 0; i < g->count; i++)
        if (g->vars[i]->op == &ct_op_input && strcmp(ct_var_name(g->vars[i]), name) == 0)
            return true;
    return false;
}

static ct_var *good(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_input(g, "sample", dtype, CT_SHAPE(2, 3));
}

static ct_var *negative_extent(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_input(g, "sample", dtype, CT_SHAPE(2, -3));
}

static ct_var *bad_dtype(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)dtype, (void)x;
    return ct_input(g, "sample", (ct_dtype)77, CT_SHAPE(2));
}

static ct_var *same_name(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    ct_input(g, "sample", dtype, CT_SHAPE(2));
    return ct_input(g, "sample", dtype, CT_SHAPE(2));
}

static const ct_sample samples[] = {
    {.build = good}, {.build = negative_extent, .error = "input: shape [2, -3] has a negative extent"},
    {.build = bad_dtype, .error = "input: unknown dtype 77, expected float32 (0), float64 (1), int32 (2) or uint8 (3), at "},
    {.build = same_name, .error = "has an input \"sample\" already"}, {0},
};

const ct_op ct_op_input = {
    .name = "input", .kind = CT_CONSTANT, .arity = 0, .attr_size = sizeof(input_attr), .infer = infer, .samples = samples,
    .formula = "given by ct_program_set",
};

ct_var *ct_input_at(ct_site at, ct_graph *g, const char *name, ct_dtype dtype, ct_shape shape)
{
    if (!g || g->failed)
        return NULL;
    if (!name || !*name)
        return ct_graph_fail(g, CT_E_NAME, at, "input: needs a name");
    if (name_is_taken(g, name))
        return ct_graph_fail(g, CT_E_NAME, at, "input: the graph has an input \"%s\" already", name);
    input_attr a = {shape, dtype};
    return ct_name(ct_apply(g, at, &ct_op_input, 0, NULL, &a), "%s", name);
}
