/* The graph of a MeanFlow training step. */
#include "trainer.h"

#include <string.h>

const char *const metric_names[METRICS] = {"log_loss", "raw", "velocity", "loss", "grad_norm", "lr"};

/* uint8 [batch, size, size] -> float32 [batch, 1, size, size] in [-1, 1]. */
static ct_var *pixels(ct_var *images)
{
    ct_var *x = ct_affine(ct_cast(images, CT_F32), 2.0 / 255, -1);
    return ct_reshape(x, CT_SHAPE(ct_var_dim(x, 0), 1, ct_var_dim(x, 1), ct_var_dim(x, 2)));
}

static ct_var *build_loss(trainer *t, const train_options *o)
{
    const flow_config *net = &o->net;
    t->images = ct_input(t->graph, "images", CT_U8, CT_SHAPE(o->batch, net->size, net->size));
    t->labels = ct_input(t->graph, "labels", CT_I32, CT_SHAPE(o->batch));
    ct_var *x = pixels(t->images);
    nn_scope s = nn_training(nn_root(t->graph, t->params), true);
    mf_draw draw;
    mf_loss loss;
    if (!mf_draw_batch(x, t->labels, net->classes, &o->flow, &draw) ||
        !mf_loss_of(s, flow_config_net(net), x, &draw, net->classes, &o->flow, &loss))
        return NULL;
    t->metric[LOG_LOSS] = loss.log_loss;
    t->metric[RAW] = loss.raw;
    t->metric[VELOCITY] = loss.velocity;
    t->metric[LOSS] = loss.loss;
    return loss.loss;
}

static ct_var *learning_rate(ct_graph *g, const train_options *o)
{
    nn_schedule schedule = {.peak = o->lr, .final = o->final_lr, .warmup = o->warmup, .total = o->steps};
    bool cosine = strcmp(o->schedule, "cosine") == 0;
    return cosine ? nn_cosine_schedule(g, CT_F32, schedule) : nn_constant_schedule(g, CT_F32, schedule);
}

/* Gradients, clipping, AdamW and the average of the weights. */
static bool build_update(trainer *t, nn_train *train, const train_options *o)
{
    nn_adamw_options adamw = {.beta1 = o->beta1, .beta2 = o->beta2, .weight_decay = o->weight_decay};
    t->metric[GRAD_NORM] = o->clip > 0 ? nn_train_clip(train, o->clip) : nn_train_grad_norm(train);
    t->metric[LR] = learning_rate(t->graph, o);
    if (!nn_train_adamw(train, t->moments, t->metric[LR], adamw) || !nn_train_ema(train, t->ema, o->ema))
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
    ct_compile_options options = {.threads = (int)o->threads, .seed = (uint64_t)o->seed};
    bool built = build_update(t, train, o);
    t->program = built ? nn_train_compile(train, &options, err) : NULL;
    nn_train_free(train);
    return built ? t->program != NULL : graph_error(t, err);
}

bool trainer_init(trainer *t, const train_options *o, ct_error *err)
{
    uint64_t seed = (uint64_t)o->seed;
    *t = (trainer){.params = nn_params_new(CT_F32, seed, err)};
    t->ema = t->params ? nn_params_new(CT_F32, seed, err) : NULL;
    t->moments = t->ema ? nn_params_new(CT_F32, seed, err) : NULL;
    if (!t->moments)
        return false;
    t->graph = ct_graph_new();
    return t->graph ? build(t, o, err) : graph_error(t, err);
}

void trainer_free(trainer *t)
{
    ct_program_free(t->program);
    ct_graph_free(t->graph);
    nn_params_free(t->moments);
    nn_params_free(t->ema);
    nn_params_free(t->params);
}

bool trainer_step(trainer *t, const void *images, const void *labels, double metrics[METRICS], ct_error *err)
{
    if (!ct_program_set_data(t->program, t->images, images, err) ||
        !ct_program_set_data(t->program, t->labels, labels, err) || !ct_program_run(t->program, err))
        return false;
    for (int i = 0; i < METRICS; i++)
        metrics[i] = ct_program_scalar(t->program, t->metric[i]);
    return true;
}
