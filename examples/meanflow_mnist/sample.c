/* SPDX-License-Identifier: MIT */
/* The command "sample". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "cli.h"
#include "commands.h"
#include "grid.h"
#include "output.h"
#include "sampler.h"
#include "score.h"

typedef struct sample_options {
    const char *from, *out, *npy, *classifier;
    const char *weights, *label;
    int64_t count;
    sampler_options draw;
    bool nfe_given;
} sample_options;

/* What is drawn: `rows` rows of `count` samples, of the classes first, first + 1, ... */
typedef struct layout {
    int64_t first, rows;
} layout;

static int fail(const ct_error *err)
{
    return cli_fail("meanflow_mnist sample", "%s", err->message);
}

enum { SAMPLE_CLI = 8 + SAMPLER_CLI };

static void list_options(sample_options *o, cli_option option[SAMPLE_CLI])
{
    const cli_option options[] = {
        {CLI_TEXT, "from", &o->from, .value = "FILE",
         .help = "a model that train wrote; it says what network it holds"},
        {CLI_TEXT, "out", &o->out, .value = "FILE",
         .help = "the picture, a PNG; samples.png unless --npy or --classifier is given"},
        {CLI_TEXT, "npy", &o->npy, .value = "FILE",
         .help = "the samples as numbers, float32 [n, channels, size, size]"},
        {CLI_TEXT, "label", &o->label, .value = "N|all|none", .help = "a class, a row for each class, or no class"},
        {CLI_INT, "count", &o->count, 1, 10000, .help = "samples of a row"},
        {CLI_TEXT, "weights", &o->weights, .value = "ema|ema-DECAY|params",
         .help = "an average of the weights, the first unless its decay is given, or the last weights"},
        {CLI_TEXT, "classifier", &o->classifier, .value = "FILE",
         .help = "count the samples that this classifier gives their label"},
        {CLI_INT, "nfe", &o->draw.nfe, 1, 256, .given = &o->nfe_given,
         .help = "evaluations of the network for each sample"},
    };
    memcpy(option, options, sizeof options);
    sampler_options_list(&o->draw, option + CLI_COUNT(options));
}

static int parse(sample_options *o, int argc, char **argv)
{
    ct_error err;
    cli_option options[SAMPLE_CLI];
    *o = (sample_options){.weights = "ema", .label = "all", .count = 10, .draw = sampler_options_default()};
    list_options(o, options);
    int status = cli_parse("meanflow_mnist sample", "Draw samples with a trained network.", SAMPLE_CLI, options, argc,
                           argv);
    if (status < 0 && !o->from)
        return cli_fail("meanflow_mnist sample", "--from FILE is missing: expected a model that train wrote");
    if (!o->out && !o->npy && !o->classifier)
        o->out = "samples.png";
    bool ok = status >= 0 || (sampler_options_settle(&o->draw, o->nfe_given, &err) && sampler_check_nfe(&o->draw, &err));
    return ok ? status : fail(&err);
}

static bool read_label(const sample_options *o, int64_t classes, layout *l, ct_error *err)
{
    char *end;
    *l = (layout){0, classes};
    if (strcmp(o->label, "all") == 0)
        return true;
    *l = (layout){classes, 1};
    if (strcmp(o->label, "none") == 0)
        return !o->classifier || ct_fail(err, CT_E_ARGUMENT, "--classifier needs samples with a label, got --label none");
    l->first = strtol(o->label, &end, 10);
    if (end == o->label || *end || l->first < 0 || l->first >= classes)
        return ct_fail(err, CT_E_ARGUMENT, "--label expects 0 to %lld, all or none, got '%s'", (long long)classes - 1,
                       o->label);
    return true;
}

static bool check_outputs(const sample_options *o, ct_error *err)
{
    return (!o->out || output_check(o->out, err)) && (!o->npy || output_check(o->npy, err));
}

static bool write_results(const sample_options *o, ct_tensor *x, const ct_tensor *labels, int64_t rows, const scorer *s,
                          ct_error *err)
{
    if (o->npy && !ct_npy_write(o->npy, x, err))
        return false;
    if (o->out && !grid_write(o->out, x, rows, err))
        return false;
    return !o->classifier || scorer_print(s, x, labels, err);
}

static bool draw(const sample_options *o, const mf_flow_config *net, nn_params *weights, const scorer *s, ct_error *err)
{
    layout l;
    if (!sampler_check_guidance(&o->draw, net, err) || !read_label(o, net->classes, &l, err) || !check_outputs(o, err))
        return false;
    ct_tensor *labels = labels_of_rows(l.first, l.rows, o->count, err);
    ct_tensor *x = labels ? draw_samples(net, weights, labels, &o->draw, err) : NULL;
    bool ok = x && write_results(o, x, labels, l.rows, s, err);
    ct_tensor_free(x);
    ct_tensor_free(labels);
    return ok;
}

int sample_command(int argc, char **argv)
{
    sample_options o;
    int status = parse(&o, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    mf_flow_config net;
    nn_params *weights = NULL;
    scorer s = {NULL, 0};
    bool ok = checkpoint_read(o.from, o.weights, &net, &weights, &err) &&
              (!o.classifier || scorer_read(&s, o.classifier, &net, &err)) && draw(&o, &net, weights, &s, &err);
    scorer_free(&s);
    nn_params_free(weights);
    return ok ? 0 : fail(&err);
}
