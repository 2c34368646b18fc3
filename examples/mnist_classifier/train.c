/* SPDX-License-Identifier: MIT */
/* Training: AdamW under a cosine, on images that are moved about a little. */
#include "train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "augment.h"
#include "dataset.h"
#include "output.h"
#include "program.h"
#include "weights.h"

typedef struct training {
    nn_dataset data;
    test_set test;
    nn_loader *loader;
    uint8_t *shifted;  /* a batch of images */
    weights_info info;
    int64_t steps;
    nn_params *params, *moments;
    ct_graph *graph;
    ct_var *images, *labels, *loss;
    ct_program *program;
} training;

/* --- data --------------------------------------------------------------------------------------------------------- */

static bool check_images(const nn_dataset *data, const char *dir, ct_error *err)
{
    ct_shape shape = ct_tensor_shape(data->images);
    if (shape.dim[1] != 28 || shape.dim[2] != 28)
        return ct_fail(err, CT_E_SHAPE, "%s: images are %s, expected [count, 28, 28]", dir, CT_SHAPE_TEXT(shape));
    return true;
}

static bool load_data(training *t, const train_options *o, ct_error *err)
{
    if (!nn_dataset_read_idx(&t->data, o->data, "train", err) || !check_images(&t->data, o->data, err) ||
        !test_set_read(&t->test, o->data, err))
        return false;
    t->loader = nn_loader_new(2, (ct_tensor *[]){t->data.images, t->data.labels}, o->batch, (uint64_t)o->seed, err);
    if (!t->loader)
        return false;
    t->info.classes = dataset_classes(&t->data);
    fingerprint_dataset(&t->data, t->info.data);
    t->steps = o->epochs * nn_loader_batches(t->loader);
    t->shifted = malloc((size_t)o->batch * 28 * 28);
    return t->shifted || ct_fail(err, CT_E_MEMORY, "out of memory");
}

/* --- the step's program ------------------------------------------------------------------------------------------- */

static ct_var *build_loss(training *t, int64_t batch)
{
    t->images = ct_input(t->graph, "images", CT_U8, CT_SHAPE(batch, 1, 28, 28));
    t->labels = ct_input(t->graph, "labels", CT_I32, CT_SHAPE(batch));
    ct_var *x = ct_affine(ct_cast(t->images, CT_F32), 2.0 / 255, -1);
    nn_scope s = nn_training(nn_root(t->graph, t->params), true);
    return nn_cross_entropy(mf_classifier_logits(s, x, t->info.classes, NULL), t->labels);
}

static bool build_step(training *t, const train_options *o, ct_error *err)
{
    t->loss = build_loss(t, o->batch);
    if (!t->loss)
        return ct_fail(err, ct_graph_error(t->graph)->code, "%s", ct_graph_error(t->graph)->message);
    nn_train *train = nn_train_new(t->loss, t->params, err);
    if (!train)
        return false;
    nn_schedule schedule = {.peak = o->lr, .final = 0, .warmup = t->steps / 20, .total = t->steps};
    ct_var *lr = nn_cosine_schedule(t->graph, CT_F32, schedule);
    nn_train_adamw(train, t->moments, lr, (nn_adamw_options){.weight_decay = o->weight_decay});
    nn_train_output(train, t->loss);
    t->program =
        nn_train_compile(train, &(ct_compile_options){.threads = (int)o->threads, .seed = (uint64_t)o->seed}, err);
    nn_train_free(train);
    return t->program != NULL;
}

static bool build(training *t, const train_options *o, ct_error *err)
{
    t->params = nn_params_new(CT_F32, (uint64_t)o->seed, err);
    t->moments = t->params ? nn_params_new(CT_F32, (uint64_t)o->seed, err) : NULL;
    t->graph = t->moments ? ct_graph_new() : NULL;
    return t->graph ? build_step(t, o, err) : t->moments ? ct_fail(err, CT_E_MEMORY, "out of memory") : false;
}

/* --- training ----------------------------------------------------------------------------------------------------- */

static bool run_step(training *t, const train_options *o, uint64_t step, ct_error *err)
{
    const void *batch[2];
    nn_loader_get(t->loader, step, batch);
    shift_images(t->shifted, batch[0], o->batch, 28, o->shift, (uint64_t)o->seed, step);
    if (!ct_program_set_data(t->program, t->images, t->shifted, err) ||
        !ct_program_set_data(t->program, t->labels, batch[1], err) || !ct_program_run(t->program, err))
        return false;
    double loss = ct_program_scalar(t->program, t->loss);
    return isfinite(loss) ||
           ct_fail(err, CT_E_NUMERIC, "step %llu: the loss is %g, expected a finite number; a smaller --lr may help",
                   (unsigned long long)step, loss);
}

/* Trains for one epoch; prints the mean loss and the accuracy. The number of test images read rightly into *right. */
static bool run_epoch(training *t, const train_options *o, int64_t epoch, int64_t *right, ct_error *err)
{
    int64_t batches = nn_loader_batches(t->loader);
    double sum = 0;
    for (int64_t i = 0; i < batches; i++) {
        if (!run_step(t, o, (uint64_t)(epoch * batches + i), err))
            return false;
        sum += ct_program_scalar(t->program, t->loss);
    }
    *right = test_set_count_right(&t->test, t->params, t->info.classes, o->threads, err);
    if (*right < 0)
        return false;
    printf("epoch %lld: loss %.4f, accuracy %lld of %lld\n", (long long)epoch + 1, sum / (double)batches,
           (long long)*right, (long long)t->test.count);
    program_flush();
    return true;
}

static bool run(training *t, const train_options *o, const char *path, ct_error *err)
{
    int64_t right = 0;
    for (int64_t epoch = 0; epoch < o->epochs; epoch++)
        if (!run_epoch(t, o, epoch, &right, err))
            return false;
    t->info.accuracy = (double)right / (double)t->test.count;
    if (!weights_write(path, t->params, &t->info, err))
        return false;
    printf("wrote %s\n", path);
    return true;
}

static void release(training *t)
{
    ct_program_free(t->program);
    ct_graph_free(t->graph);
    nn_params_free(t->moments);
    nn_params_free(t->params);
    free(t->shifted);
    nn_loader_free(t->loader);
    test_set_free(&t->test);
    nn_dataset_free(&t->data);
}

static bool set_name(weights_info *info, const char *name, ct_error *err)
{
    int length = snprintf(info->name, sizeof info->name, "%s", name);
    return (length > 0 && length < WEIGHTS_NAME_SIZE) ||
           ct_fail(err, CT_E_ARGUMENT, "--name expects 1 to %d bytes, got '%s'", WEIGHTS_NAME_SIZE - 1, name);
}

bool train_classifier(const train_options *o, ct_error *err)
{
    training t = {.steps = 0};
    char path[OUTPUT_PATH_SIZE];
    bool ok = set_name(&t.info, o->name, err) && load_data(&t, o, err) && build(&t, o, err) &&
              output_directory(o->out, err) && output_path(path, o->out, "classifier.safetensors", err) &&
              output_check(path, err) && run(&t, o, path, err);
    release(&t);
    return ok;
}
