/* SPDX-License-Identifier: MIT */
/* The part of the graph that a transform works on. */
#include "transform.h"
#include <stdlib.h>

static bool check_list(const region *r, const char *role, int n, ct_var *const *v)
{
    for (int i = 0; i < n; i++) {
        if (!v[i])
            ct_graph_fail(r->graph, CT_E_ARGUMENT, r->at, "%s: %s %d is NULL", r->what, role, i);
        else if (v[i]->graph != r->graph)
            ct_graph_fail(r->graph, CT_E_ARGUMENT, r->at, "%s: %s %d, %s, belongs to another graph", r->what, role, i,
                          CT_VAR_TEXT(v[i]));
        if (r->graph->failed)
            return false;
    }
    return true;
}

static bool check_inputs(const region *r, int n, ct_var *const *x)
{
    double value;
    for (int i = 0; i < n; i++) {
        if (!ct_dtype_is_float(x[i]->dtype))
            ct_graph_fail(r->graph, CT_E_DTYPE, r->at, "%s: input %d, %s, is not of a float dtype", r->what, i, CT_VAR_TEXT(x[i]));
        else if (ct_is_splat(x[i], &value))
            ct_graph_fail(r->graph, CT_E_ARGUMENT, r->at,
                          "%s: input %d, %s, is the constant %g, whose uses were simplified; use ct_alias of it in its place", r->what, i,
                          CT_VAR_TEXT(x[i]), value);
        else if (r->cut[x[i]->index])
            ct_graph_fail(r->graph, CT_E_ARGUMENT, r->at, "%s: input %d, %s, is named twice", r->what, i, CT_VAR_TEXT(x[i]));
        if (r->graph->failed)
            return false;
        r->cut[x[i]->index] = true;
    }
    return true;
}

static bool allocate(region *r)
{
    size_t n = (size_t)r->count + 1;
    r->cut = calloc(n, sizeof *r->cut);
    r->needed = calloc(n, sizeof *r->needed);
    r->active = calloc(n, sizeof *r->active);
    r->slot = calloc(n, sizeof *r->slot);
    if (r->cut && r->needed && r->active && r->slot)
        return true;
    ct_graph_fail(r->graph, CT_E_MEMORY, r->at, "%s: out of memory for %lld nodes", r->what, (long long)r->count);
    return false;
}

static void mark_needed(region *r, int n_y, ct_var *const *y)
{
    for (int i = 0; i < n_y; i++)
        r->needed[y[i]->index] = true;
    for (int64_t k = r->count - 1; k >= 0; k--) {
        const ct_var *v = r->graph->vars[k];
        if (r->needed[k] && !r->cut[k])
            for (int i = 0; i < v->n; i++)
                r->needed[v->x[i]->index] = true;
    }
}

static bool is_active(const region *r, const ct_var *v)
{
    if (v->op->kind == CT_CONSTANT || !ct_dtype_is_float(v->dtype))
        return false;
    for (int i = 0; i < v->n; i++)
        if (!operand_is_fixed(v, i) && r->active[v->x[i]->index])
            return true;
    return false;
}

static void mark_active(region *r)
{
    for (int64_t k = 0; k < r->count; k++)
        r->active[k] = r->needed[k] && (r->cut[k] || is_active(r, r->graph->vars[k]));
}

bool ct_region_open(region *r, const char *what, ct_site at, int n_y, ct_var *const *y, int n_x, ct_var *const *x)
{
    *r = (region){.at = at, .what = what};
    for (int i = 0; i < n_x && !r->graph; i++)
        r->graph = ct_var_graph(x[i]);
    for (int i = 0; i < n_y && !r->graph; i++)
        r->graph = ct_var_graph(y[i]);
    if (!r->graph || r->graph->failed)
        return false;
    r->count = r->graph->count;
    if (!allocate(r) || !check_list(r, "input", n_x, x) || !check_list(r, "output", n_y, y) || !check_inputs(r, n_x, x))
        return false;
    mark_needed(r, n_y, y);
    mark_active(r);
    return true;
}

void ct_region_free(region *r)
{
    free(r->cut);
    free(r->needed);
    free(r->active);
    free(r->slot);
}

bool ct_region_seed_fits(const region *r, const char *role, int i, const ct_var *v, const ct_var *d)
{
    if (!d || (d->graph == r->graph && d->dtype == v->dtype && ct_shape_equal(d->shape, v->shape)))
        return true;
    ct_graph_fail(r->graph, CT_E_SHAPE, r->at, "%s: %s %d is %s, but what it belongs to is %s", r->what, role, i, CT_VAR_TEXT(d),
                  CT_VAR_TEXT(v));
    return false;
}
