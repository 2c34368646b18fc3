/* SPDX-License-Identifier: MIT */
/* Private: what the two transforms share. */
#ifndef CT_TRANSFORM_H
#define CT_TRANSFORM_H

#include "graph_impl.h"
#include <cotangent/transform.h>

/* One use of a transform: the part of the graph between its inputs and outputs, in arrays by node index. */
typedef struct region {
    ct_graph *graph;
    ct_site at;
    int64_t count;   /* nodes there were when the transform began */
    bool *cut;       /* an input of the transform */
    bool *needed;    /* an output depends on it, not looking beyond cuts */
    bool *active;    /* needed, and depends on a cut through differentiable operands */
    ct_var **slot;   /* its tangent or cotangent, NULL for zero */
    const char *what;
} region;

/* Check the arguments and find the region; false after recording an error. ct_region_free also after a failure. */
bool ct_region_open(region *r, const char *what, ct_site at, int n_y, ct_var *const *y, int n_x, ct_var *const *x);
void ct_region_free(region *r);
/* Whether `d` may stand for a derivative of v: NULL, or of v's shape and dtype. */
bool ct_region_seed_fits(const region *r, const char *role, int i, const ct_var *v, const ct_var *d);

/* The sum of two cotangents as one pad of a concatenation, where they are pads made in this walk that stand side by side; else NULL. */
ct_var *ct_side_by_side(const region *r, ct_var *a, ct_var *b);

/* In place of each v that is not NULL, its part `of`: nodes from number `old` on are computed for that part alone wherever their ops say how, the older ones
 * are sliced. constant: each under a stop_gradient. False after recording an error. */
bool ct_narrow_rows(ct_graph *g, ct_site at, int64_t old, bool constant, int n_v, ct_var **v, ct_range of);

static inline bool operand_is_fixed(const ct_var *v, int i)
{
    return i < 32 && (v->op->fixed >> i & 1);
}

#endif
