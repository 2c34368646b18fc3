/* SPDX-License-Identifier: MIT */
/* What a step does: arithmetic and bytes, counted from its code and its operands, not measured. */
#include "program_impl.h"

/* --- arithmetic ------------------------------------------------------------------------------------------------------------ */

/* One for each element and function, be it an addition or tanh; loads and spreads only move numbers. */
static double instruction_flops(const step *t, const instruction *c)
{
    double full = (double)t->rows * (double)t->columns;
    switch (c->kind) {
    case DO_MAP: return (1 + c->joined) * (c->level == FULL ? full : (double)t->rows);
    case DO_REDUCE:
    case DO_SUM: return full;
    default: return 0;
    }
}

static double product_flops(const ct_program *p, const step *t, const product *q)
{
    const ct_array *c = &p->values[q->value].array;
    return q->var->op->flops(q->var->attr, 2, (ct_array[]){t->in[q->a], t->in[q->b]}, c) + (q->bias >= 0 ? (double)ct_array_count(c) : 0);
}

static double flops_of(const ct_program *p, const step *t)
{
    const ct_array *y = &p->values[t->out[0]].array;
    double sum = 0;
    for (int i = 0; i < t->instructions; i++)
        sum += instruction_flops(t, &t->code[i]);
    for (int i = 0; i < t->products; i++)
        sum += product_flops(p, t, &t->product[i]);
    if (t->kind != STEP_EVAL)
        return sum;
    return t->var->op->flops ? t->var->op->flops(t->var->attr, t->n, t->in, y) : (double)ct_array_count(y);
}

/* --- bytes ----------------------------------------------------------------------------------------------------------------- */

/* Of the different elements that a view shows: those along an axis with stride 0 are one. */
static double bytes_shown(const ct_array *a)
{
    double bytes = (double)ct_dtype_size(a->dtype);
    for (int i = 0; i < a->shape.rank; i++)
        bytes *= a->stride[i] == 0 && a->shape.dim[i] > 0 ? 1 : (double)a->shape.dim[i];
    return bytes;
}

static bool is_repeated(const step *t, int i)
{
    for (int k = 0; k < i; k++)
        if (t->x[k] == t->x[i])
            return true;
    return false;
}

/* The step's traffic with value v's memory. */
static traffic *traffic_of(const ct_program *p, step *t, int v)
{
    int i = 0, b = root_buffer(p, p->values[v].buffer);
    while (i < t->n_traffic && t->traffic[i].buffer != b)
        i++;
    if (i == t->n_traffic)
        t->traffic[t->n_traffic++] = (traffic){.buffer = b};
    return &t->traffic[i];
}

/* Views of one buffer may overlap, so they count for no more than all of it. */
static void count_reads(const ct_program *p, step *t)
{
    for (int i = 0; i < t->n; i++) {
        if (is_passed_on(p, t, t->x[i]))
            continue;
        traffic *m = traffic_of(p, t, t->x[i]);
        double most = (double)p->buffers[m->buffer].bytes, sum = m->bytes + (is_repeated(t, i) ? 0 : bytes_shown(&t->in[i]));
        m->bytes = sum < most ? sum : most;
    }
}

static void count_writes(const ct_program *p, step *t)
{
    for (int i = 0; i < t->n_out; i++)
        if (!is_passed_on(p, t, t->out[i]))
            traffic_of(p, t, t->out[i])->bytes += bytes_shown(&p->values[t->out[i]].array);
}

bool ct_step_count_work(ct_program *p, step *t)
{
    t->flops = flops_of(p, t);
    t->traffic = ct_arena_alloc(&p->memory, ((size_t)t->n + (size_t)t->n_out) * sizeof *t->traffic);
    if (!t->traffic)
        return false;
    count_reads(p, t);
    count_writes(p, t);
    for (int i = 0; i < t->n_traffic; i++)
        t->bytes += t->traffic[i].bytes;
    return true;
}
