/* SPDX-License-Identifier: MIT */
/* How much of the block is in use at each step, and by what. */
#include "program_impl.h"

static bool takes_memory(const buffer *b)
{
    return in_block(b) && b->merged < 0 && b->first <= b->last && b->bytes > 0;
}

/* --- the peak -------------------------------------------------------------------------------------------------------------- */

bool ct_program_find_peak(ct_program *p)
{
    int64_t *change = ct_arena_alloc(&p->memory, ((size_t)p->n_steps + 2) * sizeof *change), sum = 0, most = 0;
    if (!change)
        return false;
    for (int i = 0; i < p->n_buffers; i++)
        if (takes_memory(&p->buffers[i])) {
            change[p->buffers[i].first] += (int64_t)p->buffers[i].bytes;
            change[p->buffers[i].last + 1] -= (int64_t)p->buffers[i].bytes;
        }
    p->stats.peak_step = -1;
    for (int s = 0; s < p->n_steps; s++) {
        sum += change[s];
        if (sum > most) {
            most = sum;
            p->stats.peak_step = s;
        }
    }
    p->stats.peak_bytes = (size_t)most;
    return true;
}

/* --- what is in use ---------------------------------------------------------------------------------------------------------- */

/* The value that buffer b holds at step s, its last one by then (a result may have taken over an operand's memory); NULL for scratch. */
static const value *content(const ct_program *p, int b, int s)
{
    const value *found = NULL;
    int since = -1;
    for (int i = 0; i < p->n_values; i++) {
        const value *v = &p->values[i];
        int first = p->buffers[v->buffer].first;
        if (v->of >= 0 || root_buffer(p, v->buffer) != b || first > s || first < since)
            continue;
        found = v;
        since = first;
    }
    return found;
}

static ct_program_buffer scratch(const ct_program *p, const buffer *b)
{
    const ct_var *v = p->steps[b->first].var;
    return (ct_program_buffer){.op = "scratch", .name = ct_step_label(&p->steps[b->first]), .index = v->index, .at = v->at, .dtype = CT_U8,
                               .shape = CT_SHAPE((int64_t)b->bytes), .bytes = b->bytes, .first = b->first, .last = b->last};
}

static ct_program_buffer described(const ct_program *p, int b, int s)
{
    const buffer *m = &p->buffers[b];
    const value *x = content(p, b, s);
    if (!x)
        return scratch(p, m);
    const ct_var *v = x->var;
    return (ct_program_buffer){.op = v->op->name, .name = ct_var_name(v), .index = v->index, .at = v->at, .dtype = v->dtype, .shape = v->shape,
                               .bytes = m->bytes, .first = m->first, .last = m->last};
}

/* Into a list of n, largest first and the older first of equal ones, of which at most `most` are kept. */
static void insert(ct_program_buffer *list, int64_t n, int64_t most, ct_program_buffer b)
{
    int64_t i = n < most ? n : most;
    for (; i > 0 && list[i - 1].bytes < b.bytes; i--)
        if (i < most)
            list[i] = list[i - 1];
    if (i < most)
        list[i] = b;
}

int64_t ct_program_live(const ct_program *p, int64_t step, int64_t most, ct_program_buffer *list)
{
    int64_t n = 0;
    if (step < 0 || step >= p->n_steps)
        return 0;
    for (int i = 0; i < p->n_buffers; i++) {
        const buffer *b = &p->buffers[i];
        if (!takes_memory(b) || b->first > step || b->last < step)
            continue;
        if (most > 0)
            insert(list, n, most, described(p, i, (int)step));
        n++;
    }
    return n;
}
