/* SPDX-License-Identifier: MIT */
/* What the tests of networks and losses share: a graph with parameters, values of nodes, gradients, and small sizes. */
#ifndef MODEL_CASE_H
#define MODEL_CASE_H

#include "support.h"

#include <cotangent.h>
#include <math.h>
#include <string.h>

typedef struct model_case {
    ct_graph *g;
    nn_params *params;
    nn_scope s;
} model_case;

static inline model_case case_new(ct_dtype dtype)
{
    ct_error err;
    model_case c = {.g = ct_graph_new(), .params = nn_params_new(dtype, 7, &err)};
    assert_non_null(c.g);
    assert_ok(c.params, &err);
    c.s = nn_root(c.g, c.params);
    return c;
}

static inline void case_free(model_case *c)
{
    nn_params_free(c->params);
    ct_graph_free(c->g);
}

/* Parameters away from their first values, so that no gate is shut and no gradient is zero by construction. */
static inline void case_stir(model_case *c, uint64_t seed)
{
    support_rng rng = {seed};
    for (int64_t i = 0; i < nn_params_count(c->params); i++) {
        ct_tensor *t = nn_params_tensor(c->params, i);
        for (int64_t j = 0; j < ct_tensor_count(t); j++)
            ct_tensor_set(t, j, support_uniform(&rng, -0.4, 0.4));
    }
}

/* Values of n nodes in one run: new tensors. */
static inline void case_values(ct_graph *g, int n, ct_var *const *v, const ct_compile_options *options, ct_tensor **out)
{
    ct_error err = {0};
    ct_program *p = ct_compile(g, n, v, options, &err);
    assert_ok(p, &err);
    assert_ok(ct_program_run(p, &err), &err);
    for (int i = 0; i < n; i++) {
        ct_tensor *t = ct_program_get(p, v[i]);
        out[i] = ct_tensor_from(ct_tensor_dtype(t), ct_tensor_shape(t), ct_tensor_data(t), &err);
        assert_ok(out[i], &err);
    }
    ct_program_free(p);
}

static inline ct_tensor *case_value(ct_graph *g, ct_var *v)
{
    ct_tensor *t;
    case_values(g, 1, &v, NULL, &t);
    return t;
}

static inline double case_number(ct_graph *g, ct_var *v)
{
    ct_tensor *t = case_value(g, v);
    double x = ct_tensor_get(t, 0);
    ct_tensor_free(t);
    return x;
}

/* A constant with uniform values in [low, high). */
static inline ct_var *case_constant(ct_graph *g, ct_dtype dtype, ct_shape shape, uint64_t seed, double low, double high)
{
    support_rng rng = {seed};
    ct_tensor *t = support_tensor(dtype, shape, &rng, low, high);
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}

static inline ct_var *case_row(ct_graph *g, int64_t n, const double *x)
{
    ct_error err;
    ct_tensor *t = ct_tensor_from(CT_F64, CT_SHAPE(n), x, &err);
    assert_ok(t, &err);
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}

/* Labels 0, 1, ..., classes, 0, 1, ...: the null class is among them. */
static inline ct_var *case_labels(ct_graph *g, int64_t n, int64_t classes)
{
    ct_error err;
    ct_tensor *t = ct_tensor_new(CT_I32, CT_SHAPE(n), &err);
    assert_ok(t, &err);
    for (int64_t i = 0; i < n; i++)
        ct_tensor_set(t, i, (double)(i % (classes + 1)));
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}

/* Largest |a - b|, and largest |b|. */
static inline double case_distance(const ct_tensor *a, const ct_tensor *b, double *scale)
{
    double d = 0, m = 0;
    assert_int_equal(ct_tensor_count(a), ct_tensor_count(b));
    for (int64_t i = 0; i < ct_tensor_count(b); i++) {
        double e = fabs(ct_tensor_get(a, i) - ct_tensor_get(b, i));
        d = e <= d ? d : e;
        m = fmax(m, fabs(ct_tensor_get(b, i)));
    }
    *scale = m;
    return d;
}

/* Largest relative difference of two nodes; the second must not be all zero. */
static inline double case_relative(ct_graph *g, ct_var *a, ct_var *b)
{
    ct_tensor *t[2];
    double scale;
    case_values(g, 2, (ct_var *[]){a, b}, NULL, t);
    double d = case_distance(t[0], t[1], &scale);
    assert_true(scale > 0);
    ct_tensor_free(t[0]);
    ct_tensor_free(t[1]);
    return d / scale;
}

/* All gradients of y by the parameters, as one vector. */
static inline ct_var *case_gradient(model_case *c, ct_var *y)
{
    enum { MOST = 64 };
    ct_var *x[MOST], *xbar[MOST];
    int n = (int)nn_params_count(c->params);
    assert_in_range(n, 1, MOST);
    for (int i = 0; i < n; i++)
        x[i] = ct_state(c->g, nn_params_name(c->params, i), nn_params_tensor(c->params, i));
    assert_ok(ct_grad(y, n, x, xbar), ct_graph_error(c->g));
    for (int i = 0; i < n; i++)
        xbar[i] = ct_reshape(ct_or_zeros(xbar[i], x[i]), CT_SHAPE(-1));
    return n == 1 ? xbar[0] : ct_concat(n, xbar, 0);
}

static inline mf_flow_config case_config(const char *model)
{
    mf_flow_config c;
    ct_error err;
    assert_ok(mf_flow_config_default(&c, model, &err), &err);
    c.size = 4;
    c.classes = 3;
    c.width = 8;
    c.depth = 1;
    c.heads = 2;
    c.patch = 2;
    c.frequencies = 6;
    return c;
}

/* A draw that is the same in every run: `equal` rows of r = t, then others. All labels kept. */
static inline mf_draw case_draw(ct_graph *g, ct_var *x, int64_t equal, int64_t classes)
{
    int64_t n = ct_var_dim(x, 0);
    support_rng rng = {5};
    double t[16], r[16];
    assert_in_range(n, 1, 16);
    for (int64_t i = 0; i < n; i++) {
        t[i] = support_uniform(&rng, 0.3, 0.95);
        r[i] = i < equal ? t[i] : support_uniform(&rng, 0.02, 0.25);
    }
    ct_var *e = case_constant(g, CT_F64, ct_var_shape(x), 11, -2, 2);
    ct_var *kept = ct_ones_like(case_row(g, n, t));
    return (mf_draw){.e = e, .t = case_row(g, n, t), .r = case_row(g, n, r), .label = case_labels(g, n, classes), .kept = kept};
}

/* A network that is told of no guidance. */
static inline mf_flow_net case_net(mf_flow_fn fn, const void *config)
{
    return (mf_flow_net){.fn = fn, .config = config};
}

/* row [batch] against images [batch, 1, h, w]. */
static inline ct_var *case_rows(ct_var *row)
{
    return ct_reshape(row, CT_SHAPE(ct_var_dim(row, 0), 1, 1, 1));
}

#endif
