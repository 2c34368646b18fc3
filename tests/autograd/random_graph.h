/* SPDX-License-Identifier: MIT */
/* Random graphs: ops of every kind, composed as a seed says. */
#ifndef RANDOM_GRAPH_H
#define RANDOM_GRAPH_H

#include "support.h"

#include <cotangent/ops.h>
#include <string.h>

enum { MAX_COUNT = 24, MAX_POOL = 40, INPUTS = 2 };

typedef struct maker {
    ct_graph *g;
    support_rng rng;
    ct_var *pool[MAX_POOL];
    int n;
} maker;

static inline int64_t below(maker *m, int64_t limit) { return support_below(&m->rng, limit); }
static inline ct_var *pick(maker *m) { return m->pool[below(m, m->n)]; }
static inline int64_t count(const ct_var *v) { return ct_shape_count(ct_var_shape(v)); }

/* v in another shape: the same elements where they are as many, else their mean everywhere. */
static inline ct_var *fit(ct_var *v, ct_shape shape)
{
    if (count(v) == ct_shape_count(shape))
        return ct_reshape(v, shape);
    return ct_broadcast(ct_mean_all(v), shape);
}

static inline ct_var *draw_unary(maker *m, ct_var *x)
{
    ct_var *above = ct_shift(ct_square(x), 1);
    switch (below(m, 14)) {
    case 0: return ct_tanh(x);
    case 1: return ct_sin(x);
    case 2: return ct_cos(x);
    case 3: return ct_sigmoid(x);
    case 4: return ct_exp(ct_tanh(x));
    case 5: return ct_affine(x, support_uniform(&m->rng, -1, 1), 0.3);
    case 6: return ct_erf(x);
    case 7: return ct_softplus(x);
    case 8: return ct_recip(above);
    case 9: return ct_log(above);
    case 10: return ct_pow(above, support_uniform(&m->rng, -1, 1));
    case 11: return ct_alias(x);
    case 12: return ct_cast(ct_cast(x, CT_F64), CT_F64);
    default: return ct_mul(ct_stop_gradient(ct_sin(x)), x);
    }
}

static inline ct_var *draw_binary(maker *m, ct_var *x, ct_var *y)
{
    switch (below(m, 6)) {
    case 0: return ct_add(x, y);
    case 1: return ct_sub(x, y);
    case 2: return ct_mul(x, ct_sin(y));
    case 3: return ct_div(x, ct_shift(ct_square(y), 1));
    case 4: return ct_maximum(x, y);
    default: return ct_select(ct_greater(x, y), ct_tanh(x), ct_sin(y));
    }
}

static inline ct_var *draw_matmul(maker *m, ct_var *x, ct_var *y)
{
    int64_t k = count(x) % 3 == 0 ? 3 : count(x) % 2 == 0 ? 2 : 1, n = 1 + below(m, 3);
    ct_var *a = ct_reshape(x, CT_SHAPE(-1, k)), *b = ct_scale(ct_sin(fit(y, CT_SHAPE(k, n))), 0.5);
    return below(m, 2) ? ct_matmul(a, b) : ct_transpose(ct_matmul(ct_transpose(b, 0, 1), ct_transpose(a, 0, 1)), 0, 1);
}

static inline ct_var *draw_reduction(maker *m, ct_var *x)
{
    int axis = (int)below(m, ct_var_rank(x));
    switch (below(m, 6)) {
    case 0: return ct_sum(x, CT_AXES(axis));
    case 1: return ct_mean_keep(x, CT_AXES(axis));
    case 2: return ct_max(x, CT_AXES(axis));
    case 3: return ct_sub(x, ct_max_keep(x, CT_AXES(axis)));
    case 4: return ct_mul(x, ct_sum_keep(ct_sin(x), CT_AXES(axis)));
    default: return ct_mean_all(x);
    }
}

/* The indices n-1, ..., 0 and once more 0: one twice, all in range. */
static inline ct_var *indices(ct_graph *g, int64_t n)
{
    return ct_maximum(ct_affine(ct_iota(g, CT_I32, n + 1), -1, (double)n - 1), ct_scalar(g, CT_I32, 0));
}

static inline ct_var *draw_movement(maker *m, ct_var *x)
{
    int rank = ct_var_rank(x), axis = (int)below(m, rank);
    int64_t n = ct_var_dim(x, axis);
    switch (below(m, rank < 3 ? 9 : 8)) {
    case 0: return ct_reshape(x, CT_SHAPE(-1));
    case 1: return ct_transpose(x, axis, rank - 1);
    case 2: return ct_slice(x, axis, n > 1, n, 1 + below(m, 2));
    case 3: return ct_pad(x, axis, 2, 1, below(m, 2));
    case 4: return ct_concat(2, (ct_var *[]){x, ct_scale(x, 0.5)}, axis);
    case 5: return ct_gather(x, indices(m->g, n), axis);
    case 6: return ct_scatter_add(ct_slice(x, axis, 0, 1, 1), ct_scalar(m->g, CT_I32, 0), axis, 2);
    case 7: return ct_reshape(x, CT_SHAPE(1, -1));
    default: return ct_add(x, ct_full(m->g, CT_F64, rank == 1 ? CT_SHAPE(2, 1) : CT_SHAPE(2, 1, 1), 0.5));
    }
}

static inline ct_var *draw(maker *m)
{
    ct_var *x = pick(m);
    int64_t kind = below(m, 10);
    if (kind < 3 || ct_var_rank(x) == 0)
        return draw_unary(m, x);
    if (kind < 6)
        return draw_binary(m, x, fit(pick(m), ct_var_shape(x)));
    if (kind < 7)
        return draw_matmul(m, x, pick(m));
    if (kind < 8 || count(x) < 2)
        return draw_reduction(m, x);
    return draw_movement(m, x);
}

/* Made small again when it has grown. */
static inline ct_var *tame(ct_var *v)
{
    if (count(v) > MAX_COUNT || ct_var_rank(v) > 3)
        v = ct_tanh(ct_slice(ct_reshape(v, CT_SHAPE(-1)), 0, 0, count(v) < 6 ? count(v) : 6, 1));
    return v;
}

/* A graph of 5 to 30 drawn ops; the output holds the last few. */
static inline ct_var *build(ct_graph *g, ct_var *const *x, void *context)
{
    maker m = {.g = g, .rng = {*(uint64_t *)context}, .n = INPUTS};
    memcpy(m.pool, x, INPUTS * sizeof *x);
    int64_t ops = 5 + below(&m, 26);
    for (int64_t i = 0; i < ops; i++) {
        ct_var *v = draw(&m);
        if (!v)
            return NULL;
        m.pool[m.n++] = tame(v);
    }
    ct_var *parts[4];
    for (int i = 0; i < 4; i++)
        parts[i] = ct_reshape(m.pool[i < 3 ? m.n - 1 - i : below(&m, m.n)], CT_SHAPE(-1));
    return ct_concat(4, parts, 0);
}

static const ct_shape shapes[INPUTS] = {{2, {2, 3}}, {1, {4}}};

static inline void points(uint64_t seed, ct_tensor **x)
{
    support_rng rng = {seed ^ 0xABCD};
    for (int i = 0; i < INPUTS; i++)
        x[i] = support_tensor(CT_F64, shapes[i], &rng, -1.5, 1.5);
}

#endif
