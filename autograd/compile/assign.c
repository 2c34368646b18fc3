/* SPDX-License-Identifier: MIT */
/* A value that is for a state is written into the state's memory by the step that makes it, when all that reads the old content has run by then and
 * nothing can end the run any more; otherwise a copy at the end of the run does it. With options.commit, so does a copy, unless the value is
 * select(commit, new, state), which is the old one where nothing is to change. */
#include "program_impl.h"

static int state_buffer(const ct_program *p, const ct_var *assign)
{
    return p->values[p->value_of[p->node_of[assign->x[0]->index]]].buffer;
}

/* The step that makes value v, and which of its results v is. */
static int maker_of(const ct_program *p, int v, int *out)
{
    for (int s = 0; s < p->n_steps; s++)
        for (int i = 0; i < p->steps[s].n_out; i++)
            if (p->steps[s].out[i] == v) {
                *out = i;
                return s;
            }
    return -1;
}

static bool is_read_after(const ct_program *p, int s, int b)
{
    for (int k = s + 1; k < p->n_steps; k++)
        for (int i = 0; i < p->steps[k].n; i++)
            if (p->values[p->steps[k].x[i]].buffer == b)
                return true;
    return false;
}

static bool may_fail_after(const ct_program *p, int s)
{
    for (int k = s + 1; k < p->n_steps; k++)
        if (may_fail(&p->steps[k]))
            return true;
    return p->options.check_finite;
}

static const ct_var *stands_for(const ct_program *p, const ct_var *v)
{
    return p->graph->vars[p->node_of[v->index]];
}

/* Whether the value is select(commit, new, state). */
static bool keeps_state(const ct_program *p, const ct_var *assign)
{
    extern const ct_op ct_op_select;
    const ct_var *value = stands_for(p, assign->x[1]);
    if (value->op != &ct_op_select || p->cut[value->index] || stands_for(p, value->x[2]) != stands_for(p, assign->x[0]))
        return false;
    const ct_var *mask = stands_for(p, value->x[0]);
    while (mask->op->view && mask->n == 1 && !p->cut[mask->index])
        mask = stands_for(p, mask->x[0]);
    return mask == stands_for(p, p->options.commit);
}

static bool needs_commit(const ct_program *p, const ct_var *assign)
{
    return p->options.commit && !keeps_state(p, assign);
}

static bool write_through(ct_program *p, int v, int b)
{
    const buffer *own = &p->buffers[p->values[v].buffer];
    if (p->values[v].of >= 0 || !in_block(own) || own->given || !ct_array_is_contiguous(&p->values[v].array))
        return false;
    int out = 0, s = maker_of(p, v, &out);
    if (s < 0 || !ct_step_reads_before_writing(p, &p->steps[s], b, out) || is_read_after(p, s, b) || may_fail_after(p, s))
        return false;
    int old = p->values[v].buffer;
    for (int k = v; k < p->n_values; k++)
        if (p->values[k].buffer == old)
            p->values[k].buffer = b;
    return true;
}

static bool copy_at_end(ct_program *p, int v, int b, const ct_var *assign)
{
    int y = ct_program_new_value(p, assign, p->values[v].array, b, -1);
    step *s = ct_program_new_step(p, STEP_COPY, assign, 1, y);
    if (!s)
        return false;
    s->x[0] = v;
    s->committed = needs_commit(p, assign);
    return true;
}

static const char *file_of(const ct_var *v)
{
    return v->at.file ? v->at.file : "?";
}

static bool check_once(const ct_program *p, ct_error *err)
{
    for (int i = 0; i < p->n_outputs; i++)
        for (int j = 0; j < i; j++) {
            const ct_var *a = p->outputs[i], *b = p->outputs[j];
            if (a->op == &ct_op_assign && b->op == &ct_op_assign && a != b && a->x[0] == b->x[0])
                return ct_fail(err, CT_E_ARGUMENT, "compile: state %s is assigned twice, at %s:%d and at %s:%d", CT_VAR_TEXT(a->x[0]),
                               file_of(b), b->at.line, file_of(a), a->at.line);
        }
    return true;
}

bool ct_pass_assign(ct_program *p, ct_error *err)
{
    if (!check_once(p, err))
        return false;
    for (int i = 0; i < p->n_outputs; i++) {
        const ct_var *a = p->outputs[i];
        bool seen = false;
        for (int j = 0; j < i; j++)
            seen = seen || p->outputs[j] == a;
        if (a->op != &ct_op_assign || seen)
            continue;
        int v = p->output_value[i], b = state_buffer(p, a);
        if ((needs_commit(p, a) || !write_through(p, v, b)) && !copy_at_end(p, v, b, a))
            return ct_compile_out_of_memory(err, "placing assignments");
    }
    return true;
}
