/* SPDX-License-Identifier: MIT */
/* The step that programs here time or look into. */
#include "step.h"

#include <math.h>
#include <string.h>

bool step_configure(step *s, const step_options *o, ct_error *err)
{
    if (!mf_flow_config_default(&s->config, o->model, err))
        return false;
    s->config.width = o->width ? o->width : s->config.width;
    s->config.depth = o->depth ? o->depth : s->config.depth;
    s->config.heads = o->heads;
    s->config.patch = o->patch;
    return mf_flow_config_check(&s->config, err);
}

static bool is_draw(const step_options *o)
{
    return strcmp(o->objective, "draw") == 0;
}

static void build_loss(step *s, const step_options *o)
{
    mf_options options = mf_options_default();
    options.unequal_share = strcmp(o->objective, "flow") == 0 ? 0 : options.unequal_share;
    s->images = ct_input(s->graph, "images", CT_U8, CT_SHAPE(o->batch, 1, 28, 28));
    s->x = ct_affine(ct_cast(s->images, o->dtype), 2.0 / 255, -1);
    nn_scope scope = nn_training(nn_root(s->graph, s->params), true);
    if (mf_draw_batch(s->x, s->labels, s->config.classes, &options, &s->draw))
        mf_loss_of(scope, mf_flow_config_net(&s->config), s->x, &s->draw, s->config.classes, &options, &s->loss);
}

static void build_sample(step *s, const step_options *o)
{
    ct_var *noise = ct_normal(s->graph, o->dtype, CT_SHAPE(o->batch, 1, 28, 28));
    s->x = mf_sample(nn_root(s->graph, s->params), mf_flow_config_net(&s->config), noise, s->labels, 1, NULL);
}

static bool build_graph(step *s, const step_options *o, ct_error *err)
{
    s->graph = ct_graph_new();
    s->params = nn_params_new(o->dtype, 1, err);
    s->state = nn_params_new(o->dtype, 2, err);
    s->ema = nn_params_new(o->dtype, 3, err);
    if (!s->params || !s->state || !s->ema)
        return false;
    s->labels = ct_input(s->graph, "labels", CT_I32, CT_SHAPE(o->batch));
    if (is_draw(o))
        build_sample(s, o);
    else
        build_loss(s, o);
    const ct_error *why = ct_graph_error(s->graph);
    return !why || ct_fail(err, why->code, "%s", why->message);
}

/* Normal with deviation 1 / (2 sqrt(inputs)) in every tensor, those included that start at zero. */
static bool randomize(nn_params *p, ct_error *err)
{
    for (int64_t i = 0; i < nn_params_count(p); i++) {
        ct_tensor *t = nn_params_tensor(p, i);
        int64_t n = ct_tensor_count(t), rows = ct_shape_dim(ct_tensor_shape(t), 0);
        double inputs = ct_tensor_shape(t).rank > 1 ? (double)(n / rows) : 16;
        if (!nn_init_fill(NN_NORMAL(0.5 / sqrt(inputs)), t, nn_params_name(p, i), 4, err))
            return false;
    }
    return true;
}

static bool build_training(step *s, const step_options *o, ct_error *err)
{
    s->train = nn_train_new(s->loss.loss, s->params, err);
    if (!s->train)
        return false;
    ct_var *rate = ct_scalar(s->graph, o->dtype, STEP_LEARNING_RATE);
    nn_train_adamw(s->train, s->state, rate, (nn_adamw_options){.weight_decay = STEP_WEIGHT_DECAY});
    nn_train_ema(s->train, s->ema, STEP_EMA_DECAY);
    nn_train_output(s->train, s->loss.loss);
    return true;
}

bool step_build(step *s, const step_options *o, ct_error *err)
{
    return build_graph(s, o, err) && (!o->random_weights || randomize(s->params, err)) &&
           (is_draw(o) || build_training(s, o, err));
}

/* Pixels by a linear congruential generator. Only training has images. */
static bool set_images(step *s, int64_t batch, ct_error *err)
{
    ct_tensor *images = ct_tensor_new(CT_U8, CT_SHAPE(batch, 1, 28, 28), err);
    uint32_t state = 1;
    for (int64_t i = 0; images && i < ct_tensor_count(images); i++)
        ((uint8_t *)ct_tensor_data(images))[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
    bool ok = images && ct_program_set(s->program, s->images, images, err);
    ct_tensor_free(images);
    return ok;
}

static bool set_labels(step *s, int64_t batch, ct_error *err)
{
    ct_tensor *labels = ct_tensor_new(CT_I32, CT_SHAPE(batch), err);
    for (int64_t i = 0; labels && i < batch; i++)
        ct_tensor_set(labels, i, (double)(i % 10));
    bool ok = labels && ct_program_set(s->program, s->labels, labels, err);
    ct_tensor_free(labels);
    return ok;
}

bool step_compile(step *s, const step_options *o, ct_error *err)
{
    ct_compile_options options = {.threads = (int)o->threads, .profile = o->profile, .seed = 1};
    s->program = is_draw(o) ? ct_compile(s->graph, 1, &s->x, &options, err) : nn_train_compile(s->train, &options, err);
    return s->program && (is_draw(o) || set_images(s, o->batch, err)) && set_labels(s, o->batch, err);
}

void step_free(step *s)
{
    ct_program_free(s->program);
    nn_train_free(s->train);
    nn_params_free(s->params);
    nn_params_free(s->state);
    nn_params_free(s->ema);
    ct_graph_free(s->graph);
}
