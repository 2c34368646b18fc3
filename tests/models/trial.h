/* SPDX-License-Identifier: MIT */
/* What the tests of objectives share: a small network to train, and what a step of it costs. */
#ifndef TRIAL_H
#define TRIAL_H

#include "model_case.h"

enum { BATCH = 6, CLASSES = 3 };

/* A small network with stirred parameters, data, and a fixed draw. */
typedef struct trial {
    model_case c;
    mf_flow_config config;
    mf_flow_net net;
    ct_var *x;
    mf_draw draw;
} trial;

static inline trial *trial_with(mf_flow_config config, int64_t equal)
{
    static trial t;
    t.c = case_new(CT_F64);
    t.config = config;
    t.net = mf_flow_config_net(&t.config);
    t.net.guidance = mf_flow_config_guidance(&config, t.c.g, CT_F64, BATCH, 2, 0, 1);
    t.x = case_constant(t.c.g, CT_F64, CT_SHAPE(BATCH, 1, 4, 4), 3, -1, 1);
    t.draw = case_draw(t.c.g, t.x, equal, CLASSES);
    mf_flow_apply(t.net, t.c.s, t.x, t.draw.t, t.draw.r, t.draw.label);
    case_stir(&t.c, 23);
    return &t;
}

static inline trial *trial_new(const char *model, int64_t equal)
{
    return trial_with(case_config(model), equal);
}

static inline mf_options options_with(int64_t equal, double p, double c)
{
    mf_options o = mf_options_default();
    o.unequal_share = (double)(BATCH - equal) / BATCH;
    o.p = p;
    o.c = c;
    return o;
}

static inline mf_loss loss_of(trial *t, mf_options o)
{
    mf_loss l;
    bool ok = mf_loss_of(t->c.s, t->net, t->x, &t->draw, CLASSES, &o, &l);
    assert_ok(ok, ct_graph_error(t->c.g));
    return l;
}

static inline ct_var *noisy(trial *t)
{
    ct_var *time = case_rows(t->draw.t);
    return ct_add(ct_mul(ct_affine(time, -1, 1), t->x), ct_mul(time, t->draw.e));
}

static inline ct_var *sum_pixels(ct_var *x)
{
    return ct_sum(x, CT_AXES(1, 2, 3));
}

/* The matrix products of a loss: how many, and their flops. Unfused: each is a step by itself. */
typedef struct products {
    int64_t n;
    double flops;
} products;

static inline products products_of(ct_graph *g, int n, ct_var *const *out)
{
    products sum = {0};
    ct_error err;
    ct_program *p = ct_compile(g, n, out, &(ct_compile_options){.no_fuse = true}, &err);
    assert_ok(p, &err);
    for (int64_t i = 0; i < ct_program_step_count(p); i++) {
        ct_program_time step;
        assert_true(ct_program_step_time(p, i, &step));
        bool product = strcmp(step.op, "matmul") == 0;
        sum.n += product;
        sum.flops += product ? step.flops : 0;
    }
    ct_program_free(p);
    return sum;
}

#endif
