/* SPDX-License-Identifier: MIT */
/* Fitting y(t) = sin(2 pi t) on [0, 1] through its slope: y = cumsum(slope(t)) / POINTS, y(0) = 0. */
#include "fit.h"

#include <stdio.h>

#include "cumsum.h"
#include "isru.h"

enum { POINTS = 64, WIDTH = 32 };

/* t [points, 1] -> [points]. */
static ct_var *slope(nn_scope s, ct_var *t)
{
    ct_var *h = isru(nn_linear(nn_at(s, "in"), ct_affine(t, 8, -4), WIDTH));
    h = isru(nn_linear(nn_at(s, "hidden"), h, WIDTH));
    return ct_reshape(nn_linear(nn_at(s, "out"), h, 1), CT_SHAPE(POINTS));
}

static ct_var *build_loss(ct_graph *g, nn_params *params)
{
    ct_var *t = ct_affine(ct_iota(g, CT_F32, POINTS), 1.0 / POINTS, 0.5 / POINTS);
    ct_var *wanted = ct_sin(ct_scale(t, 2 * 3.14159265358979323846));
    ct_var *y = cumsum(slope(nn_root(g, params), ct_reshape(t, CT_SHAPE(POINTS, 1))), false);
    return nn_mse(ct_scale(y, 1.0 / POINTS), wanted);
}

static ct_program *compile(ct_var *loss, nn_params *params, nn_params *moments, int64_t steps, ct_error *err)
{
    nn_train *train = nn_train_new(loss, params, err);
    if (!train)
        return NULL;
    nn_schedule schedule = {.peak = 0.01, .final = 0, .total = steps};
    nn_train_adamw(train, moments, nn_cosine_schedule(ct_var_graph(loss), CT_F32, schedule),
                   (nn_adamw_options){.beta2 = 0.99});
    nn_train_output(train, loss);
    ct_program *program = nn_train_compile(train, &(ct_compile_options){.threads = 1}, err);
    nn_train_free(train);
    return program;
}

static bool run(ct_program *p, ct_var *loss, int64_t steps, ct_error *err)
{
    for (int64_t i = 0; i < steps; i++) {
        if (!ct_program_run(p, err))
            return false;
        if (i == 0)
            printf("fit: mean squared error %.3g at first", ct_program_scalar(p, loss));
    }
    printf(", %.3g after %lld steps\n", ct_program_scalar(p, loss), (long long)steps);
    return true;
}

bool fit_curve(int64_t steps, uint64_t seed, ct_error *err)
{
    ct_graph *g = ct_graph_new();
    nn_params *params = nn_params_new(CT_F32, seed, err), *moments = params ? nn_params_new(CT_F32, seed, err) : NULL;
    ct_var *loss = moments ? build_loss(g, params) : NULL;
    if (moments && !loss)
        ct_fail(err, ct_graph_error(g)->code, "%s", ct_graph_error(g)->message);
    ct_program *p = loss ? compile(loss, params, moments, steps, err) : NULL;
    bool ok = p && run(p, loss, steps, err);
    ct_program_free(p);
    nn_params_free(moments);
    nn_params_free(params);
    ct_graph_free(g);
    return ok;
}
