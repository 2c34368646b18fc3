/* SPDX-License-Identifier: MIT */
/* States that a training step assigns besides what it trains, such as running means: those on the way to the loss are assigned in every step, and a model of averages, which is
 * evaluated with what the states have come to, gets copies. */
#include "train_impl.h"
#include <cotangent/op.h>
#include <stdlib.h>

bool nn_train_add_average(nn_train *t, nn_params *ema)
{
    nn_params **more = realloc(t->averages, (size_t)(t->n_averages + 1) * sizeof *more);
    if (!more)
        return nn_train_fail(t, CT_E_MEMORY, "ema: out of memory for %lld sets", (long long)t->n_averages + 1);
    t->averages = more;
    t->averages[t->n_averages++] = ema;
    return true;
}

static bool is_trained(const nn_train *t, const ct_var *state)
{
    for (int64_t i = 0; i < t->count; i++)
        if (t->items[i].param == state)
            return true;
    return false;
}

/* reached[i]: node i is the loss or an output, or one of them is computed from it. */
static void mark_reached(const nn_train *t, bool *reached)
{
    reached[ct_var_index(t->loss)] = true;
    for (int64_t i = 0; i < t->outputs; i++)
        reached[ct_var_index(t->output[i])] = true;
    for (int64_t k = ct_graph_size(t->graph) - 1; k >= 0; k--) {
        const ct_var *v = ct_graph_var(t->graph, k);
        for (int i = 0; reached[k] && i < ct_var_arity(v); i++)
            reached[ct_var_index(ct_var_input(v, i))] = true;
    }
}

/* The loss need not be an output for its assignments to be made. */
static bool add_assignments(nn_train *t, const bool *reached, int64_t nodes)
{
    const ct_op *assign = ct_op_find("assign");
    for (int64_t k = 0; k < nodes; k++)
        if (reached[k] && ct_var_op(ct_graph_var(t->graph, k)) == assign && !nn_train_output(t, ct_graph_var(t->graph, k)))
            return false;
    return true;
}

/* value[i] of the set's parameter i: what the step assigns to it, or, where another program assigns it, what it holds; NULL where nothing is to be copied. */
static void find_values(const nn_train *t, const bool *reached, int64_t nodes, ct_var **value)
{
    const ct_op *assign = ct_op_find("assign");
    for (int64_t k = 0; k < nodes; k++) {
        ct_var *v = ct_graph_var(t->graph, k), *state = ct_var_input(v, 0);
        int64_t place = ct_var_op(v) == assign ? nn_params_place(t->params, ct_var_tensor(state)) : -1;
        if (place >= 0 && !is_trained(t, state) && (reached[k] || !value[place]))
            value[place] = reached[k] ? ct_var_input(v, 1) : state;
    }
}

static bool copy_to(nn_train *t, nn_params *ema, int64_t place, ct_var *value)
{
    ct_site at = ct_var_site(value);
    ct_var *copy = nn_params_node(t->graph, at, ema, nn_params_name(t->params, place), ct_var_shape(value), NN_ZEROS);
    return nn_train_assign(t, copy, value);
}

static bool copy_all(nn_train *t, ct_var *const *value)
{
    for (int64_t e = 0; e < t->n_averages; e++)
        for (int64_t i = 0; i < nn_params_count(t->params); i++)
            if (value[i] && !copy_to(t, t->averages[e], i, value[i]))
                return false;
    return true;
}

bool nn_train_add_states(nn_train *t)
{
    if (ct_graph_error(t->graph))
        return false;
    int64_t nodes = ct_graph_size(t->graph);
    bool *reached = calloc((size_t)nodes + 1, sizeof *reached);
    ct_var **value = calloc((size_t)nn_params_count(t->params) + 1, sizeof *value);
    bool ok = reached && value;
    if (ok) {
        mark_reached(t, reached);
        find_values(t, reached, nodes, value);
        ok = add_assignments(t, reached, nodes) && copy_all(t, value);
    } else
        nn_train_fail(t, CT_E_MEMORY, "out of memory for the states of %lld nodes", (long long)nodes);
    free(reached);
    free(value);
    return ok;
}
