/* SPDX-License-Identifier: MIT */
/* The graph of a MeanFlow training step. */
#include "trainer.h"

#include <math.h>
#include <string.h>

/* uint8 [batch, size, size] -> float32 [batch, 1, size, size] in [-1, 1]. */
static ct_var *pixels(ct_var *images)
{
    ct_var *x = ct_affine(ct_cast(images, CT_F32), 2.0 / 255, -1);
    return ct_reshape(x, CT_SHAPE(ct_var_dim(x, 0), 1, ct_var_dim(x, 1), ct_var_dim(x, 2)));
}

/* With the objective that is in force at t->from. */
static ct_var *build_loss(trainer *t, const train_options *o)
{
    const mf_flow_config *net = &o->net;
    mf_options now = mf_options_at(&o->flow, t->from);
    t->images = ct_input(t->graph, "images", CT_U8, CT_SHAPE(o->batch, net->size, net->size));
    t->labels = ct_input(t->graph, "labels", CT_I32, CT_SHAPE(o->batch));
    ct_var *x = pixels(t->images);
    nn_scope s = nn_training(nn_root(t->graph, t->params), true);
    mf_draw draw;
    mf_loss loss;
    if (!mf_draw_batch(x, t->labels, net->classes, &now, &draw) ||
        !mf_loss_of(s, mf_flow_config_net(net), x, &draw, net->classes, &now, &loss))
        return NULL;
    metrics_of_loss(&loss, t->metric);
    t->tangent[0] = ct_var_index(loss.u);
    t->tangent[1] = loss.du_dt ? ct_var_index(loss.du_dt) : t->tangent[0];
    return loss.loss;
}

static ct_var *learning_rate(ct_graph *g, const train_options *o)
{
    nn_schedule schedule = {.peak = o->lr, .final = o->final_lr, .warmup = o->warmup, .total = o->steps};
    bool cosine = strcmp(o->schedule, "cosine") == 0;
    return cosine ? nn_cosine_schedule(g, CT_F32, schedule) : nn_constant_schedule(g, CT_F32, schedule);
}

static bool build_averages(trainer *t, nn_train *train, const train_options *o)
{
    for (int i = 0; i < t->n_ema; i++)
        if (!nn_train_ema(train, t->ema[i], o->ema.value[i]))
            return false;
    return true;
}

/* Gradients, the guard, clipping, AdamW and the averages of the weights. */
static bool build_update(trainer *t, nn_train *train, const train_options *o)
{
    nn_adamw_options adamw = {.beta1 = o->beta1, .beta2 = o->beta2, .weight_decay = o->weight_decay};
    t->allow = ct_input(t->graph, "allow", CT_F32, CT_SCALAR);
    nn_train_guard(train, t->allow);
    t->metric[GRAD_NORM] = o->clip > 0 ? nn_train_clip(train, o->clip) : nn_train_grad_norm(train);
    t->metric[LR] = learning_rate(t->graph, o);
    if (!nn_train_adamw(train, t->moments, t->metric[LR], adamw) || !build_averages(t, train, o))
        return false;
    for (int i = 0; i < METRICS; i++)
        if (!nn_train_output(train, t->metric[i]))
            return false;
    return true;
}

static bool graph_error(const trainer *t, ct_error *err)
{
    const ct_error *e = ct_graph_error(t->graph);
    return e ? ct_fail(err, e->code, "%s", e->message) : false;
}

static bool build(trainer *t, const train_options *o, ct_error *err)
{
    ct_var *loss = build_loss(t, o);
    if (!loss)
        return graph_error(t, err);
    nn_train *train = nn_train_new(loss, t->params, err);
    if (!train)
        return false;
    ct_compile_options options = {.threads = (int)o->threads, .seed = (uint64_t)o->seed, .profile = true};
    bool built = build_update(t, train, o);
    t->program = built ? nn_train_compile(train, &options, err) : NULL;
    nn_train_free(train);
    return built ? t->program != NULL : graph_error(t, err);
}

/* Sets of parameters to be filled as the graph is built. */
static bool make_sets(trainer *t, const train_options *o, ct_error *err)
{
    uint64_t seed = (uint64_t)o->seed;
    t->params = nn_params_new(CT_F32, seed, err);
    t->moments = t->params ? nn_params_new(CT_F32, seed, err) : NULL;
    bool ok = t->moments != NULL;
    for (t->n_ema = 0; ok && t->n_ema < o->ema.count; t->n_ema += ok) {
        t->ema[t->n_ema] = nn_params_new(CT_F32, seed, err);
        ok = t->ema[t->n_ema] != NULL;
    }
    return ok;
}

static void drop_program(trainer *t)
{
    ct_program_free(t->program);
    ct_graph_free(t->graph);
    t->program = NULL;
    t->graph = NULL;
}

/* The program of the phase that `step` is in, from that step on. */
static bool begin_phase(trainer *t, int64_t step, ct_error *err)
{
    int64_t change = mf_options_change(&t->options->flow, step);
    drop_program(t);
    t->from = step;
    t->until = change < 0 ? INT64_MAX : change;
    t->graph = ct_graph_new();
    return t->graph ? build(t, t->options, err) : graph_error(t, err);
}

bool trainer_init(trainer *t, const train_options *o, ct_error *err)
{
    *t = (trainer){.options = o};
    return make_sets(t, o, err) && begin_phase(t, 0, err);
}

bool trainer_go_to(trainer *t, int64_t step, ct_error *err)
{
    if ((step < t->from || step >= t->until) && !begin_phase(t, step, err))
        return false;
    ct_program_set_step(t->program, (uint64_t)step);
    return true;
}

int64_t trainer_next(const trainer *t)
{
    return (int64_t)ct_program_step(t->program);
}

void trainer_free(trainer *t)
{
    drop_program(t);
    for (int i = 0; i < t->n_ema; i++)
        nn_params_free(t->ema[i]);
    nn_params_free(t->moments);
    nn_params_free(t->params);
}

static bool run(trainer *t, const void *images, const void *labels, double allow, double metrics[METRICS],
                ct_error *err)
{
    if (!trainer_go_to(t, trainer_next(t), err) || !ct_program_set_data(t->program, t->images, images, err) ||
        !ct_program_set_data(t->program, t->labels, labels, err) ||
        !ct_program_set_scalar(t->program, t->allow, allow, err) || !ct_program_run(t->program, err))
        return false;
    for (int i = 0; i < METRICS; i++) {
        double x = ct_program_scalar(t->program, t->metric[i]);
        metrics[i] = isnan(x) ? NAN : x;  /* NaN has a sign, which nobody wants to see */
    }
    return true;
}

bool trainer_step(trainer *t, const void *images, const void *labels, double metrics[METRICS], ct_error *err)
{
    return run(t, images, labels, 1, metrics, err);
}

bool trainer_look(trainer *t, const void *images, const void *labels, double metrics[METRICS], ct_error *err)
{
    int64_t step = trainer_next(t);
    return run(t, images, labels, 0, metrics, err) && trainer_go_to(t, step, err);
}

double trainer_tangent_share(trainer *t)
{
    double all = 0, tangent = 0;
    for (int64_t i = 0; i < ct_program_step_count(t->program); i++) {
        ct_program_time time;
        ct_program_step_time(t->program, i, &time);
        all += time.seconds;
        tangent += time.index > t->tangent[0] && time.index <= t->tangent[1] ? time.seconds : 0;
    }
    ct_program_profile_reset(t->program);
    return all > 0 ? tangent / all : 0;
}
