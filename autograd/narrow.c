/* SPDX-License-Identifier: MIT */
/* Nodes restricted to a range of one axis: from the last to the first, what is needed of each; from the first to the last, each made anew for that part.
 *
 * Nodes older than the tangents are values, which are computed in full: they are sliced. But where an elementwise value would be in memory for that alone,
 * instead of passing through a register of a row program, its part is computed again, in the row program that reads it. To a later transform the copy is
 * another node than the value it is a copy of; so this is done only where no later transform can look, below a stop_gradient. */
#include "transform.h"
#include <cotangent/ops.h>
#include <stdlib.h>
#include <string.h>

enum { NOTHING = -2, ALL = -1 };  /* in place of an axis */

typedef struct narrower {
    ct_graph *graph;
    ct_site at;
    int64_t old;      /* nodes before this one are values */
    int64_t count;
    bool *held;       /* by node: is in memory, in full; NULL: so is every value */
    ct_range *need;   /* by node */
    ct_var **made;    /* by node: that part of it */
    ct_var **x;       /* operands of the node at hand */
    ct_narrowing out; /* what its op's rule says */
} narrower;

static bool allocate(narrower *n)
{
    size_t nodes = (size_t)n->count + 1, arity = 1, bytes = 1;
    for (int64_t k = 0; k < n->count; k++) {
        const ct_var *v = n->graph->vars[k];
        arity = (size_t)v->n > arity ? (size_t)v->n : arity;
        bytes = v->op->attr_size > bytes ? v->op->attr_size : bytes;
    }
    n->need = calloc(nodes, sizeof *n->need);
    n->made = calloc(nodes, sizeof *n->made);
    n->x = calloc(arity, sizeof *n->x);
    n->out = (ct_narrowing){calloc(arity, sizeof *n->out.x), calloc(1, bytes)};
    if (n->need && n->made && n->x && n->out.x && n->out.attr)
        return true;
    ct_graph_fail(n->graph, CT_E_MEMORY, n->at, "jvp: out of memory for %lld nodes", (long long)n->count);
    return false;
}

static void release(narrower *n)
{
    free(n->held);
    free(n->need);
    free(n->made);
    free(n->x);
    free(n->out.x);
    free(n->out.attr);
}

/* What is read by something other than a row program is in memory: v, or what v is a view of. */
static void hold(narrower *n, const ct_var *v)
{
    n->held[v->index] = true;
    while (v->op->view) {
        v = v->x[0];
        n->held[v->index] = true;
    }
}

/* A product with its bias: ct_compile has the one step make both, and only the sum be in memory. */
static bool is_biased_product(const ct_var *v)
{
    extern const ct_op ct_op_add, ct_op_matmul;
    for (int i = 0; v->op == &ct_op_add && i < 2; i++) {
        const ct_var *x = v->x[i], *bias = v->x[1 - i];
        while (x->op->view)
            x = x->x[0];
        while (bias->op->view)
            bias = bias->x[0];
        if (x->op == &ct_op_matmul && bias->shape.rank == 1 && ct_shape_dim(v->shape, -1) == bias->shape.dim[0])
            return true;
    }
    return false;
}

static bool find_held(narrower *n)
{
    if (!(n->held = calloc((size_t)n->old + 1, sizeof *n->held))) {
        ct_graph_fail(n->graph, CT_E_MEMORY, n->at, "jvp: out of memory for %lld nodes", (long long)n->old);
        return false;
    }
    for (int64_t k = 0; k < n->old; k++) {
        const ct_var *v = n->graph->vars[k];
        if (is_biased_product(v))
            hold(n, v);
        for (int i = 0; i < v->n; i++)
            if (v->op->eval && !v->op->row[v->dtype])
                hold(n, v->x[i]);
    }
    return true;
}

/* Whether a part of v is to be computed, not sliced. */
static bool is_computed(const narrower *n, const ct_var *v)
{
    if (v->index >= n->old)
        return true;
    return n->held && !n->held[v->index] && (v->op->map[v->dtype] || v->op->view);
}

/* Whether v's op can be applied to parts of operands to give this part of v; what parts, into n->out. */
static bool ask(narrower *n, const ct_var *v, ct_range of)
{
    for (int i = 0; i < v->n; i++)
        n->out.x[i] = (ct_range){.axis = ALL};
    if (v->op->attr_size)
        memcpy(n->out.attr, v->attr, v->op->attr_size);
    if (v->op->narrow)
        return v->op->narrow(v, of, &n->out);
    return v->op->map[v->dtype] && ct_narrow_same(v, of, &n->out);
}

/* --- what is needed ---------------------------------------------------------------------------------------------- */

/* Also r of v: together the range from the first to the last, or all when the axes differ. */
static void demand(narrower *n, const ct_var *v, ct_range r)
{
    ct_range *need = &n->need[v->index];
    if (r.axis >= 0 && r.from == r.to)
        return;
    bool all = r.axis < 0 || r.to - r.from == v->shape.dim[r.axis] || need->axis == ALL;
    if (all || (need->axis >= 0 && need->axis != r.axis))
        need->axis = ALL;
    else if (need->axis == NOTHING)
        *need = r;
    else
        *need = (ct_range){r.axis, r.from < need->from ? r.from : need->from, r.to > need->to ? r.to : need->to};
}

static void find_needs(narrower *n)
{
    for (int64_t k = n->count - 1; k >= 0; k--) {
        const ct_var *v = n->graph->vars[k];
        if (n->need[k].axis < 0 || !is_computed(n, v))
            continue;
        if (!ask(n, v, n->need[k]))
            n->need[k].axis = ALL;
        for (int i = 0; i < v->n && n->need[k].axis >= 0; i++)
            demand(n, v->x[i], n->out.x[i]);
    }
}

/* --- making it ---------------------------------------------------------------------------------------------------- */

/* Part r of v, whose own part is made by now. */
static ct_var *take(const narrower *n, ct_var *v, ct_range r)
{
    const ct_range *need = &n->need[v->index];
    ct_shape shape = v->shape;
    if (r.axis < 0)
        return v;
    shape.dim[r.axis] = 0;
    if (r.from == r.to)
        return ct_full_at(n->at, n->graph, v->dtype, shape, 0);
    if (need->axis < 0)
        return ct_slice_at(n->at, v, r.axis, r.from, r.to, 1);
    return ct_slice_at(n->at, n->made[v->index], r.axis, r.from - need->from, r.to - need->from, 1);
}

/* A rule of a user's op may be wrong. */
static ct_var *check_part(const narrower *n, const ct_var *v, ct_range of, ct_var *part)
{
    ct_shape expected = v->shape;
    expected.dim[of.axis] = of.to - of.from;
    if (!part || ct_shape_equal(part->shape, expected))
        return part;
    return ct_graph_fail(n->graph, CT_E_SHAPE, n->at, "%s: narrow gives %s for entries %lld..%lld of axis %d of %s", v->op->name, CT_VAR_TEXT(part),
                         (long long)of.from, (long long)of.to, of.axis, CT_VAR_TEXT(v));
}

static ct_var *make(narrower *n, ct_var *v, ct_range of)
{
    if (!is_computed(n, v))
        return ct_slice_at(n->at, v, of.axis, of.from, of.to, 1);
    if (!ask(n, v, of))
        return NULL;
    for (int i = 0; i < v->n; i++)
        n->x[i] = take(n, v->x[i], n->out.x[i]);
    return check_part(n, v, of, ct_apply(n->graph, n->at, v->op, v->n, n->x, n->out.attr));
}

/* The parts keep the places of the nodes they are parts of, in the source and in the order. */
static void make_parts(narrower *n)
{
    for (int64_t k = 0; k < n->count && !n->graph->failed; k++)
        if (n->need[k].axis >= 0) {
            n->graph->emitting = n->graph->vars[k];
            n->graph->tangents = true;
            n->made[k] = make(n, n->graph->vars[k], n->need[k]);
            n->graph->emitting = NULL;
        }
}

bool ct_narrow_rows(ct_graph *g, ct_site at, int64_t old, bool constant, int n_v, ct_var **v, ct_range of)
{
    narrower n = {.graph = g, .at = at, .old = old, .count = g->count};
    bool ok = allocate(&n) && (!constant || find_held(&n));
    for (int64_t k = 0; ok && k < n.count; k++)
        n.need[k].axis = NOTHING;
    for (int i = 0; ok && i < n_v; i++)
        if (v[i])
            demand(&n, v[i], of);
    if (ok) {
        find_needs(&n);
        make_parts(&n);
    }
    for (int i = 0; i < n_v; i++) {
        v[i] = ok && !g->failed && v[i] ? take(&n, v[i], of) : NULL;
        v[i] = constant && v[i] ? ct_stop_gradient_at(at, v[i]) : v[i];
    }
    release(&n);
    return !g->failed;
}

bool ct_narrow_same(const ct_var *y, ct_range of, ct_narrowing *out)
{
    bool same = true;
    for (int i = 0; i < y->n && same; i++) {
        same = ct_shape_equal(y->x[i]->shape, y->shape);
        out->x[i] = of;
    }
    return same;
}
