/* SPDX-License-Identifier: MIT */
/* One block for everything: lifetimes, memory taken over in place, and offsets. */
#include "program_impl.h"
#include <stdlib.h>

enum { ALIGNMENT = 64 };

static size_t rounded(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* --- lifetimes ------------------------------------------------------------------------------------------------------------ */

/* Two steps that run together need their memory at the same time. */
static int start_of(const ct_program *p, int s)
{
    return s - p->steps[s].follows;
}

static int end_of(const ct_program *p, int s)
{
    return s + p->steps[s].followed;
}

static void write_at(const ct_program *p, buffer *b, int s)
{
    if (b->last < 0) {
        b->first = start_of(p, s);
        b->last = end_of(p, s);
    }
}

static void lifetimes(ct_program *p)
{
    for (int s = 0; s < p->n_steps; s++) {
        const step *t = &p->steps[s];
        for (int i = 0; i < t->n; i++)
            if (!is_passed_on(p, t, t->x[i]))
                p->buffers[p->values[t->x[i]].buffer].last = end_of(p, s);
        for (int i = 0; i < t->n_out; i++)
            if (!is_passed_on(p, t, t->out[i]))
                write_at(p, &p->buffers[p->values[t->out[i]].buffer], s);
    }
    for (int i = 0; i < p->n_buffers; i++) {
        buffer *b = &p->buffers[i];
        if (b->given)
            b->first = 0;
        if (b->given || (b->kept && b->last >= 0))
            b->last = p->n_steps;
    }
}

/* --- scratch: lives for one step ------------------------------------------------------------------------------------------ */

static bool scratch_of_products(ct_program *p, step *t, size_t *bytes)
{
    t->job = ct_arena_alloc(&p->memory, (size_t)products_of(t) * sizeof *t->job);
    if (!t->job)
        return false;
    if (t->followed)
        t[1].job = t->job + t->products;
    ct_run_bind_products(p, t, t->job);
    *bytes = ct_products_scratch(products_of(t), t->job, p->threads);
    return true;
}

static bool scratch_of_op(ct_program *p, const step *t, size_t *bytes)
{
    ct_array *x = ct_arena_alloc(&p->memory, (size_t)t->n * sizeof *x);
    for (int i = 0; x && i < t->n; i++)
        x[i] = p->values[t->x[i]].array;
    *bytes = x ? t->var->op->scratch(t->var->attr, t->n, x, &p->values[t->out[0]].array, p->threads) : 0;
    return x != NULL;
}

/* What code needs, then what the op or the products need. Into *bytes; false when out of memory. */
static bool scratch_of(ct_program *p, step *t, size_t *bytes)
{
    bool ok = true;
    *bytes = 0;
    if (t->kind == STEP_PRODUCT && !t->follows)
        ok = scratch_of_products(p, t, bytes);
    else if (t->kind == STEP_EVAL && t->var->op->scratch)
        ok = scratch_of_op(p, t, bytes);
    *bytes += ct_code_scratch(p, t);
    return ok;
}

static bool add_scratch(ct_program *p)
{
    for (int s = 0; s < p->n_steps; s++) {
        size_t bytes;
        if (!scratch_of(p, &p->steps[s], &bytes))
            return false;
        if (!bytes)
            continue;
        int b = ct_program_new_buffer(p, bytes, NULL);
        if (b < 0)
            return false;
        p->buffers[b].first = start_of(p, s);
        p->buffers[b].last = end_of(p, s);
        p->steps[s].scratch_bytes = bytes;
        p->steps[s].scratch_offset = (size_t)b;  /* the buffer, until offsets are known */
        p->stats.scratch_bytes = bytes > p->stats.scratch_bytes ? bytes : p->stats.scratch_bytes;
    }
    return true;
}

/* --- in place --------------------------------------------------------------------------------------------------------------- */

static bool reads(const instruction *c, int operand)
{
    for (int i = 0; i < c->n; i++)
        if (c->x[i].kind == IN_OPERAND && c->x[i].index == operand)
            return true;
    return false;
}

/* The instruction that writes result `out`. */
static int writer_of(const step *s, int out)
{
    int k = 0;
    while (s->code[k].y.kind != IN_RESULT || s->code[k].y.index != out)
        k++;
    return k;
}

static bool is_factor(const step *s, int operand)
{
    for (int i = 0; i < s->products; i++)
        if (operand == s->product[i].a || operand == s->product[i].b || operand == s->product[i].bias)
            return true;
    return false;
}

/* Written before all of the operands' rows of the same place have been read. */
static bool is_written_early(const step *s, int out)
{
    for (int i = 0; i < s->sums; i++)
        if (out == s->sum[i].out)
            return true;
    for (int i = 0; i < s->products; i++)
        if (out == s->product[i].out)
            return true;
    return false;
}

bool ct_step_reads_before_writing(const ct_program *p, const step *s, int b, int out)
{
    for (int i = 0; i < s->n; i++) {
        const value *x = &p->values[s->x[i]];
        if (root_buffer(p, x->buffer) != b)
            continue;
        if (!s->instructions || is_factor(s, i) || is_written_early(s, out) || !ct_array_is_contiguous(&x->array) ||
            ct_array_count(&x->array) != ct_array_count(&p->values[s->out[out]].array))
            return false;
        for (int k = writer_of(s, out) + 1; k < s->instructions; k++)
            if (reads(&s->code[k], i))
                return false;
    }
    return true;
}

/* Whether result number `out` of step s may take over buffer b, of its own size: all of b is read for the last time, element by element. */
static bool may_take_over(const ct_program *p, int s, int out, int b, size_t bytes)
{
    const buffer *from = &p->buffers[b];
    return in_block(from) && !from->given && from->last == s && from->bytes == bytes && ct_step_reads_before_writing(p, &p->steps[s], b, out);
}

static void take_over(ct_program *p, int y, int b)
{
    buffer *from = &p->buffers[y], *to = &p->buffers[b];
    from->merged = b;
    to->last = from->last > to->last ? from->last : to->last;
    to->kept = to->kept || from->kept;
}

static void place_result(ct_program *p, int s, int out)
{
    const step *t = &p->steps[s];
    int y = root_buffer(p, p->values[t->out[out]].buffer);
    if (!in_block(&p->buffers[y]) || p->buffers[y].first != s || p->buffers[y].last < 0)
        return;
    for (int i = 0; i < t->n; i++) {
        int b = root_buffer(p, p->values[t->x[i]].buffer);
        if (b == y || p->buffers[b].first == s || !may_take_over(p, s, out, b, p->buffers[y].bytes))
            continue;
        take_over(p, y, b);
        return;
    }
}

/* Not where operands are looked at after a step has run. */
static void in_place(ct_program *p)
{
    if (p->options.check_finite)
        return;
    for (int s = 0; s < p->n_steps; s++)
        for (int i = 0; p->steps[s].instructions && start_of(p, s) == end_of(p, s) && i < p->steps[s].n_out; i++)
            place_result(p, s, i);
}

/* --- offsets: largest first, each at the lowest place that is free for its whole lifetime ------------------------------------ */

typedef struct item { int buffer; size_t bytes; } item;

static int larger_first(const void *a, const void *b)
{
    const item *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return x->buffer < y->buffer ? -1 : x->buffer > y->buffer;
}

static bool overlap(const buffer *a, const buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* placed: buffers that have their offset, in order of offset. */
static size_t find_gap(const ct_program *p, const int *placed, int n, const buffer *b)
{
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        const buffer *o = &p->buffers[placed[i]];
        if (!overlap(o, b))
            continue;
        if (o->offset >= at + rounded(b->bytes))
            break;
        size_t end = o->offset + rounded(o->bytes);
        at = end > at ? end : at;
    }
    return at;
}

static void insert(ct_program *p, int *placed, int n, int b)
{
    int i = n;
    for (; i > 0 && p->buffers[placed[i - 1]].offset > p->buffers[b].offset; i--)
        placed[i] = placed[i - 1];
    placed[i] = b;
}

static int collect(ct_program *p, item *items)
{
    int n = 0;
    for (int i = 0; i < p->n_buffers; i++) {
        buffer *b = &p->buffers[i];
        if (!in_block(b) || b->last < b->first)
            continue;
        p->stats.naive_bytes += rounded(b->bytes);
        if (b->merged < 0 && b->bytes > 0)
            items[n++] = (item){i, b->bytes};
    }
    return n;
}

static bool offsets(ct_program *p)
{
    item *items = calloc((size_t)p->n_buffers + 1, sizeof *items);
    int *placed = calloc((size_t)p->n_buffers + 1, sizeof *placed);
    bool ok = items && placed;
    int n = ok ? collect(p, items) : 0;
    if (n > 0)
        qsort(items, (size_t)n, sizeof *items, larger_first);
    for (int i = 0; i < n; i++) {
        buffer *b = &p->buffers[items[i].buffer];
        b->offset = find_gap(p, placed, i, b);
        insert(p, placed, i, items[i].buffer);
        size_t end = b->offset + rounded(b->bytes);
        p->stats.planned_bytes = end > p->stats.planned_bytes ? end : p->stats.planned_bytes;
    }
    free(items);
    free(placed);
    return ok;
}

bool ct_pass_plan(ct_program *p, ct_error *err)
{
    lifetimes(p);
    in_place(p);
    return (add_scratch(p) && offsets(p)) || ct_compile_out_of_memory(err, "planning memory");
}
