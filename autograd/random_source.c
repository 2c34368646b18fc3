/* SPDX-License-Identifier: MIT */
/* What the random ops share: a stream of its own for each node. */
#include "ops/random_source.h"

bool ct_random_infer(ct_infer *c)
{
    const random_source *a = c->attr;
    c->shape = a->shape;
    c->dtype = (ct_dtype)a->dtype;
    if ((unsigned)c->dtype < CT_DTYPES && !ct_dtype_is_float(c->dtype))
        return ct_infer_fail(c, CT_E_DTYPE, "expects float32 or float64, got %s", ct_dtype_name(c->dtype));
    return true;
}

ct_var *ct_random_apply(ct_graph *g, ct_site at, const ct_op *op, ct_dtype dtype, ct_shape shape)
{
    if (!g)
        return NULL;
    random_source a = {shape, dtype, (uint64_t)g->random_count};
    ct_var *v = ct_apply(g, at, op, 0, NULL, &a);
    g->random_count += v != NULL;
    return v;
}
