/* SPDX-License-Identifier: MIT */
/* A product of what another product's row program makes, such as the second layer of an MLP or the values of attention behind its softmax, runs with it: each block of rows is multiplied on
 * while it is in cache, and what lies between the two products is never in memory as a whole. Runs when the steps are in their last order and it is known what they write into state. */
#include "fuse.h"
#include <string.h>

enum { MOST_BETWEEN = 16 };  /* steps between two that are to run together */

/* Whether step t reads what step s makes, other than value v. */
static bool reads_from(const ct_program *p, const step *t, const step *s, int v)
{
    for (int i = 0; i < t->n; i++)
        for (int k = 0; k < s->n_out; k++)
            if (s->out[k] != v && p->values[t->x[i]].buffer == p->values[s->out[k]].buffer)
                return true;
    return false;
}

static bool writes_state(const ct_program *p, const step *s)
{
    for (int i = 0; i < s->n_out; i++)
        if (!in_block(&p->buffers[p->values[s->out[i]].buffer]))
            return true;
    return false;
}

/* Whether step u can run before s, which is before it. Two that run together stay where they are: the other one may have to come later. */
static bool can_precede(const ct_program *p, const step *u, const step *s)
{
    return !u->followed && !u->follows && !writes_state(p, u) && !reads_from(p, u, s, -1);
}

/* Which of the steps between s and t the latter needs, by their distance from s; false where it needs one that cannot run before s, or more of s than value v. */
static bool find_needed(const ct_program *p, int s, int t, int v, bool *needed)
{
    const step *at = p->steps;
    for (int u = t - 1; u > s; u--) {
        needed[u - s] = reads_from(p, &at[t], &at[u], -1);
        for (int w = u + 1; w < t; w++)
            needed[u - s] = needed[u - s] || (needed[w - s] && reads_from(p, &at[w], &at[u], -1));
        if (needed[u - s] && !can_precede(p, &at[u], &at[s]))
            return false;
    }
    return !reads_from(p, &at[t], &at[s], v);
}

static bool is_one_product(const step *s)
{
    return is_product(s) || (s->kind == STEP_PRODUCT && s->products == 1 && !s->sums && !s->follows && !s->followed);
}

/* The operand that is the left factor. */
static int left_of(const step *s)
{
    return s->x[s->kind == STEP_PRODUCT ? s->product->a : 0];
}

/* A product without code as a STEP_PRODUCT, into *t; false when out of memory. */
static bool make_product(ct_program *p, const step *s, step *t)
{
    *t = *s;
    if (s->kind == STEP_PRODUCT)
        return true;
    t->kind = STEP_PRODUCT;
    t->products = 1;
    t->product = ct_arena_alloc(&p->memory, sizeof *t->product);
    if (t->product)
        *t->product = (product){s->var, 0, 1, s->out[0], 0, -1};
    return t->product != NULL;
}

/* Whether result number `out` of step s, which its code makes, can be handed over to step t. */
static bool can_hand_over(const ct_program *p, int s, int out, int t)
{
    const step *from = &p->steps[s], *to = &p->steps[t];
    int v = from->out[out];
    const ct_array *y = &p->values[v].array, *c = &p->values[from->product->value].array;
    const buffer *own = &p->buffers[p->values[v].buffer];
    bool whole = out != from->product->out && p->values[v].of < 0 && ct_array_count(y) == ct_array_count(c) && !own->kept && in_block(own);
    return whole && root_value(p, left_of(to)) == v && ct_fuse_relation(p, left_of(to)) == SAME && ct_program_times_read(p, v) == 1 && !writes_state(p, from) &&
           !writes_state(p, to);
}

/* Steps s and t as a pair, into *pair; false when out of memory. */
static bool make_pair(ct_program *p, int s, int out, int t, step *pair)
{
    pair[0] = p->steps[s];
    pair[0].followed = true;
    pair[0].passed_on = out;
    if (!make_product(p, &p->steps[t], &pair[1]))
        return false;
    pair[1].follows = true;
    return true;
}

/* Whether the kernels can do it. */
static bool can_run(const ct_program *p, const step *pair)
{
    ct_product job[2];
    ct_run_bind_products(p, pair, job);
    job[0].followed = job[1].follows = false;
    return ct_products_can_follow(&job[0], &job[1], p->threads);
}

/* The step that can follow s, and which of the results of s it takes; -1 for none. */
static int find_follower(const ct_program *p, int s, int *out)
{
    const step *first = &p->steps[s];
    if (first->kind != STEP_PRODUCT || !first->instructions || !is_one_product(first))
        return -1;
    for (int t = s + 1; t < p->n_steps && t <= s + MOST_BETWEEN; t++)
        for (*out = 0; is_one_product(&p->steps[t]) && *out < first->n_out; ++*out) {
            bool needed[MOST_BETWEEN + 1];
            if (can_hand_over(p, s, *out, t) && find_needed(p, s, t, first->out[*out], needed))
                return t;
        }
    return -1;
}

static int64_t elements_of(const ct_program *p, int s, int out)
{
    return ct_array_count(&p->values[p->steps[s].out[out]].array);
}

/* Whether step t could hand over more to a step of its own than so many elements. */
static bool has_more(const ct_program *p, int t, int64_t elements)
{
    int out;
    return find_follower(p, t, &out) >= 0 && elements_of(p, t, out) > elements;
}

/* What step t needs of those between, then s and t, as `pair` has them, then the others. */
static void reorder(ct_program *p, int s, int out, int t, const step *pair)
{
    bool needed[MOST_BETWEEN + 1];
    step between[MOST_BETWEEN];
    int to = s;
    find_needed(p, s, t, pair->out[out], needed);
    memcpy(between, &p->steps[s + 1], (size_t)(t - s - 1) * sizeof *between);
    for (int u = s + 1; u < t; u++)
        if (needed[u - s])
            p->steps[to++] = between[u - s - 1];
    p->steps[to++] = pair[0];
    p->steps[to++] = pair[1];
    for (int u = s + 1; u < t; u++)
        if (!needed[u - s])
            p->steps[to++] = between[u - s - 1];
}

/* The step that follows s behind it, if there is one that has not more to hand over itself. False when out of memory. */
static bool try_pair(ct_program *p, int s)
{
    step pair[2];
    int out, t = find_follower(p, s, &out);
    if (t < 0 || has_more(p, t, elements_of(p, s, out)))
        return true;
    if (!make_pair(p, s, out, t, pair))
        return false;
    if (!can_run(p, pair))
        return true;
    reorder(p, s, out, t, pair);
    return true;
}

bool ct_pass_follow(ct_program *p, ct_error *err)
{
    for (int s = 0; !p->options.no_fuse && s < p->n_steps; s++)
        if (!try_pair(p, s))
            return ct_compile_out_of_memory(err, "pairing products");
    return true;
}
