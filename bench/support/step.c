/* The step that programs here look into. */
#include "step.h"

#include <string.h>

bool step_configure(step *s, const step_options *o, ct_error *err)
{
    if (!flow_config_default(&s->config, o->model, err))
        return false;
    s->config.width = o->width ? o->width : s->config.width;
    s->config.depth = o->depth ? o->depth : s->config.depth;
    s->config.heads = o->heads;
    s->config.patch = o->patch;
    return flow_config_check(&s->config, err);
}

static void build_loss(step *s, const step_options *o)
{
    mf_options options = mf_options_default();
    options.unequal_share = strcmp(o->objective, "flow") == 0 ? 0 : options.unequal_share;
    s->images = ct_input(s->graph, "images", CT_U8, CT_SHAPE(o->batch, 1, 28, 28));
    s->labels = ct_input(s->graph, "labels", CT_I32, CT_SHAPE(o->batch));
    s->x = ct_affine(ct_cast(s->images, o->dtype), 2.0 / 255, -1);
    nn_scope scope = nn_training(nn_root(s->graph, s->params), true);
    if (mf_draw_batch(s->x, s->labels, s->config.classes, &options, &s->draw))
        mf_loss_of(scope, flow_config_net(&s->config), s->x, &s->draw, s->config.classes, &options, &s->loss);
}

static bool build_graph(step *s, const step_options *o, ct_error *err)
{
    s->graph = ct_graph_new();
    s->params = nn_params_new(o->dtype, 1, err);
    s->state = nn_params_new(o->dtype, 2, err);
    s->ema = nn_params_new(o->dtype, 3, err);
    if (!s->params || !s->state || !s->ema)
        return false;
    build_loss(s, o);
    const ct_error *why = ct_graph_error(s->graph);
    return !why || ct_fail(err, why->code, "%s", why->message);
}

bool step_build(step *s, const step_options *o, ct_error *err)
{
    if (!build_graph(s, o, err))
        return false;
    s->train = nn_train_new(s->loss.loss, s->params, err);
    if (!s->train)
        return false;
    nn_train_adamw(s->train, s->state, ct_scalar(s->graph, o->dtype, 1e-4), (nn_adamw_options){.weight_decay = 0.01});
    nn_train_ema(s->train, s->ema, 0.999);
    nn_train_output(s->train, s->loss.loss);
    return true;
}

/* Pixels by a linear congruential generator. */
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
        ct_tensor_set(labels, i, (double)(i % s->config.classes));
    bool ok = labels && ct_program_set(s->program, s->labels, labels, err);
    ct_tensor_free(labels);
    return ok;
}

bool step_compile(step *s, const step_options *o, ct_error *err)
{
    s->program = nn_train_compile(s->train, &(ct_compile_options){.threads = (int)o->threads, .profile = o->profile, .seed = 1}, err);
    return s->program && set_images(s, o->batch, err) && set_labels(s, o->batch, err);
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
