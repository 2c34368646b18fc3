/* The options of a training: defaults, the command line, and their record in a checkpoint. */
#include "train_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char times_words[] = "t,h|t,r|t,r,h|h";           /* in the order of flow_times */
static const char predict_words[] = "velocity|data";           /* in the order of flow_prediction */
static const char time_kind_words[] = "logit-normal|uniform";  /* in the order of mf_time_kind */

/* The one place where defaults live. `model` is "mlp" or "dit". They are what made the best one-step digits in a few minutes on two cores; they depart from
 * mf_options_default, the official form for large images, where that is much too slow to learn:
 *   uniform times     one step jumps from t = 1 to r = 0, and a logit-normal hardly ever draws such pairs
 *   half with r != t  for the same reason
 *   predict data      a narrow network can give an image, but not noise
 *   kappa 0.5         a guidance scale of 2, without the larger variance that omega 2 would bring
 *   dropped by chance so that the null class learns intervals too */
static void set_defaults(train_options *o, const char *model)
{
    *o = (train_options){
        .out = "runs/mnist", .data = MNIST_DIR, .log_every = 50,
        .steps = 4800, .batch = 128, .seed = 1,
        .schedule = "cosine", .lr = 1e-3, .final_lr = 1e-5, .warmup = 200,
        .beta1 = 0.9, .beta2 = 0.95, .weight_decay = 0, .clip = 1, .ema = 0.998,
        .model = model, .times = "t,h", .predict = "data", .time_kind = "uniform", .prefix_dropout = "no",
        .flow = mf_options_default(),
    };
    o->flow.unequal_share = 0.5;
    o->flow.kappa = 0.5;
    flow_config_default(&o->net, model, NULL);
    o->net.depth = 4;
    if (strcmp(model, "dit") == 0)
        o->net.width = 128;
}

/* --- the command line ---------------------------------------------------------------------------------------------- */

enum { MAX_OPTIONS = 64 };
typedef struct option_list {
    cli_option option[MAX_OPTIONS];
    int count;
} option_list;

static void append(option_list *list, int n, const cli_option *options)
{
    memcpy(list->option + list->count, options, (size_t)n * sizeof *options);
    list->count += n;
}

static void append_run(option_list *list, train_options *o)
{
    const cli_option options[] = {
        {CLI_TEXT, "out", &o->out, .value = "DIR", .help = "where model.safetensors, samples.png and log.csv go"},
        {CLI_TEXT, "data", &o->data, .value = "DIR", .help = "a data set in MNIST's format"},
        {CLI_INT, "threads", &o->threads, 0, 1024,
         .help = "threads, 0 for one a core; the result does not depend on it"},
        {CLI_DOUBLE, "minutes", &o->minutes, 0, 1e6, .help = "stop after so many minutes, 0 for never"},
        {CLI_INT, "log-every", &o->log_every, 1, 1e9, .help = "steps between two rows of log.csv"},
        {CLI_INT, "checkpoint-every", &o->checkpoint_every, 0, 1e9,
         .help = "steps between two checkpoints, 0 for one at the end"},
    };
    append(list, CLI_COUNT(options), options);
}

static void append_network(option_list *list, train_options *o)
{
    const cli_option options[] = {
        {CLI_CHOICE, "model", &o->model, .value = "mlp|dit",
         .help = "the network; the other defaults may depend on it"},
        {CLI_INT, "width", &o->net.width, 1, 65536, .help = "features of a layer"},
        {CLI_INT, "depth", &o->net.depth, 1, 1024, .help = "residual blocks"},
        {CLI_INT, "heads", &o->net.heads, 1, 1024, .help = "attention heads (dit)"},
        {CLI_INT, "patch", &o->net.patch, 1, 1024, .help = "pixels a side of a patch (dit)"},
        {CLI_CHOICE, "times", &o->times, .value = times_words, .help = "the times the network is told; h = t - r"},
        {CLI_CHOICE, "predict", &o->predict, .value = predict_words,
         .help = "what the last layer gives: u, or the image x, from which u = (z - x) / t"},
        {CLI_INT, "frequencies", &o->net.frequencies, 2, 65536, .help = "sinusoids of a time"},
        {CLI_DOUBLE, "time-scale", &o->net.time_scale, 1e-6, 1e6,
         .help = "times are multiplied by this before the sinusoids"},
    };
    append(list, CLI_COUNT(options), options);
}

static void append_objective(option_list *list, train_options *o)
{
    mf_options *m = &o->flow;
    const cli_option options[] = {
        {CLI_CHOICE, "time-kind", &o->time_kind, .value = time_kind_words, .help = "distribution of the two times"},
        {CLI_DOUBLE, "time-mean", &m->t.mean, -20, 20, .help = "mean of the logit-normal"},
        {CLI_DOUBLE, "time-deviation", &m->t.deviation, 0, 20, .help = "deviation of the logit-normal"},
        {CLI_DOUBLE, "unequal-share", &m->unequal_share, 0, 1,
         .help = "share of a batch with r != t; 0 is flow matching"},
        {CLI_DOUBLE, "p", &m->p, 0, 10, .help = "power of the weight 1 / (L + c)^p"},
        {CLI_DOUBLE, "c", &m->c, 1e-12, 1e12, .help = "constant of that weight; L is a sum over pixels"},
        {CLI_DOUBLE, "class-dropout", &m->class_dropout, 0, 1, .help = "share of rows trained without their label"},
        {CLI_CHOICE, "prefix-dropout", &o->prefix_dropout, .value = "yes|no",
         .help = "drop the first rows' labels, not any row's by chance"},
        {CLI_DOUBLE, "omega", &m->omega, -100, 100, .help = "guidance: weight of the velocity of the data"},
        {CLI_DOUBLE, "kappa", &m->kappa, -100, 100,
         .help = "guidance: weight of the network's own velocity for the label"},
        {CLI_DOUBLE, "guidance-low", &m->guidance_low, 0, 1, .help = "guidance from this time"},
        {CLI_DOUBLE, "guidance-high", &m->guidance_high, 0, 1, .help = "guidance up to this time"},
    };
    append(list, CLI_COUNT(options), options);
}

static void append_optimizer(option_list *list, train_options *o)
{
    const cli_option options[] = {
        {CLI_INT, "steps", &o->steps, 1, 1e9, .help = "training steps; the schedule's length too"},
        {CLI_INT, "batch", &o->batch, 1, 1e6, .help = "images of a step"},
        {CLI_INT, "seed", &o->seed, 0, 9007199254740992.0, .help = "the same seed gives the same files"},
        {CLI_DOUBLE, "lr", &o->lr, 1e-12, 1e3, .help = "learning rate of AdamW"},
        {CLI_CHOICE, "schedule", &o->schedule, .value = "constant|cosine", .help = "of the learning rate"},
        {CLI_DOUBLE, "final-lr", &o->final_lr, 0, 1e3, .help = "where the cosine ends"},
        {CLI_INT, "warmup", &o->warmup, 0, 1e9, .given = &o->warmup_given,
         .help = "steps until the learning rate is reached; not more than a tenth of all, unless given"},
        {CLI_DOUBLE, "beta1", &o->beta1, 1e-6, 0.999999, .help = "AdamW: decay of the first moment"},
        {CLI_DOUBLE, "beta2", &o->beta2, 1e-6, 0.999999, .help = "AdamW: decay of the second moment"},
        {CLI_DOUBLE, "weight-decay", &o->weight_decay, 0, 1e3, .help = "AdamW: decay of the weights"},
        {CLI_DOUBLE, "clip", &o->clip, 0, 1e12, .help = "largest norm of the gradient, 0 for any"},
        {CLI_DOUBLE, "ema", &o->ema, 0, 0.99999999,
         .help = "decay of the average of the weights that samples are drawn with"},
    };
    append(list, CLI_COUNT(options), options);
}

/* What decides the result, and so is recorded. */
static void append_training(option_list *list, train_options *o)
{
    append_optimizer(list, o);
    append_network(list, o);
    append_objective(list, o);
}

/* Defaults depend on the model, so it is looked for before the command line is read. */
static const char *model_of(int argc, char **argv)
{
    const char *model = "mlp";
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--model=dit") == 0 || (strcmp(argv[i], "dit") == 0 && strcmp(argv[i - 1], "--model") == 0))
            model = "dit";
    return model;
}

/* The place of `word` in "one|two|three". */
static int place(const char *words, const char *word)
{
    int i = 0;
    size_t length = strlen(word);
    while (strcspn(words, "|") != length || memcmp(words, word, length) != 0) {
        words = strchr(words, '|') + 1;
        i++;
    }
    return i;
}

/* What follows from several options. */
static void settle(train_options *o)
{
    if (!o->warmup_given && o->warmup > o->steps / 10)
        o->warmup = o->steps / 10;
    o->net.times = (flow_times)place(times_words, o->times);
    o->net.predict = (flow_prediction)place(predict_words, o->predict);
    o->flow.t.kind = (mf_time_kind)place(time_kind_words, o->time_kind);
    o->flow.prefix_dropout = strcmp(o->prefix_dropout, "yes") == 0;
}

int train_options_parse(train_options *o, int argc, char **argv)
{
    option_list list = {.count = 0};
    set_defaults(o, model_of(argc, argv));
    append_run(&list, o);
    append_training(&list, o);
    int status = cli_parse("meanflow_mnist train",
                           "Train a MeanFlow on labelled images. Ctrl-C ends it early, with all files written.",
                           list.count, list.option, argc, argv);
    if (status >= 0)
        return status;
    settle(o);
    ct_error err;
    if (!flow_config_check(&o->net, &err) || !mf_options_check(&o->flow, &err))
        return cli_fail("meanflow_mnist train", "%s", err.message);
    return -1;
}

/* --- the record ------------------------------------------------------------------------------------------------------
 */

/* The shorter of the texts that read back as x. */
static void write_number(char *text, size_t size, double x)
{
    snprintf(text, size, "%.15g", x);
    if (strtod(text, NULL) != x)
        snprintf(text, size, "%.17g", x);
}

static const char *value_text(const cli_option *option, char *text, size_t size)
{
    if (option->kind == CLI_CHOICE)
        return *(const char **)option->to;
    if (option->kind == CLI_INT)
        snprintf(text, size, "%lld", (long long)*(int64_t *)option->to);
    else
        write_number(text, size, *(double *)option->to);
    return text;
}

bool train_options_save(const train_options *o, ct_archive *to, ct_error *err)
{
    train_options copy = *o;
    option_list list = {.count = 0};
    append_training(&list, &copy);
    for (int i = 0; i < list.count; i++) {
        char key[64], value[64];
        snprintf(key, sizeof key, "train.%s", list.option[i].name);
        if (!ct_archive_set_meta(to, key, value_text(&list.option[i], value, sizeof value), err))
            return false;
    }
    return true;
}
