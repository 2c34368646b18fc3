/* SPDX-License-Identifier: MIT */
/* iota: 0, 1, ..., n-1. */
#include "../graph_impl.h"
#include "common.h"
#include <cotangent/ops.h>

typedef struct iota_attr { int64_t n, dtype; } iota_attr;

static bool infer(ct_infer *c)
{
    const iota_attr *a = c->attr;
    if (a->n < 0)
        return ct_infer_fail(c, CT_E_SHAPE, "expects a count of 0 or more, got %lld", (long long)a->n);
    c->shape = CT_SHAPE(a->n);
    c->dtype = (ct_dtype)a->dtype;
    bool none = a->n == 0 || !ct_shape_check(c->shape, NULL);  /* a shape that is none is refused as such */
    return none || ct_infer_number(c, "last number", (double)(a->n - 1), c->dtype);
}

static void eval(const ct_eval *c)
{
    const iota_attr *a = c->attr;
    for (int64_t i = 0; i < a->n; i++)
        ct_fill(ct_array_slice(c->y, 0, i, 1, 1), (double)i, 1);
}

static ct_var *good(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_iota(g, dtype, 5);
}

static ct_var *negative(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)x;
    return ct_iota(g, dtype, -1);
}

static ct_var *too_many(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)dtype, (void)x;
    return ct_iota(g, CT_U8, 257);
}

static const ct_sample samples[] = {
    {.build = good},
    {.build = negative, .error = "expects a count of 0 or more, got -1"},
    {.build = too_many, .error = "the last number is 256, but uint8"},
    {0},
};

const ct_op ct_op_iota = {
    .name = "iota", .kind = CT_CONSTANT, .arity = 0, .attr_size = sizeof(iota_attr), .infer = infer, .eval = eval,
    .samples = samples, .formula = "0, 1, ..., n-1",
};

ct_var *ct_iota_at(ct_site at, ct_graph *g, ct_dtype dtype, int64_t n)
{
    iota_attr a = {n, dtype};
    return ct_apply(g, at, &ct_op_iota, 0, NULL, &a);
}
