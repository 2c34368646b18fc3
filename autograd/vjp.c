/* SPDX-License-Identifier: MIT */
/* Reverse mode: walk the nodes backwards, hand each node's cotangent on to its operands. */
#include "transform.h"
#include <cotangent/ops.h>
#include <stdlib.h>

static ct_var *cotangent_of(ct_var *y, int i, ct_var *ybar)
{
    ct_var *d;
    switch (y->op->kind) {
    case CT_ELEMENTWISE:
        d = y->op->deriv(y, i);
        return d ? ct_mul_no_nan_at(y->at, d, ybar) : NULL;
    case CT_LINEAR:
    case CT_BILINEAR: return y->op->transpose(y, i, ybar);
    case CT_CUSTOM: return y->op->vjp(y, i, ybar);
    case CT_CONSTANT: break;
    }
    return NULL;
}

/* slot of v += bar. */
static void accumulate(region *r, ct_var *v, ct_var *bar)
{
    if (!bar || !ct_region_seed_fits(r, "the cotangent by the rule of the op for its operand", 0, v, bar))
        return;
    ct_var **slot = &r->slot[v->index];
    ct_var *joined = *slot ? ct_side_by_side(r, *slot, bar) : NULL;
    *slot = joined ? joined : *slot ? ct_add_at(v->at, *slot, bar) : bar;
}

static bool walk(region *r)
{
    ct_graph *g = r->graph;
    for (int64_t k = r->count - 1; k >= 0 && !g->failed; k--) {
        ct_var *v = g->vars[k];
        if (!r->active[k] || r->cut[k] || !r->slot[k])
            continue;
        g->emitting = v;
        for (int i = 0; i < v->n && !g->failed; i++)
            if (!operand_is_fixed(v, i) && r->active[v->x[i]->index])
                accumulate(r, v->x[i], cotangent_of(v, i, r->slot[k]));
        g->emitting = NULL;
    }
    return !g->failed;
}

static bool seed(region *r, int n_y, ct_var *const *y, ct_var *const *ybar)
{
    for (int i = 0; i < n_y; i++)
        if (!ct_region_seed_fits(r, "cotangent", i, y[i], ybar[i]))
            return false;
    for (int i = 0; i < n_y; i++)
        if (r->active[y[i]->index])
            accumulate(r, y[i], ybar[i]);
    return !r->graph->failed;
}

bool ct_vjp_at(ct_site at, int n_y, ct_var *const *y, ct_var *const *ybar, int n_x, ct_var *const *x, ct_var **xbar)
{
    region r;
    bool ok = ct_region_open(&r, "vjp", at, n_y, y, n_x, x) && seed(&r, n_y, y, ybar);
    if (ok)
        r.graph->tangents = false;
    ok = ok && walk(&r);
    for (int j = 0; j < n_x; j++)
        xbar[j] = ok ? r.slot[x[j]->index] : NULL;
    ct_region_free(&r);
    return ok;
}
