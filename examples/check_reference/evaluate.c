/* SPDX-License-Identifier: MIT */
/* One MeanFlow step in float64 on given inputs: u, du/dt, the loss and every gradient. */
#include "evaluate.h"

#include <math.h>
#include <stdlib.h>

/* Everything one step owns. */
typedef struct step {
    ct_graph *graph;
    nn_params *params;
    nn_train *train;
    ct_program *program;
    mf_loss loss;
} step;

static void step_free(step *s)
{
    ct_program_free(s->program);
    nn_train_free(s->train);
    nn_params_free(s->params);
    ct_graph_free(s->graph);
}

static mf_options options_of(const reference *ref, bool tangent_all_rows)
{
    mf_options o = mf_options_default();
    o.p = ref->p;
    o.c = ref->c;
    o.unequal_share = (double)(ref->batch - reference_equal_rows(ref)) / (double)ref->batch;
    o.tangent_all_rows = tangent_all_rows;
    return o;
}

/* x and e are worked out from z = (1 - t) x + t e and v = e - x. */
static bool build_loss(step *s, const reference *ref, bool tangent_all_rows)
{
    ct_graph *g = s->graph;
    ct_var *z = ct_constant(g, ref->z), *v = ct_constant(g, ref->v), *t = ct_constant(g, ref->t);
    ct_var *x = ct_sub(z, ct_mul(ct_reshape(t, CT_SHAPE(ref->batch, 1, 1, 1)), v));
    mf_draw draw = {.e = ct_add(x, v), .t = t, .r = ct_constant(g, ref->r), .label = ct_constant(g, ref->y), .kept = ct_ones_like(t)};
    mf_options o = options_of(ref, tangent_all_rows);
    return mf_loss_of(nn_root(g, s->params), mf_flow_config_net(&ref->config), x, &draw, ref->config.classes, &o, &s->loss);
}

static bool compile(step *s, int threads, ct_error *err)
{
    int64_t n = nn_train_count(s->train);
    ct_var **outputs = malloc((size_t)(n + 4) * sizeof *outputs);
    if (!outputs)
        return ct_fail(err, CT_E_MEMORY, "no memory for %lld outputs", (long long)n);
    for (int64_t i = 0; i < n; i++)
        outputs[i] = nn_train_grad(s->train, i);
    outputs[n] = s->loss.u;
    outputs[n + 1] = s->loss.du_dt;
    outputs[n + 2] = s->loss.per_sample;
    outputs[n + 3] = s->loss.loss;
    s->program = ct_compile(s->graph, (int)n + 4, outputs, &(ct_compile_options){.threads = threads}, err);
    free(outputs);
    return s->program != NULL;
}

static bool prepare(step *s, const reference *ref, bool tangent_all_rows, int threads, ct_error *err)
{
    s->graph = ct_graph_new();
    s->params = nn_params_new(CT_F64, 0, err);
    if (!s->params)
        return false;
    nn_params_limit(s->params, ref->file, "params.");
    if (!build_loss(s, ref, tangent_all_rows)) {
        const ct_error *why = ct_graph_error(s->graph);
        return ct_fail(err, why->code, "%s", why->message);
    }
    if (!nn_params_load(s->params, ref->file, "params.", err) || !reference_check_grads(ref, s->params, err))
        return false;
    s->train = nn_train_new(s->loss.loss, s->params, err);
    return s->train && compile(s, threads, err) && ct_program_run(s->program, err);
}

/* The larger, or NaN. */
static double worse(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

static double distance(step *s, ct_var *ours, const ct_tensor *theirs, int64_t from)
{
    return reference_distance(ct_program_get(s->program, ours), theirs, from);
}

static double compare_grads(step *s, const reference *ref)
{
    double worst = 0;
    for (int64_t i = 0; i < nn_train_count(s->train); i++) {
        const ct_tensor *expected = reference_grad(ref, nn_train_name(s->train, i));
        worst = worse(distance(s, nn_train_grad(s->train, i), expected, 0), worst);
    }
    return worst;
}

bool evaluate(const reference *ref, bool tangent_all_rows, int threads, differences *out, ct_error *err)
{
    step s = {0};
    *out = (differences){0, 0, 0, 0};
    bool ok = prepare(&s, ref, tangent_all_rows, threads, err);
    if (ok) {
        int64_t from = tangent_all_rows ? 0 : reference_equal_rows(ref);
        out->u = distance(&s, s.loss.u, ref->u, 0);
        out->du_dt = distance(&s, s.loss.du_dt, ref->du_dt, from);
        out->loss = worse(distance(&s, s.loss.loss, ref->loss, 0), distance(&s, s.loss.per_sample, ref->loss_per_sample, 0));
        out->grads = compare_grads(&s, ref);
    }
    step_free(&s);
    return ok;
}
