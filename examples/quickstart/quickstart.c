/* SPDX-License-Identifier: MIT */
/* Fits sin(x) with a small network: build a graph, make its training step, run it. */
#include "program.h"

#include <cotangent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 256, STEPS = 2000 };

/* A model is a function. Its layers find their parameters by name, or create them. */
static ct_var *net(nn_scope s, ct_var *x)
{
    ct_var *h = ct_tanh(nn_linear(nn_at(s, "in"), x, 32));
    h = ct_tanh(nn_linear(nn_at(s, "hidden"), h, 32));
    return nn_linear(nn_at(s, "out"), h, 1);
}

static bool fit(ct_graph *g, nn_params *params, nn_params *moments, ct_error *err)
{
    /* The data are part of the graph: new random points in (-pi, pi) at every step. */
    ct_var *x = ct_affine(ct_uniform(g, CT_F32, CT_SHAPE(BATCH, 1)), 6.2831853, -3.1415927);
    ct_var *loss = nn_mse(net(nn_root(g, params), x), ct_sin(x));

    /* So are the gradients and the optimizer: one run of the program is one step of training. */
    nn_train *train = nn_train_new(loss, params, err);
    if (!train)
        return false;
    ct_var *rate = nn_cosine_schedule(g, CT_F32, (nn_schedule){.peak = 0.01, .total = STEPS});
    nn_train_adamw(train, moments, rate, (nn_adamw_options){0});
    nn_train_output(train, loss);
    ct_program *step = nn_train_compile(train, NULL, err);

    bool ok = step != NULL;
    for (int i = 0; i < STEPS && ok; i++) {
        ok = ct_program_run(step, err);
        if (i % 400 == 0 || i == STEPS - 1)
            printf("step %4d   loss %.1e\n", i, ct_program_scalar(step, loss));
    }
    ct_program_free(step);
    nn_train_free(train);
    return ok;
}

/* The same function under the same parameters, for one point: what it learnt, beside the truth. */
static bool predict(ct_graph *g, nn_params *params, ct_error *err)
{
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(1, 1));
    ct_var *y = net(nn_root(g, params), x);
    ct_program *program = ct_compile(g, 1, &y, NULL, err);

    bool ok = program != NULL;
    for (int i = -3; i <= 3 && ok; i++) {
        ok = ct_program_set_scalar(program, x, i, err) && ct_program_run(program, err);
        printf("x = %2d   net %7.4f   sin %7.4f\n", i, ct_program_scalar(program, y), sin(i));
    }
    ct_program_free(program);
    return ok;
}

static int command(int argc, char **argv)
{
    if (argc > 1) {
        bool asked = strcmp(argv[1], "--help") == 0;
        fputs("usage: quickstart [--help]\n"
              "Fits sin(x) on (-pi, pi) with a small network and prints what it learnt.\n", asked ? stdout : stderr);
        return asked ? 0 : 2;
    }
    ct_error err;
    ct_graph *g = ct_graph_new();
    nn_params *params = nn_params_new(CT_F32, 1, &err), *moments = nn_params_new(CT_F32, 0, &err);
    bool ok = params && moments && fit(g, params, moments, &err) && predict(g, params, &err);
    if (!ok)
        fprintf(stderr, "quickstart: %s\n", err.message);
    nn_params_free(moments);
    nn_params_free(params);
    ct_graph_free(g);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("quickstart", command(argc, argv));
}
