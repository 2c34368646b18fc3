/* SPDX-License-Identifier: MIT */
/* Drawing, and when. */
#include "pictures.h"

#include "grid.h"
#include "missing.h"
#include "sampler.h"

/* Percent of all steps. They are denser at the beginning, where more changes. */
static const int due_at[] = {1, 2, 5, 10, 20, 35, 50, 75, 100};

static bool is_due(int64_t done, int64_t steps)
{
    for (size_t i = 0; i < sizeof due_at / sizeof *due_at; i++)
        if (done == (steps * due_at[i] + 99) / 100)
            return true;
    return false;
}

/* One jump; flow matching learns none, so ten steps of Heun's method. */
static sampler_options sampler_for(const train_options *o)
{
    sampler_options draw = sampler_options_default();
    if (o->flow.objective == MF_MATCHING) {
        draw.sampler = "heun";
        draw.nfe = 20;
    }
    draw.seed = o->seed;
    draw.threads = o->threads;
    return draw;
}

static bool draw(training *t, nn_params *weights, const char *path, ct_tensor *labels, int64_t rows, ct_error *err)
{
    sampler_options o = sampler_for(&t->options);
    ct_tensor *x = draw_samples(&t->options.net, weights, labels, &o, err);
    bool ok = x && grid_write(path, x, rows, err);
    ct_tensor_free(x);
    return ok;
}

void pictures_draw_samples(training *t)
{
    ct_error err;
    int64_t classes = t->options.net.classes;
    ct_tensor *labels = labels_of_rows(0, classes, 10, &err);
    if (!labels || !draw(t, t->trainer.ema[0], t->folder.samples, labels, classes, &err))
        missing_add(t, &err);
    ct_tensor_free(labels);
}

/* 0, 1, ..., and from 0 again where there are fewer classes. */
static ct_tensor *labels_in_turn(int64_t classes, int64_t count, ct_error *err)
{
    ct_tensor *labels = ct_tensor_new(CT_I32, CT_SHAPE(count), err);
    for (int64_t i = 0; labels && i < count; i++)
        ct_tensor_set(labels, i, (double)(i % classes));
    return labels;
}

/* Spoilt weights draw nothing; the guard sees to them, and the run goes on without this snapshot. */
static void leave_out(training *t, const ct_error *why)
{
    if (why->code != CT_E_NUMERIC)
        missing_add(t, why);
    else
        progress_note(&t->progress, "step %lld: no snapshot: %s", (long long)t->done, why->message);
}

void pictures_snapshot_if_due(training *t)
{
    ct_error err;
    char path[OUTPUT_PATH_SIZE];
    if (!is_due(t->done, t->options.steps))
        return;
    ct_tensor *labels = labels_in_turn(t->options.net.classes, 10, &err);
    if (!labels || !step_files_path(&t->folder.snapshots, t->done, path, &err) ||
        !draw(t, t->trainer.params, path, labels, 1, &err))
        leave_out(t, &err);
    ct_tensor_free(labels);
}
