/* SPDX-License-Identifier: MIT */
/* Private: what the random ops share. */
#ifndef CT_RANDOM_SOURCE_H
#define CT_RANDOM_SOURCE_H

#include "../graph_impl.h"

typedef struct random_source {
    ct_shape shape;
    int64_t dtype;
    uint64_t stream;  /* how many random nodes the graph had before this one */
} random_source;

bool ct_random_infer(ct_infer *c);
ct_var *ct_random_apply(ct_graph *g, ct_site at, const ct_op *op, ct_dtype dtype, ct_shape shape);

#endif
