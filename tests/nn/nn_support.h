/* SPDX-License-Identifier: MIT */
/* What the tests of nn share: a graph with parameters, and the value of a node. */
#ifndef NN_SUPPORT_H
#define NN_SUPPORT_H

#include "support.h"
#include <cotangent/nn.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <string.h>

typedef struct bench {
    ct_graph *graph;
    nn_params *params;
    nn_scope root;
} bench;

static inline bench bench_open(ct_dtype dtype)
{
    ct_error err;
    bench b = {.graph = ct_graph_new(), .params = nn_params_new(dtype, 7, &err)};
    assert_non_null(b.graph);
    assert_ok(b.params, &err);
    b.root = nn_root(b.graph, b.params);
    return b;
}

static inline void bench_close(bench *b)
{
    ct_graph_free(b->graph);
    nn_params_free(b->params);
}

/* A tensor that the test keeps, as a node. */
static inline ct_var *bench_state(bench *b, const char *name, ct_tensor *t)
{
    return ct_state(b->graph, name, t);
}

/* Every parameter gets uniform values in (-1, 1), so that no layer is tested at zeros or ones. */
static inline void randomize(nn_params *p, uint64_t seed)
{
    support_rng rng = {seed};
    for (int64_t i = 0; i < nn_params_count(p); i++)
        for (int64_t k = 0; k < ct_tensor_count(nn_params_tensor(p, i)); k++)
            ct_tensor_set(nn_params_tensor(p, i), k, support_uniform(&rng, -1, 1));
}

/* The value of v in a run at the given step; to be freed. */
static inline ct_tensor *value_at_step(ct_var *v, uint64_t step)
{
    ct_error err;
    ct_graph *g = ct_var_graph(v);
    const ct_error *wrong = ct_graph_error(g);
    assert_ok(!wrong, wrong);
    ct_program *p = ct_compile(g, 1, &v, &(ct_compile_options){.threads = 1, .seed = 5}, &err);
    assert_ok(p, &err);
    ct_program_set_step(p, step);
    assert_ok(ct_program_run(p, &err), &err);
    ct_tensor *t = ct_tensor_cast(ct_program_get(p, v), ct_var_dtype(v), &err);
    assert_ok(t, &err);
    ct_program_free(p);
    return t;
}

static inline ct_tensor *value_of(ct_var *v)
{
    return value_at_step(v, 0);
}

static inline double number_at_step(ct_var *v, uint64_t step)
{
    ct_tensor *t = value_at_step(v, step);
    double x = ct_tensor_get(t, 0);
    ct_tensor_free(t);
    return x;
}

static inline const double *doubles(const ct_tensor *t)
{
    assert_non_null(t);
    assert_int_equal(ct_tensor_dtype(t), CT_F64);
    return ct_tensor_data(t);
}

static inline const double *param_values(const bench *b, const char *name)
{
    return doubles(nn_params_find(b->params, name));
}

#endif
