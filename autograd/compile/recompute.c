/* SPDX-License-Identifier: MIT */
/* Values that are cheap to compute again are not kept for long. Where several elementwise values come from one array of their size (GELU's cube, its tanh and their
 * products all come from one product of matrices) and are read again many contractions later, that array is kept instead, and each later segment
 * computes what it reads anew, in the row program that reads it: fewer arrays are written, held and read. What a product reads long after it was made (what the weights were
 * multiplied by, for their gradients) is written anew, by the row program before the product. The same functions of the same operands: the same bits.
 *
 * A value's base is the one array of its own size that it is computed from, elementwise and with operands that are much smaller otherwise; a value that has none is its own base. */
#include "fuse.h"
#include <stdlib.h>
#include <string.h>

enum { DEAREST = 16, SMALLEST = 4096, MUCH_SMALLER = 8, LONG_AGO = 4 };  /* instructions; elements; times; segments */

typedef struct recomputer {
    ct_program *p;
    step *old;        /* the steps as they were */
    int n_old, n_values;
    int *segment;     /* by step: contractions before it */
    int *maker;       /* by value: the step that makes it, -1 for none or a view */
    int *base;        /* by value */
    int *cost;        /* by value: instructions from the base */
    int *far;         /* by value: how many values with this base are read in later segments */
    bool *held;       /* by value: read later by something other than a row program or a product, so it is in memory anyway */
    int *again;       /* by value: its copy in the present segment, -1 for none */
    int *made_in;     /* by value: the segment that copy is for */
} recomputer;

static int64_t count_of(const recomputer *r, int v)
{
    return ct_array_count(&r->p->values[v].array);
}

static bool can_join_rows(const recomputer *r, const step *t)
{
    int64_t columns;
    column_sum sum;
    return t->kind == STEP_MAP || ct_fuse_reduces_rows(r->p, t, &columns) || ct_fuse_sums_columns(r->p, t, &sum);
}

/* --- what comes from what ------------------------------------------------------------------------------------------------ */

/* Steps read their operands in order, so every maker's segment is known when its reader comes. */
static void find_far_readers(recomputer *r)
{
    int segment = 0;
    for (int s = 0; s < r->n_old; s++) {
        const step *t = &r->old[s];
        segment += is_contraction(t);
        r->segment[s] = segment;
        r->maker[t->out[0]] = s;
        for (int i = 0; i < t->n; i++) {
            int v = root_value(r->p, t->x[i]), m = r->maker[v];
            if (m >= 0 && r->segment[m] != segment && !can_join_rows(r, t) && !is_product(t))
                r->held[v] = true;
        }
    }
}

/* A product and its bias, see ct_fuse_take_bias: it is the sum that the product's step writes, if nothing else reads the product. */
static bool is_biased_product(const recomputer *r, const step *t)
{
    extern const ct_op ct_op_add;
    for (int i = 0; t->var->op == &ct_op_add && i < 2; i++) {
        int v = root_value(r->p, t->x[i]), m = r->maker[v];
        if (m >= 0 && is_product(&r->old[m]) && ct_fuse_is_bias(&r->p->values[t->x[1 - i]].array, ct_shape_dim(r->p->values[v].array.shape, -1)))
            return ct_fuse_relation(r->p, t->x[i]) == SAME && ct_program_times_read_by(r->p, r->old, r->n_old, v) == 1;
    }
    return false;
}

/* The base and the cost of step s's value by those of its operands. */
static void derive(recomputer *r, int s)
{
    const step *t = &r->old[s];
    int v = t->out[0], base = -1, cost = 1;
    const buffer *own = &r->p->buffers[r->p->values[v].buffer];
    bool derived = t->kind == STEP_MAP && !own->kept && !r->held[v] && count_of(r, v) >= SMALLEST && !is_biased_product(r, t);
    for (int i = 0; i < t->n && derived; i++) {
        int x = root_value(r->p, t->x[i]);
        if (count_of(r, x) * MUCH_SMALLER <= count_of(r, v))
            continue;
        derived = ct_fuse_relation(r->p, t->x[i]) == SAME && (base < 0 || base == r->base[x]);
        base = r->base[x];
        cost += r->cost[x];
    }
    derived = derived && base >= 0 && cost <= DEAREST;
    r->base[v] = derived ? base : v;
    r->cost[v] = derived ? cost : 0;
}

static void count_far(recomputer *r)
{
    for (int s = 0; s < r->n_old; s++)
        for (int i = 0; i < r->old[s].n; i++) {
            int v = root_value(r->p, r->old[s].x[i]), m = r->maker[v];
            if (m < 0 || r->segment[s] - r->segment[m] < LONG_AGO || r->made_in[v] == 0)
                continue;
            r->made_in[v] = 0;  /* counted */
            r->far[r->base[v]]++;
        }
    for (int v = 0; v < r->n_values; v++)
        r->made_in[v] = -1;
}

/* --- computing again --------------------------------------------------------------------------------------------------------- */

static bool pays(const recomputer *r, int v, int segment)
{
    int root = root_value(r->p, v), m = r->maker[root];
    return m >= 0 && segment - r->segment[m] >= LONG_AGO && r->base[root] != root && r->far[r->base[root]] >= 2;
}

/* The segment in which step s would have operands made again: its own, or the one that it ends, a product; -1 for not at all. */
static int wanted_in(const recomputer *r, int s)
{
    const step *t = &r->old[s];
    return can_join_rows(r, t) ? r->segment[s] : is_product(t) ? r->segment[s] - 1 : -1;
}

/* Value v as the present segment is to read it: itself, or a copy computed there; -1 when out of memory. Goes no deeper than DEAREST instructions and their views. */
static int value_in(recomputer *r, int v, int segment)
{
    ct_program *p = r->p;
    if (!pays(r, v, segment))
        return v;
    if (r->made_in[v] == segment)
        return r->again[v];
    int copy;
    if (p->values[v].of >= 0) {
        int of = value_in(r, p->values[v].of, segment);
        copy = of < 0 ? -1 : ct_program_new_value(p, p->values[v].var, p->values[v].array, p->values[of].buffer, of);
    } else {
        const step *t = &r->old[r->maker[v]];
        int x[CT_MAP_MAX_INPUTS];
        for (int i = 0; i < t->n; i++)
            if ((x[i] = value_in(r, t->x[i], segment)) < 0)
                return -1;
        int b = ct_program_new_buffer(p, p->buffers[p->values[v].buffer].bytes, NULL);
        copy = ct_program_new_value(p, p->values[v].var, p->values[v].array, b, -1);
        step *s = ct_program_new_step(p, STEP_MAP, t->var, t->n, copy);
        for (int i = 0; s && i < t->n; i++)
            s->x[i] = x[i];
        copy = s ? copy : -1;
    }
    r->again[v] = copy;
    r->made_in[v] = segment;
    return copy;
}

/* The old steps in a new list, each after the copies it reads. */
static bool rewrite(recomputer *r)
{
    for (int s = 0; s < r->n_old; s++) {
        const step *t = &r->old[s];
        int *x = ct_arena_alloc(&r->p->memory, ((size_t)t->n + 1) * sizeof *x);
        for (int i = 0; x && i < t->n; i++) {
            int segment = wanted_in(r, s);
            x[i] = segment < 0 ? t->x[i] : value_in(r, t->x[i], segment);
            if (x[i] < 0)
                return false;
        }
        step *copy = x ? ct_program_new_step(r->p, t->kind, t->var, t->n, t->out[0]) : NULL;
        if (!copy)
            return false;
        memcpy(copy->x, x, (size_t)t->n * sizeof *x);
    }
    return true;
}

/* --- dropping what nothing reads any more ------------------------------------------------------------------------------------- */

static bool drop_unread(ct_program *p)
{
    bool *read = calloc((size_t)p->n_values + 1, sizeof *read), *live = calloc((size_t)p->n_steps + 1, sizeof *live);
    bool ok = read && live;
    for (int s = p->n_steps - 1; ok && s >= 0; s--) {
        const step *t = &p->steps[s];
        live[s] = t->kind != STEP_MAP || read[t->out[0]] || p->buffers[p->values[t->out[0]].buffer].kept;
        for (int i = 0; live[s] && i < t->n; i++)
            read[root_value(p, t->x[i])] = true;
    }
    int kept = 0;
    for (int s = 0; ok && s < p->n_steps; s++)
        if (live[s])
            p->steps[kept++] = p->steps[s];
    p->n_steps = ok ? kept : p->n_steps;
    free(read);
    free(live);
    return ok;
}

/* --- the pass -------------------------------------------------------------------------------------------------------------------- */

static bool allocate(recomputer *r)
{
    size_t values = (size_t)r->n_values + 1;
    int **lists[] = {&r->maker, &r->base, &r->cost, &r->far, &r->again, &r->made_in};
    bool ok = (r->segment = calloc((size_t)r->n_old + 1, sizeof(int))) && (r->held = calloc(values, sizeof(bool)));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        ok = (*lists[i] = calloc(values, sizeof(int))) && ok;
    for (int v = 0; ok && v < r->n_values; v++) {
        r->base[v] = v;
        r->maker[v] = r->made_in[v] = -1;
    }
    return ok;
}

static void release(recomputer *r)
{
    int *lists[] = {r->segment, r->maker, r->base, r->cost, r->far, r->again, r->made_in};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(lists[i]);
    free(r->held);
    free(r->old);
}

bool ct_pass_recompute(ct_program *p, ct_error *err)
{
    if (p->options.no_fuse)
        return true;
    recomputer r = {.p = p, .old = p->steps, .n_old = p->n_steps, .n_values = p->n_values};
    p->steps = NULL;
    p->n_steps = p->steps_capacity = 0;
    bool ok = allocate(&r);
    if (ok) {
        find_far_readers(&r);
        for (int s = 0; s < r.n_old; s++)
            derive(&r, s);
        count_far(&r);
    }
    ok = ok && rewrite(&r) && drop_unread(p);
    release(&r);
    return ok || ct_compile_out_of_memory(err, "computing values again");
}
