/* SPDX-License-Identifier: MIT */
/* ct_compile: the passes in order. */
#include "../last_failure.h"
#include "program_impl.h"
#include <cotangent/team.h>
#include <stdlib.h>

static bool refuse_null(int i, ct_error *err)
{
    char cause[CT_MESSAGE_SIZE];
    const char *why = *ct_failure_take(cause) ? cause : "a zero gradient? see ct_or_zeros";
    return ct_fail(err, CT_E_ARGUMENT, "compile: output %d is NULL (%.700s)", i, why);
}

static bool check_outputs(ct_graph *g, int n, ct_var *const *outputs, ct_error *err)
{
    const ct_error *first = ct_graph_error(g);
    if (first)
        return ct_fail(err, first->code, "%s", first->message);
    if (n < 0 || (n > 0 && !outputs))
        return ct_fail(err, CT_E_ARGUMENT, "compile: a list of %d outputs%s, expected 0 or more", n, outputs ? "" : " at NULL");
    for (int i = 0; i < n; i++) {
        if (!outputs[i])
            return refuse_null(i, err);
        if (outputs[i]->graph != g)
            return ct_fail(err, CT_E_ARGUMENT, "compile: output %d, %s, belongs to another graph", i, CT_VAR_TEXT(outputs[i]));
    }
    return true;
}

static bool check_cuts(const ct_graph *g, const ct_compile_options *o, ct_error *err)
{
    if (o->n_cut < 0 || (o->n_cut > 0 && !o->cut))
        return ct_fail(err, CT_E_ARGUMENT, "compile: a list of %d cut nodes%s, expected 0 or more", o->n_cut, o->cut ? "" : " at NULL");
    for (int i = 0; i < o->n_cut; i++)
        if (!o->cut[i] || o->cut[i]->graph != g)
            return ct_fail(err, CT_E_ARGUMENT, "compile: cut node %d is NULL or of another graph", i);
    return true;
}

static bool check_commit(const ct_graph *g, const ct_compile_options *o, ct_error *err)
{
    if (!o->commit || (o->commit->graph == g && ct_shape_count(o->commit->shape) == 1))
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "compile: options.commit is %s, expected one number of the graph", CT_VAR_TEXT(o->commit));
}

/* With room for all assignments and options.commit. */
static bool copy_outputs(ct_program *p, int n, ct_var *const *outputs, ct_error *err)
{
    size_t room = (size_t)n + 1;
    for (int64_t k = 0; k < p->nodes; k++)
        room += p->graph->vars[k]->op == &ct_op_assign;
    p->outputs = calloc(room, sizeof *p->outputs);
    p->output_value = calloc(room, sizeof *p->output_value);
    p->output_tensor = calloc(room, sizeof *p->output_tensor);
    if (!p->outputs || !p->output_value || !p->output_tensor)
        return ct_compile_out_of_memory(err, "taking the outputs");
    p->n_outputs = n;
    for (int i = 0; i < n; i++)
        p->outputs[i] = outputs[i];
    return true;
}

static bool run_passes(ct_program *p, ct_error *err)
{
    if (!ct_pass_select(p, err) || !ct_pass_order(p, err) || !ct_pass_lower(p, err))
        return false;
    ct_pass_delay(p);
    return ct_pass_hasten(p, err) && ct_pass_recompute(p, err) && ct_pass_fuse(p, err) &&
           ct_pass_concat_parts(p, err) && ct_pass_assign(p, err) && ct_pass_follow(p, err) && ct_pass_plan(p, err) && ct_pass_bind(p, err);
}

ct_program *ct_compile(ct_graph *g, int n, ct_var *const *outputs, const ct_compile_options *options, ct_error *err)
{
    ct_compile_options o = options ? *options : (ct_compile_options){0};
    if (!check_outputs(g, n, outputs, err) || !check_cuts(g, &o, err) || !check_commit(g, &o, err))
        return NULL;
    ct_program *p = calloc(1, sizeof *p);
    if (!p) {
        ct_compile_out_of_memory(err, "making the program");
        return NULL;
    }
    o.no_fuse = o.no_fuse || o.check_finite;  /* the first offender is a node, not a group */
    p->options = o;
    p->graph = ct_graph_retain(g);
    p->nodes = g->count;
    p->threads = o.threads > 0 ? o.threads : ct_threads_default();
    bool ok = copy_outputs(p, n, outputs, err) && run_passes(p, err);
    p->options.cut = NULL;  /* the caller's list, which need not outlive this call */
    if (ok)
        return p;
    ct_program_free(p);
    return NULL;
}

void ct_program_free(ct_program *p)
{
    if (!p)
        return;
    for (int i = 0; p->output_tensor && i < p->n_outputs; i++)
        ct_tensor_free(p->output_tensor[i]);
    free(p->node_of);
    free(p->needed);
    free(p->cut);
    free(p->order);
    free(p->user);
    free(p->value_of);
    free(p->packed_of);
    free(p->values);
    free(p->buffers);
    free(p->steps);
    free(p->outputs);
    free(p->output_value);
    free(p->output_tensor);
    ct_arena_free(&p->memory);
    free(p->block);
    ct_graph_free(p->graph);
    free(p);
}
