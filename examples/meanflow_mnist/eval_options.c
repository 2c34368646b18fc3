/* SPDX-License-Identifier: MIT */
/* The command line of "eval". */
#include "eval_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char program[] = "meanflow_mnist eval";

enum { EVAL_CLI = 9 + SAMPLER_CLI };

static int parse_words(eval_options *o, const char **out, const char **nfe, int argc, char **argv)
{
    const cli_option own[] = {
        {CLI_TEXT, "from", &o->from, .value = "FILE", .help = "a model that train wrote"},
        {CLI_TEXT, "out", out, .value = "FILE", .help = "the figures as JSON; otherwise eval.json beside the model"},
        {CLI_TEXT, "data", &o->data, .value = "DIR", .help = "what it was trained on; training and test set are read"},
        {CLI_TEXT, "classifier", &o->classifier, .value = "FILE",
         .help = "what judges the samples; otherwise the one for DIR's images that comes along"},
        {CLI_FLAG, "if-classifier", &o->if_classifier,
         .help = "where none for DIR's images comes along, say so, measure nothing, and end with status 0"},
        {CLI_INT, "count", &o->count, 2, 1000000, .help = "samples of a run"},
        {CLI_INT, "neighbours", &o->neighbours, 0, 1000000,
         .help = "images of each set whose nearest training image is looked for, at most; 0 for none"},
        {CLI_TEXT, "weights", &o->weights, .value = "ema|ema-DECAY|params",
         .help = "an average of the weights, the first unless its decay is given, or the last weights"},
        {CLI_TEXT, "nfe", nfe, .value = "N,N,...",
         .help = "evaluations of the network for each sample, a run for each; those of one step unless given"},
    };
    cli_option options[EVAL_CLI];
    memcpy(options, own, sizeof own);
    sampler_options_list(&o->draw, options + CLI_COUNT(own));
    return cli_parse(program, "Measure the samples of a trained network against training and test set.", EVAL_CLI,
                     options, argc, argv);
}

/* "1,2,4" */
static int parse_nfe(eval_options *o, const char *text)
{
    for (const char *at = text; o->runs < EVAL_MAX_RUNS; at++) {
        char *end;
        long n = strtol(at, &end, 10);
        if (end == at || (*end && *end != ',') || n < 1 || n > 256)
            break;
        o->nfe[o->runs++] = n;
        if (!*end)
            return -1;
        at = end;
    }
    return cli_fail(program, "--nfe expects up to %d whole numbers from 1 to 256, such as 1,2,4, got '%s'",
                    EVAL_MAX_RUNS, text);
}

/* One run for each number of evaluations; one run where none is given. */
static bool list_runs(eval_options *o, bool nfe_given, ct_error *err)
{
    if (!sampler_options_settle(&o->draw, nfe_given, err))
        return false;
    if (!nfe_given)
        o->nfe[o->runs++] = o->draw.nfe;
    for (int64_t i = 0; i < o->runs; i++) {
        sampler_options draw = o->draw;
        draw.nfe = o->nfe[i];
        if (!sampler_check_nfe(&draw, err))
            return false;
    }
    return true;
}

static int settle_runs(eval_options *o, const char *nfe)
{
    ct_error err;
    int status = nfe ? parse_nfe(o, nfe) : -1;
    return status >= 0 || list_runs(o, nfe != NULL, &err) ? status : cli_fail(program, "%s", err.message);
}

/* The place beside the model, unless one was given. */
static int settle_out(eval_options *o, const char *out)
{
    const char *slash = strrchr(o->from, '/');
    int length = out     ? snprintf(o->out, sizeof o->out, "%s", out)
                 : slash ? snprintf(o->out, sizeof o->out, "%.*s/eval.json", (int)(slash - o->from), o->from)
                         : snprintf(o->out, sizeof o->out, "eval.json");
    return length < OUTPUT_PATH_SIZE ? -1 : cli_fail(program, "the name of the file for the figures is too long");
}

int eval_options_parse(eval_options *o, int argc, char **argv)
{
    const char *out = NULL, *nfe = NULL;
    *o = (eval_options){.data = MNIST_DIR, .weights = "ema", .count = 50000, .neighbours = 10000,
                        .draw = sampler_options_default()};
    int status = parse_words(o, &out, &nfe, argc, argv);
    if (status >= 0)
        return status;
    if (!o->from)
        return cli_fail(program, "--from FILE is missing: expected a model that train wrote");
    status = settle_runs(o, nfe);
    return status >= 0 ? status : settle_out(o, out);
}
