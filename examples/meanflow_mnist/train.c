/* The command "train". Everything given is checked before anything is written. */
#include <math.h>
#include <stdio.h>

#include "checkpoint.h"
#include "cli.h"
#include "commands.h"
#include "grid.h"
#include "output.h"
#include "progress.h"
#include "sampler.h"
#include "stop.h"

enum { GOOD = 0, BROKEN = 1, WRONG = 2 };

typedef struct training {
    train_options options;
    nn_dataset data;
    nn_loader *loader;
    trainer trainer;
    progress progress;
    char model[OUTPUT_PATH_SIZE], samples[OUTPUT_PATH_SIZE], log[OUTPUT_PATH_SIZE];
} training;

static int fail(int status, const ct_error *err)
{
    cli_fail("meanflow_mnist train", "%s", err->message);
    return status;
}

/* --- before the first step ---------------------------------------------------------------------------------------- */

static int64_t count_classes(const ct_tensor *labels)
{
    const int32_t *label = ct_tensor_data(labels);
    int32_t largest = 0;
    for (int64_t i = 0; i < ct_tensor_count(labels); i++)
        largest = label[i] > largest ? label[i] : largest;
    return largest + 1;
}

/* The network takes its sizes from the data. */
static bool fit_to_data(flow_config *net, const nn_dataset *data, const char *dir, ct_error *err)
{
    ct_shape shape = ct_tensor_shape(data->images);
    if (shape.dim[1] != shape.dim[2])
        return ct_fail(err, CT_E_SHAPE, "%s: images are %lld by %lld, expected square ones", dir,
                       (long long)shape.dim[1], (long long)shape.dim[2]);
    net->size = shape.dim[1];
    net->classes = count_classes(data->labels);
    return flow_config_check(net, err);
}

static bool load_data(training *t, ct_error *err)
{
    train_options *o = &t->options;
    if (!nn_dataset_read_idx(&t->data, o->data, "train", err) || !fit_to_data(&o->net, &t->data, o->data, err))
        return false;
    t->loader = nn_loader_new(2, (ct_tensor *[]){t->data.images, t->data.labels}, o->batch, (uint64_t)o->seed, err);
    return t->loader != NULL;
}

static bool prepare_output(training *t, ct_error *err)
{
    const char *dir = t->options.out;
    return output_directory(dir, err) &&
           output_path(t->model, dir, "model.safetensors", err) && output_check(t->model, err) &&
           output_path(t->samples, dir, "samples.png", err) && output_check(t->samples, err) &&
           output_path(t->log, dir, "log.csv", err) && output_check(t->log, err);
}

static bool prepare(training *t, ct_error *err)
{
    return load_data(t, err) && trainer_init(&t->trainer, &t->options, err) && prepare_output(t, err) &&
           progress_init(&t->progress, t->log, &t->options, err);
}

static void announce(const training *t)
{
    const flow_config *net = &t->options.net;
    fprintf(stderr,
            "%s, width %lld, depth %lld: %lld weights; %lld images %lld x %lld, %lld classes; %.0f MB planned\n",
            net->model, (long long)net->width, (long long)net->depth, (long long)nn_params_numbers(t->trainer.params),
            (long long)ct_tensor_shape(t->data.images).dim[0], (long long)net->size, (long long)net->size,
            (long long)net->classes, (double)ct_program_bytes(t->trainer.program) / 1e6);
}

/* --- the steps ---------------------------------------------------------------------------------------------------- */

/* A step that broke down has spoilt the weights: they are not written. */
static bool check_metrics(int64_t done, const double metrics[METRICS], ct_error *err)
{
    if (isfinite(metrics[LOSS]) && isfinite(metrics[GRAD_NORM]))
        return true;
    return ct_fail(err, CT_E_NUMERIC,
                   "step %lld: the loss is %g and the gradient's norm %g, expected finite numbers; "
                   "the last checkpoint is kept, and a smaller --lr may help",
                   (long long)done, metrics[LOSS], metrics[GRAD_NORM]);
}

/* Step number `done`. It is the last one when all are done, the time is up, or somebody asked. */
static bool step(training *t, int64_t done, bool *last, ct_error *err)
{
    const void *batch[2];
    double metrics[METRICS];
    nn_loader_get(t->loader, (uint64_t)done - 1, batch);
    if (!trainer_step(&t->trainer, batch[0], batch[1], metrics, err) || !check_metrics(done, metrics, err))
        return false;
    *last = done == t->options.steps || stop_requested() || progress_time_is_up(&t->progress);
    progress_step(&t->progress, done, metrics, *last);
    return true;
}

static bool checkpoint_is_due(const training *t, int64_t done, bool last)
{
    int64_t every = t->options.checkpoint_every;
    return last || (every > 0 && done % every == 0);
}

static bool run_steps(training *t, ct_error *err)
{
    bool last = false;
    for (int64_t done = 1; !last; done++) {
        if (!step(t, done, &last, err))
            return false;
        if (checkpoint_is_due(t, done, last) && !checkpoint_write(t->model, &t->trainer, &t->options, err))
            return false;
    }
    return true;
}

/* --- after the last step ------------------------------------------------------------------------------------------ */

/* Ten digits of each class, a row a class, each drawn in one evaluation of the averaged network. */
static bool draw_picture(training *t, ct_error *err)
{
    const flow_config *net = &t->options.net;
    sampler_options one_step = {.nfe = 1, .seed = t->options.seed, .threads = t->options.threads};
    ct_tensor *labels = labels_of_rows(0, net->classes, 10, err);
    ct_tensor *x = labels ? draw_samples(net, t->trainer.ema, labels, &one_step, err) : NULL;
    bool ok = x && grid_write(t->samples, x, net->classes, err);
    ct_tensor_free(x);
    ct_tensor_free(labels);
    return ok;
}

static int run(training *t)
{
    ct_error err;
    if (!prepare(t, &err))
        return fail(WRONG, &err);
    announce(t);
    stop_listen();
    bool ok = run_steps(t, &err) && draw_picture(t, &err);
    progress_end_line(&t->progress);
    if (!ok)
        return fail(BROKEN, &err);
    int64_t steps = (int64_t)ct_program_step(t->trainer.program);
    printf("%s at step %lld: wrote %s, %s and %s\n", steps < t->options.steps ? "stopped" : "finished",
           (long long)steps, t->model, t->samples, t->log);
    return GOOD;
}

static int finish(training *t, int status)
{
    ct_error err;
    if (t->progress.log && !progress_free(&t->progress, &err) && status == GOOD)
        status = fail(BROKEN, &err);
    trainer_free(&t->trainer);
    nn_loader_free(t->loader);
    nn_dataset_free(&t->data);
    return status;
}

int train_command(int argc, char **argv)
{
    training t = {.loader = NULL};
    int status = train_options_parse(&t.options, argc, argv);
    return status >= 0 ? status : finish(&t, run(&t));
}
