/* SPDX-License-Identifier: MIT */
/* Addresses: the block is allocated, and every value and operand gets its place. */
#include "program_impl.h"
#include "row_code.h"
#include <cotangent/pages.h>
#include <stdlib.h>

static unsigned char *address_of(const ct_program *p, int b)
{
    const buffer *m = &p->buffers[root_buffer(p, b)];
    return m->tensor ? ct_tensor_data(m->tensor) : p->block + m->offset;
}

static void bind_value(ct_program *p, value *v)
{
    if (v->of < 0)
        v->array.data = address_of(p, v->buffer) + v->start;
    else
        v->var->op->view(v->var->attr, p->values[v->of].array, &v->array);
}

static bool bind_step(ct_program *p, step *t)
{
    t->in = ct_arena_alloc(&p->memory, (size_t)t->n * sizeof *t->in);
    if (!t->in)
        return false;
    for (int i = 0; i < t->n; i++)
        t->in[i] = p->values[t->x[i]].array;
    ct_code_find_ahead(p, t);
    if (t->scratch_bytes)
        t->scratch_offset = p->buffers[t->scratch_offset].offset;
    if (t->kind == STEP_PRODUCT)
        ct_run_bind_products(p, t, t->job);
    if (!ct_step_count_work(p, t))
        return false;
    p->stats.flops += t->flops;
    return true;
}

static bool bind_outputs(ct_program *p)
{
    for (int i = 0; i < p->n_outputs; i++) {
        const ct_array *a = &p->values[p->output_value[i]].array;
        p->output_tensor[i] = ct_tensor_wrap(a->dtype, a->shape, a->data, NULL);
        if (!p->output_tensor[i])
            return false;
    }
    return true;
}

static void count(ct_program *p)
{
    p->stats.nodes = p->ordered;
    p->stats.steps = p->n_steps;
    for (int i = 0; i < p->n_buffers; i++)
        if (p->buffers[i].tensor)
            p->stats.state_bytes += p->buffers[i].bytes;
}

bool ct_pass_bind(ct_program *p, ct_error *err)
{
    size_t bytes = p->stats.planned_bytes ? p->stats.planned_bytes : 64;
    p->block = ct_pages_alloc(bytes);
    if (!p->block)
        return ct_fail(err, CT_E_MEMORY, "compile: the program needs a block of %zu bytes, which there are not", bytes);
    for (int v = 0; v < p->n_values; v++)
        bind_value(p, &p->values[v]);
    for (int s = 0; s < p->n_steps; s++)
        if (!bind_step(p, &p->steps[s]))
            return ct_compile_out_of_memory(err, "binding steps");
    count(p);
    if (!ct_program_find_peak(p) || (p->options.profile && !ct_program_find_distances(p)))
        return ct_compile_out_of_memory(err, "following what is in memory");
    return bind_outputs(p) || ct_compile_out_of_memory(err, "binding outputs");
}
