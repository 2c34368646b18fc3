/* SPDX-License-Identifier: MIT */
/* The command "eval". Everything given is checked before the first image is looked at. */
#include <stdio.h>
#include <string.h>

#include "checkpoint.h"
#include "cli.h"
#include "commands.h"
#include "eigen.h"
#include "eval_extractor.h"
#include "eval_options.h"
#include "eval_reference.h"
#include "eval_report.h"
#include "eval_samples.h"
#include "labels.h"

typedef struct evaluation {
    eval_options options;
    eval_subject subject;
    mf_flow_config net;
    char trained_on[FINGERPRINT_SIZE];  /* the model's training set */
    nn_params *weights;
    nn_dataset train, test;
    extractor extractor;
    eval_reference reference;
    eval_figures figures[EVAL_MAX_RUNS];
} evaluation;

/* --- what is given ------------------------------------------------------------------------------------------------ */

/* The metadata `key`; "" when there is none. */
static void copy_meta(char *to, size_t size, const ct_archive *a, const char *key)
{
    const char *text = ct_archive_meta(a, key);
    snprintf(to, size, "%s", text ? text : "");
}

/* The decay of a set of weights that is an average: "ema-DECAY", or "ema" for the first of the file's. */
static void copy_decay(char *to, size_t size, const char *set, const ct_archive *a)
{
    to[0] = 0;
    if (strcmp(set, "ema") == 0)
        copy_meta(to, size, a, "train.ema");
    else if (strncmp(set, "ema-", 4) == 0)
        snprintf(to, size, "%s", set + 4);
    to[strcspn(to, ",")] = 0;
}

/* What the model's file says of its training. */
static bool read_record(evaluation *e, ct_error *err)
{
    ct_archive *a = ct_archive_read(e->options.from, err);
    if (!a)
        return false;
    copy_meta(e->subject.step, sizeof e->subject.step, a, "step");
    copy_meta(e->trained_on, sizeof e->trained_on, a, "data");
    copy_decay(e->subject.decay, sizeof e->subject.decay, e->options.weights, a);
    ct_archive_free(a);
    return true;
}

static bool check_images(const nn_dataset *d, const char *dir, const char *prefix, ct_error *err)
{
    ct_shape shape = ct_tensor_shape(d->images);
    if (shape.dim[0] < 2 || shape.dim[1] != 28 || shape.dim[2] != 28)
        return ct_fail(err, CT_E_SHAPE, "%s: images of \"%s\" are %s, expected two or more of 28 x 28", dir, prefix,
                       CT_SHAPE_TEXT(shape));
    return true;
}

static bool read_data(nn_dataset *d, const char *dir, const char *prefix, ct_error *err)
{
    return nn_dataset_read_idx(d, dir, prefix, err) && check_images(d, dir, prefix, err);
}

static bool check_net(const evaluation *e, ct_error *err)
{
    const mf_flow_config *n = &e->net;
    int64_t classes = e->extractor.info.classes;
    return (n->size == 28 && n->channels == 1 && n->classes == classes) ||
           ct_fail(err, CT_E_SHAPE,
                   "%s: draws %lld x %lld x %lld images of %lld classes, expected 28 x 28 x 1 of %lld, as in %s",
                   e->options.from, (long long)n->size, (long long)n->size, (long long)n->channels,
                   (long long)n->classes, (long long)classes, e->options.data);
}

/* The classifier has been found to fit the data. */
static bool check_data(const evaluation *e, ct_error *err)
{
    const char *fits = e->extractor.info.data;
    return strcmp(e->trained_on, fits) == 0 ||
           ct_fail(err, CT_E_ARGUMENT, "%s: was trained on other images (fingerprint \"%s\") than those of %s (%s)",
                   e->options.from, e->trained_on, e->options.data, fits);
}

static bool read_given(evaluation *e, ct_error *err)
{
    const eval_options *o = &e->options;
    return checkpoint_read(o->from, o->weights, &e->net, &e->weights, err) && read_record(e, err) &&
           read_data(&e->train, o->data, "train", err) && read_data(&e->test, o->data, "t10k", err) &&
           sampler_check_guidance(&o->draw, &e->net, err) &&
           extractor_read(&e->extractor, o->classifier, &e->train, o->data, err) && check_net(e, err) &&
           check_data(e, err) && output_check(o->out, err) && eigen_load(err);
}

static void describe(evaluation *e)
{
    const weights_info *info = &e->extractor.info;
    eval_subject *s = &e->subject;
    s->model = e->options.from;
    s->weights = e->options.weights;
    s->draw = &e->options.draw;
    s->guided = e->net.guided;
    s->extractor = info->name;
    s->extractor_content = info->content;
    s->extractor_accuracy = info->accuracy;
    s->features = e->reference.set.features.width;
    s->data = e->options.data;
    s->data_content = info->data;
    s->reference = e->reference.set.features.count;
}

/* --- samples ------------------------------------------------------------------------------------------------------ */

static bool measure_samples(evaluation *e, ct_tensor *labels, eval_figures *out, ct_error *err)
{
    sampler_options draw = e->options.draw;
    draw.nfe = out->nfe;
    ct_tensor *x = eval_draw_samples(&e->net, e->weights, labels, &draw, err);
    bool ok = x && eval_reference_measure(&e->reference, x, labels, out, err);
    ct_tensor_free(x);
    return ok;
}

/* What was measured so far is kept, whatever comes after it. */
static bool run(evaluation *e, ct_tensor *labels, int64_t i, ct_error *err)
{
    const eval_options *o = &e->options;
    e->figures[i] = (eval_figures){.nfe = o->nfe[i]};
    fprintf(stderr, "%lld samples, nfe %lld\n", (long long)o->count, (long long)o->nfe[i]);
    if (!measure_samples(e, labels, &e->figures[i], err) ||
        !eval_report_write(o->out, &e->subject, &e->reference.floor, i + 1, e->figures, err))
        return false;
    eval_report_print(&e->subject, &e->reference.floor, &e->figures[i]);
    return true;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static bool prepare(evaluation *e, ct_error *err)
{
    eval_judge judge = {e->extractor.weights, e->extractor.info.classes, e->options.draw.threads};
    fprintf(stderr, "training and test set of %s\n", e->options.data);
    if (!eval_reference_init(&e->reference, &judge, &e->train, &e->test, e->options.neighbours, err))
        return false;
    describe(e);
    return true;
}

static bool evaluate(evaluation *e, ct_error *err)
{
    const eval_options *o = &e->options;
    ct_tensor *labels = read_given(e, err) ? labels_like(e->train.labels, o->count, o->draw.seed, err) : NULL;
    bool ok = labels && prepare(e, err);
    for (int64_t i = 0; ok && i < o->runs; i++)
        ok = run(e, labels, i, err);
    ct_tensor_free(labels);
    return ok;
}

static void release(evaluation *e)
{
    eval_reference_free(&e->reference);
    extractor_free(&e->extractor);
    nn_dataset_free(&e->test);
    nn_dataset_free(&e->train);
    nn_params_free(e->weights);
}

int eval_command(int argc, char **argv)
{
    evaluation e = {.weights = NULL};
    ct_error err;
    int status = eval_options_parse(&e.options, argc, argv);
    if (status >= 0)
        return status;
    bool ok = evaluate(&e, &err);
    release(&e);
    if (!ok) {
        status = cli_fail("meanflow_mnist eval", "%s", err.message);
        return e.extractor.none && e.options.if_classifier ? 0 : status;
    }
    printf("wrote %s\n", e.options.out);
    return 0;
}
