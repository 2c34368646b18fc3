/* SPDX-License-Identifier: MIT */
/* Making a node: check the operands, infer, simplify, append. */
#include "graph_impl.h"
#include "last_failure.h"
#include <cotangent/ops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ct_graph *graph_of(ct_graph *g, int n, ct_var *const *x)
{
    for (int i = 0; i < n && !g; i++)
        g = ct_var_graph(x[i]);
    return g;
}

/* What made NULL of it, where that is known: a call that had no graph to say it in. */
static void refuse_null(ct_graph *g, ct_site at, const char *op, int i)
{
    char cause[CT_MESSAGE_SIZE];
    const char *why = *ct_failure_take(cause) ? cause : "a zero tangent or gradient? see ct_or_zeros";
    ct_graph_fail(g, CT_E_ARGUMENT, at, "%s: operand %d is NULL (%.700s)", op, i, why);
}

static bool operands_fit(ct_graph *g, ct_site at, const ct_op *op, int n, ct_var *const *x)
{
    if (op->arity != CT_VARIADIC && op->arity != n) {
        ct_graph_fail(g, CT_E_ARGUMENT, at, "%s: takes %d operands, got %d", op->name, op->arity, n);
        return false;
    }
    for (int i = 0; i < n; i++) {
        if (!x[i])
            refuse_null(g, at, op->name, i);
        else if (x[i]->graph != g)
            ct_graph_fail(g, CT_E_ARGUMENT, at, "%s: operand %d, %s, belongs to another graph", op->name, i, CT_VAR_TEXT(x[i]));
        if (g->failed)
            return false;
    }
    return true;
}

static bool make_room(ct_graph *g)
{
    if (g->count < g->capacity)
        return true;
    int64_t capacity = g->capacity ? 2 * g->capacity : 256;
    ct_var **more = realloc(g->vars, (size_t)capacity * sizeof *more);
    if (!more)
        return false;
    g->vars = more;
    g->capacity = capacity;
    return true;
}

/* A copy of the node in the graph's memory; NULL when there is none left. */
static ct_var *append(const ct_infer *c)
{
    ct_graph *g = c->graph;
    size_t links = (size_t)c->n * sizeof(ct_var *);
    ct_var *v = ct_arena_alloc(&g->memory, sizeof *v);
    ct_var **x = ct_arena_alloc(&g->memory, links);
    void *attr = ct_arena_alloc(&g->memory, c->op->attr_size);
    if (!v || !x || !attr || !make_room(g))
        return NULL;
    if (c->n)
        memcpy(x, c->x, links);
    if (c->op->attr_size)
        memcpy(attr, c->attr, c->op->attr_size);
    *v = (ct_var){.graph = g, .op = c->op, .attr = attr, .x = x, .at = c->at, .index = g->count, .stamp = g->count,
                  .shape = c->shape, .dtype = c->dtype, .n = c->n};
    if (g->emitting)
        v->at = g->emitting->at;
    if (g->emitting && g->tangents)
        v->stamp = g->emitting->stamp;
    g->vars[g->count++] = v;
    return v;
}

/* What simplify gave, under an identity of its own where it is a node that was there before: what a user differentiates with respect to is then this
 * use alone, whatever the shapes and numbers that let the op be left out. A transform's own nodes need none, and constants have no derivative. */
static ct_var *distinct(ct_site at, ct_var *known, int64_t before)
{
    double value;
    bool own = !known || known->index >= before || known->graph->emitting || ct_is_splat(known, &value);
    return own ? known : ct_alias_at(at, known);
}

ct_var *ct_apply(ct_graph *g, ct_site at, const ct_op *op, int n, ct_var *const *x, const void *attr)
{
    g = graph_of(g, n, x);
    if (!g || g->failed || !operands_fit(g, at, op, n, x))
        return NULL;
    ct_infer c = {.op = op, .graph = g, .at = at, .n = n, .x = x, .attr = attr};
    if (!op->infer(&c)) {
        if (!g->failed)
            ct_infer_fail(&c, CT_E_ARGUMENT, "refused");
        return NULL;
    }
    ct_error why;
    if ((unsigned)c.dtype >= CT_DTYPES) {
        ct_infer_fail(&c, CT_E_DTYPE, "unknown dtype %d, expected float32 (0), float64 (1), int32 (2) or uint8 (3)", (int)c.dtype);
        return NULL;
    }
    if (!ct_shape_check(c.shape, &why)) {
        ct_infer_fail(&c, CT_E_SHAPE, "%s", why.message);
        return NULL;
    }
    int64_t before = g->count;
    ct_var *known = op->simplify ? op->simplify(&c) : NULL;
    if (known || g->failed)
        return distinct(at, known, before);
    ct_var *v = append(&c);
    return v ? v : ct_graph_fail(g, CT_E_MEMORY, at, "%s: out of memory for the node", op->name);
}

bool ct_infer_fail(ct_infer *c, ct_code code, const char *format, ...)
{
    char text[CT_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    int used = vsnprintf(text, sizeof text / 2, format, args);
    va_end(args);
    size_t at = used < 0 ? 0 : (size_t)used < sizeof text / 2 ? (size_t)used : sizeof text / 2 - 1;
    for (int i = 0; i < c->n && i < 4 && at < sizeof text; i++) {
        int more = snprintf(text + at, sizeof text - at, "%s%s", i ? ", " : ": ", CT_VAR_TEXT(c->x[i]));
        at += more < 0 ? 0 : (size_t)more;
    }
    ct_graph_fail(c->graph, code, c->at, "%s: %s", c->op->name, text);
    return false;
}
