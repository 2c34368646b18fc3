/* SPDX-License-Identifier: MIT */
/* What is made of the two transforms. */
#include "graph_impl.h"
#include <cotangent/ops.h>
#include <cotangent/transform.h>
#include <stdlib.h>

ct_var *ct_or_zeros_at(ct_site at, ct_var *v, ct_var *like)
{
    return v ? v : ct_zeros_like_at(at, like);
}

static void *all_null(int n, ct_var **out)
{
    for (int i = 0; i < n; i++)
        out[i] = NULL;
    return NULL;
}

bool ct_grad_at(ct_site at, ct_var *y, int n_x, ct_var *const *x, ct_var **xbar)
{
    all_null(n_x, xbar);
    if (!y)
        return false;
    if (ct_shape_count(y->shape) != 1)
        return ct_graph_fail(y->graph, CT_E_SHAPE, at, "grad: expects one number, got %s; see ct_vjp", CT_VAR_TEXT(y)) != NULL;
    ct_var *one = ct_ones_like_at(at, y);
    return one && ct_vjp_at(at, 1, &y, &one, n_x, x, xbar);
}

/* The gradients that are not zero, and where they belong. */
static int compact(int n, ct_var *const *all, ct_var **some, int *place)
{
    int m = 0;
    for (int i = 0; i < n; i++)
        if (all[i]) {
            some[m] = all[i];
            place[m++] = i;
        }
    return m;
}

bool ct_hvp_at(ct_site at, ct_var *y, int n_x, ct_var *const *x, ct_var *const *v, ct_var **hv)
{
    all_null(n_x, hv);
    ct_var **space = calloc(3 * (size_t)n_x + 1, sizeof *space);
    int *place = calloc((size_t)n_x + 1, sizeof *place);
    bool ok = space && place;
    if (!ok)
        ct_graph_fail(ct_var_graph(y), CT_E_MEMORY, at, "hvp: out of memory");
    ct_var **grad = space, **some = space + n_x, **tangent = space + 2 * n_x;
    ok = ok && ct_grad_at(at, y, n_x, x, grad);
    int m = ok ? compact(n_x, grad, some, place) : 0;
    if (m > 0)
        ok = ct_jvp_at(at, m, some, n_x, x, v, tangent);
    for (int i = 0; i < m && ok; i++)
        hv[place[i]] = tangent[i];
    free(space);
    free(place);
    return ok;
}
