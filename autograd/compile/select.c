/* SPDX-License-Identifier: MIT */
/* Which nodes the outputs need, with equal nodes merged. */
#include "program_impl.h"
#include <stdlib.h>
#include <string.h>

static bool allocate(ct_program *p)
{
    size_t n = (size_t)p->nodes + 1;
    p->node_of = calloc(n, sizeof *p->node_of);
    p->needed = calloc(n, sizeof *p->needed);
    p->cut = calloc(n, sizeof *p->cut);
    p->value_of = calloc(n, sizeof *p->value_of);
    p->order = calloc(n, sizeof *p->order);
    p->user = calloc(n, sizeof *p->user);
    return p->node_of && p->needed && p->cut && p->value_of && p->order && p->user;
}

/* --- equality: a hash table of the nodes that stand for themselves ------------------------------------------------- */

static uint64_t mix(uint64_t h, const void *data, size_t bytes)
{
    const unsigned char *c = data;
    for (size_t i = 0; i < bytes; i++)
        h = (h ^ c[i]) * 1099511628211u;
    return h;
}

/* What an elementwise node of a tangent computes is cheap to compute again. Were it merged with an equal one of the reverse pass, its memory would be
 * held from the one to the other, in every layer. */
static bool stays_with_tangents(const ct_var *v)
{
    return v->stamp != v->index && v->op->map[v->dtype];
}

static uint64_t hash(const ct_program *p, const ct_var *v)
{
    uint64_t h = mix(14695981039346656037u, &v->op, sizeof v->op);
    h = mix(h, v->attr, v->op->attr_size);
    for (int i = 0; i < v->n; i++)
        h = mix(h, &p->node_of[v->x[i]->index], sizeof *p->node_of);
    return h;
}

static bool equal(const ct_program *p, const ct_var *a, const ct_var *b)
{
    if (a->op != b->op || a->n != b->n || a->dtype != b->dtype || !ct_shape_equal(a->shape, b->shape))
        return false;
    if (stays_with_tangents(a) != stays_with_tangents(b))
        return false;
    for (int i = 0; i < a->n; i++)
        if (p->node_of[a->x[i]->index] != p->node_of[b->x[i]->index])
            return false;
    return memcmp(a->attr, b->attr, a->op->attr_size) == 0;
}

/* Sources are what they are; an assignment is an effect. */
static bool may_merge(const ct_program *p, const ct_var *v)
{
    return !p->cut[v->index] && v->op != &ct_op_input && v->op != &ct_op_assign;
}

/* alias and stop_gradient matter to transforms alone. */
static bool is_identity(const ct_program *p, const ct_var *v)
{
    extern const ct_op ct_op_alias;
    return !p->cut[v->index] && (v->op == &ct_op_stop_gradient || v->op == &ct_op_alias);
}

static int find_equal(const ct_program *p, int *table, size_t mask, const ct_var *v)
{
    size_t slot = hash(p, v) & mask;
    while (table[slot] >= 0) {
        if (equal(p, p->graph->vars[table[slot]], v))
            return table[slot];
        slot = (slot + 1) & mask;
    }
    table[slot] = (int)v->index;
    return (int)v->index;
}

static bool merge(ct_program *p)
{
    size_t size = 64;
    while (size < 2 * (size_t)p->nodes)
        size *= 2;
    int *table = malloc(size * sizeof *table);
    if (!table)
        return false;
    memset(table, -1, size * sizeof *table);
    for (int64_t k = 0; k < p->nodes; k++) {
        const ct_var *v = p->graph->vars[k];
        if (is_identity(p, v))
            p->node_of[k] = p->node_of[v->x[0]->index];
        else if (may_merge(p, v))
            p->node_of[k] = find_equal(p, table, size - 1, v);
        else
            p->node_of[k] = (int)k;
    }
    free(table);
    return true;
}

/* --- need ------------------------------------------------------------------------------------------------------------ */

static void mark_needed(ct_program *p)
{
    for (int i = 0; i < p->n_outputs; i++)
        p->needed[p->node_of[p->outputs[i]->index]] = true;
    for (int64_t k = p->nodes - 1; k >= 0; k--) {
        const ct_var *v = p->graph->vars[k];
        if (!p->needed[k] || p->cut[k])
            continue;
        for (int i = 0; i < v->n; i++)
            p->needed[p->node_of[v->x[i]->index]] = true;
    }
}

static bool is_output(const ct_program *p, const ct_var *v)
{
    for (int i = 0; i < p->n_outputs; i++)
        if (p->outputs[i] == v)
            return true;
    return false;
}

/* Assignments that the outputs go through are made too: they join the outputs, and so does what decides on them. There is room: see copy_outputs. */
static void add_effects(ct_program *p)
{
    for (int64_t k = 0; k < p->nodes; k++) {
        ct_var *v = p->graph->vars[k];
        if (p->needed[k] && !p->cut[k] && v->op == &ct_op_assign && !is_output(p, v))
            p->outputs[p->n_outputs++] = v;
    }
    if (p->options.commit)
        p->outputs[p->n_outputs++] = p->options.commit;
}

static void count_users(ct_program *p)
{
    for (int64_t k = 0; k < p->nodes; k++)
        p->user[k] = NO_USER;
    for (int64_t k = 0; k < p->nodes; k++) {
        const ct_var *v = p->graph->vars[k];
        for (int i = 0; p->needed[k] && !p->cut[k] && i < v->n; i++) {
            int *user = &p->user[p->node_of[v->x[i]->index]];
            *user = *user == NO_USER ? (int)k : MANY_USERS;
        }
    }
    for (int i = 0; i < p->n_outputs; i++)
        p->user[p->node_of[p->outputs[i]->index]] = MANY_USERS;
}

bool ct_pass_select(ct_program *p, ct_error *err)
{
    if (!allocate(p))
        return ct_compile_out_of_memory(err, "selecting nodes");
    for (int i = 0; i < p->options.n_cut; i++)
        p->cut[p->options.cut[i]->index] = true;
    for (int64_t k = 0; k < p->nodes; k++)
        p->node_of[k] = (int)k;
    if (!p->options.no_merge && !merge(p))
        return ct_compile_out_of_memory(err, "merging nodes");
    mark_needed(p);
    add_effects(p);
    mark_needed(p);  /* once more, for options.commit */
    count_users(p);
    return true;
}
