/* SPDX-License-Identifier: MIT */
/* Forward mode: walk the nodes in order, append the tangent of each. */
#include "transform.h"
#include <cotangent/ops.h>
#include <stdlib.h>

/* dy = sum over i of d_i dx_i. */
static ct_var *elementwise(ct_var *y, ct_var *const *dx)
{
    ct_var *sum = NULL;
    for (int i = 0; i < y->n; i++) {
        ct_var *d = dx[i] ? y->op->deriv(y, i) : NULL;
        ct_var *term = d ? ct_mul_no_nan_at(y->at, d, dx[i]) : NULL;
        sum = sum && term ? ct_add_at(y->at, sum, term) : sum ? sum : term;
    }
    return sum;
}

/* The op itself on the tangents; zeros stand in for those that are missing. */
static ct_var *linear(ct_var *y, ct_var **dx)
{
    for (int i = 0; i < y->n; i++)
        dx[i] = operand_is_fixed(y, i) ? y->x[i] : ct_or_zeros_at(y->at, dx[i], y->x[i]);
    return ct_apply(y->graph, y->at, y->op, y->n, dx, y->attr);
}

/* op(dx0, x1) + op(x0, dx1). */
static ct_var *bilinear(ct_var *y, ct_var *const *dx)
{
    ct_var *sum = NULL;
    for (int i = 0; i < 2; i++) {
        if (!dx[i])
            continue;
        ct_var *x[2] = {i == 0 ? dx[0] : y->x[0], i == 1 ? dx[1] : y->x[1]};
        ct_var *term = ct_apply(y->graph, y->at, y->op, 2, x, y->attr);
        sum = sum ? ct_add_at(y->at, sum, term) : term;
    }
    return sum;
}

static ct_var *tangent_of(ct_var *y, ct_var **dx)
{
    switch (y->op->kind) {
    case CT_ELEMENTWISE: return elementwise(y, dx);
    case CT_LINEAR: return linear(y, dx);
    case CT_BILINEAR: return bilinear(y, dx);
    case CT_CUSTOM: return y->op->jvp(y, dx);
    case CT_CONSTANT: break;
    }
    return NULL;
}

/* The tangents of a node's operands into dx; whether there is any. */
static bool gather_tangents(const region *r, const ct_var *v, ct_var **dx)
{
    bool any = false;
    for (int i = 0; i < v->n; i++) {
        dx[i] = operand_is_fixed(v, i) ? NULL : r->slot[v->x[i]->index];
        any = any || dx[i];
    }
    return any;
}

static bool walk(region *r, ct_var **dx)
{
    ct_graph *g = r->graph;
    for (int64_t k = 0; k < r->count && !g->failed; k++) {
        ct_var *v = g->vars[k];
        if (!r->active[k] || r->cut[k] || !gather_tangents(r, v, dx))
            continue;
        g->emitting = v;
        g->tangents = true;
        r->slot[k] = tangent_of(v, dx);
        g->emitting = NULL;
        if (!g->failed)
            ct_region_seed_fits(r, "the tangent by the rule of op", 0, v, r->slot[k]);
    }
    return !g->failed;
}

static int largest_arity(const region *r)
{
    int n = 2;
    for (int64_t k = 0; k < r->count; k++)
        if (r->active[k] && r->graph->vars[k]->n > n)
            n = r->graph->vars[k]->n;
    return n;
}

static bool seed(region *r, int n_x, ct_var *const *x, ct_var *const *dx)
{
    for (int j = 0; j < n_x; j++) {
        if (!ct_region_seed_fits(r, "tangent", j, x[j], dx[j]))
            return false;
        r->slot[x[j]->index] = dx[j];
    }
    return true;
}

bool ct_jvp_at(ct_site at, int n_y, ct_var *const *y, int n_x, ct_var *const *x, ct_var *const *dx, ct_var **dy)
{
    region r;
    ct_var **operands = NULL;
    bool ok = ct_region_open(&r, "jvp", at, n_y, y, n_x, x) && seed(&r, n_x, x, dx);
    if (ok && !(operands = calloc((size_t)largest_arity(&r), sizeof *operands)))
        ok = ct_graph_fail(r.graph, CT_E_MEMORY, at, "jvp: out of memory");
    ok = ok && walk(&r, operands);
    for (int i = 0; i < n_y; i++)
        dy[i] = ok ? r.slot[y[i]->index] : NULL;
    free(operands);
    ct_region_free(&r);
    return ok;
}

static bool rows_fit(ct_site at, int n_y, ct_var *const *y, int64_t from, int64_t to)
{
    for (int i = 0; i < n_y; i++) {
        int64_t rows = y[i] && y[i]->shape.rank ? y[i]->shape.dim[0] : 0;
        bool fit = y[i] && y[i]->shape.rank && from >= 0 && from <= to && to <= rows;
        if (y[i] && !fit)
            return ct_graph_fail(y[i]->graph, CT_E_SHAPE, at, "jvp: rows %lld..%lld are not within the %lld rows of output %d, %s", (long long)from,
                                 (long long)to, (long long)rows, i, CT_VAR_TEXT(y[i])) != NULL;
    }
    return true;
}

bool ct_jvp_rows_at(ct_site at, int n_y, ct_var *const *y, int n_x, ct_var *const *x, ct_var *const *dx, int64_t from, int64_t to,
                    bool constant, ct_var **dy)
{
    int64_t old = n_x > 0 ? ct_graph_size(ct_var_graph(x[0])) : 0;
    for (int i = 0; i < n_y; i++)
        dy[i] = NULL;
    if (!rows_fit(at, n_y, y, from, to) || !ct_jvp_at(at, n_y, y, n_x, x, dx, dy))
        return false;
    return n_x == 0 || ct_narrow_rows(ct_var_graph(x[0]), at, old, constant, n_y, dy, (ct_range){0, from, to});
}
