/* SPDX-License-Identifier: MIT */
/* The command "train". Everything given is checked before anything is written. */
#include <stdio.h>

#include "commands.h"
#include "dataset.h"
#include "missing.h"
#include "pictures.h"
#include "report.h"
#include "resume.h"
#include "save.h"
#include "steps.h"
#include "stop.h"

enum { GOOD = 0, BROKEN = 1, WRONG = 2 };

static int fail(const ct_error *err)
{
    cli_fail("meanflow_mnist train", "%s", err->message);
    return err->code == CT_E_NUMERIC ? BROKEN : WRONG;
}

/* --- before the first step ---------------------------------------------------------------------------------------- */

/* The network takes its sizes from the data. */
static bool fit_to_data(train_options *o, const nn_dataset *data, ct_error *err)
{
    ct_shape shape = ct_tensor_shape(data->images);
    if (shape.dim[1] != shape.dim[2])
        return ct_fail(err, CT_E_SHAPE, "%s: images are %lld by %lld, expected square ones", o->data,
                       (long long)shape.dim[1], (long long)shape.dim[2]);
    o->net.size = shape.dim[1];
    o->net.classes = dataset_classes(data);
    fingerprint_dataset(data, o->data_content);
    return mf_flow_config_check(&o->net, err);
}

static bool load_data(training *t, ct_error *err)
{
    train_options *o = &t->options;
    if (!nn_dataset_read_idx(&t->data, o->data, "train", err) || !fit_to_data(o, &t->data, err))
        return false;
    t->loader = nn_loader_new(2, (ct_tensor *[]){t->data.images, t->data.labels}, o->batch, (uint64_t)o->seed, err);
    return t->loader != NULL;
}

static bool prepare(training *t, ct_error *err)
{
    return load_data(t, err) && trainer_init(&t->trainer, &t->options, err) &&
           run_folder_open(&t->folder, t->options.out, err) && resume_or_begin(t, err);
}

static void announce(const training *t)
{
    const mf_flow_config *net = &t->options.net;
    fprintf(stderr,
            "%s, width %lld, depth %lld: %lld weights; %lld images %lld x %lld, %lld classes; %.0f MB planned\n",
            net->model, (long long)net->width, (long long)net->depth, (long long)nn_params_numbers(t->trainer.params),
            (long long)ct_tensor_shape(t->data.images).dim[0], (long long)net->size, (long long)net->size,
            (long long)net->classes, (double)ct_program_bytes(t->trainer.program) / 1e6);
    if (t->done > 0)
        fprintf(stderr, "going on from step %lld\n", (long long)t->done);
}

/* --- after the last step ------------------------------------------------------------------------------------------ */

static void say_where(const training *t)
{
    const run_folder *f = &t->folder;
    bool finished = t->done == t->options.steps;
    printf("%s at step %lld: wrote %s, %s and %s%s\n", finished ? "finished" : "stopped", (long long)t->done, f->model,
           f->samples, f->report, finished ? "" : "; --resume goes on");
}

/* What is made of the model once it is written. */
static bool show(training *t, ct_error *err)
{
    ct_error why;
    pictures_draw_samples(t);
    if (!report_write(t->options.out, NULL, &why))
        missing_add(t, &why);
    return missing_none(t, err);
}

static int run(training *t)
{
    ct_error err;
    if (!prepare(t, &err))
        return fail(&err);
    announce(t);
    stop_listen();
    t->progress = progress_of(&t->options, t->done);
    bool ok = steps_run(t, &err) && save_result(t, &err) && show(t, &err);
    progress_end_line(&t->progress);
    if (!ok)
        return fail(&err);
    say_where(t);
    return GOOD;
}

static int finish(training *t, int status)
{
    ct_error err;
    if (!run_log_close(&t->log, &err) && status == GOOD)
        status = fail(&err);
    run_folder_close(&t->folder);
    trainer_free(&t->trainer);
    nn_loader_free(t->loader);
    nn_dataset_free(&t->data);
    train_options_free(&t->options);
    return status;
}

int train_command(int argc, char **argv)
{
    training t = {.loader = NULL};
    int status = train_options_parse(&t.options, argc, argv);
    return finish(&t, status >= 0 ? status : run(&t));
}
