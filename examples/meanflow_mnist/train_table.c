/* SPDX-License-Identifier: MIT */
/* The table of options. */
#include "train_table.h"

#include <string.h>

#include "presets.h"
#include "train_words.h"

static void append(train_table *table, int n, const cli_option *options)
{
    memcpy(table->option + table->count, options, (size_t)n * sizeof *options);
    table->count += n;
}

static void append_command(train_table *table, train_options *o)
{
    const cli_option options[] = {
        {CLI_TEXT, "out", &o->out, .value = "DIR", .help = "where all files of the run go"},
        {CLI_CHOICE, "preset", &o->preset, .value = preset_names, .given = &o->preset_given,
         .help = "where the values in brackets come from"},
        {CLI_TEXT, "config", &o->config, .value = "FILE",
         .help = "a file of settings, such as a run's run.toml; what the command line says goes before it"},
        {CLI_FLAG, "resume", &o->resume,
         .help = "go on from the newest checkpoint in --out; begin where there is none"},
        {CLI_FLAG, "overwrite", &o->overwrite,
         .help = "begin anew in a folder that holds another run, and lose that one"},
    };
    append(table, CLI_COUNT(options), options);
}

static void append_run(train_table *table, train_options *o)
{
    const cli_option options[] = {
        {.kind = CLI_SECTION, .name = "run"},
        {CLI_TEXT, "data", &o->data, .value = "DIR", .help = "a data set in MNIST's format"},
        {CLI_INT, "threads", &o->threads, 0, 1024,
         .help = "threads, 0 for one a core; the result does not depend on it"},
        {CLI_DOUBLE, "minutes", &o->minutes, 0, 1e6,
         .help = "stop after so many minutes, counted from this start; 0 for never"},
        {CLI_INT, "log-every", &o->log_every, 1, 1e9, .help = "steps between two rows of log.csv"},
        {CLI_INT, "checkpoint-every", &o->checkpoint_every, 0, 1e9,
         .help = "steps between two checkpoints, 0 for one at the end"},
        {CLI_INT, "keep", &o->keep, 0, 1e9, .help = "checkpoints that stay, the last ones; 0 for all"},
    };
    append(table, CLI_COUNT(options), options);
}

static void append_optimizer(train_table *table, train_options *o)
{
    const cli_option options[] = {
        {.kind = CLI_SECTION, .name = "training"},
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
        {CLI_LIST, "ema", &o->ema, 0, 0.99999999,
         .help = "decays of the averages of the weights; samples are drawn with the first"},
    };
    append(table, CLI_COUNT(options), options);
}

static void append_network(train_table *table, train_options *o)
{
    const cli_option options[] = {
        {.kind = CLI_SECTION, .name = "network"},
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
        {CLI_CHOICE, "guided", &o->guided, .value = guided_words,
         .help = "the guidance it is told of, which samples can then choose: its scale, and its interval"},
    };
    append(table, CLI_COUNT(options), options);
}

static void append_objective(train_table *table, train_options *o)
{
    mf_options *m = &o->flow;
    const cli_option options[] = {
        {.kind = CLI_SECTION, .name = "objective"},
        {CLI_CHOICE, "objective", &o->objective, .value = objective_words,
         .help = "what is learnt where r != t; other defaults depend on it"},
        {CLI_DOUBLE, "unequal-share", &m->unequal_share, 0, 1,
         .help = "share of a batch with r != t; matching has none"},
        {CLI_DOUBLE, "p", &m->p, 0, 10, .help = "power of the weight 1 / (L + c)^p"},
        {CLI_DOUBLE, "c", &m->c, 1e-12, 1e12, .help = "constant of that weight; L is a sum over pixels"},
        {CLI_DOUBLE, "target-limit", &m->target_limit, 0, 1e12,
         .help = "targets are kept within this of 0 where r != t, 0 for no limit"},
        {CLI_CHOICE, "tangent", &o->tangent, .value = tangent_words,
         .help = "of z, r, t in du/dt; v01 is right, the others are wrong ones, for experiments"},
        {CLI_CHOICE, "tangent-all-rows", &o->tangent_all_rows, .value = no_yes_words,
         .help = "du/dt where r = t too, where nothing depends on it: slower, for experiments"},
        {CLI_INT, "matching-steps", &m->matching_steps, 0, 1e9, .help = "so many first steps are flow matching"},
        {CLI_INT, "alpha-start", &m->alpha_start, 0, 1e9, .help = "alpha: falls from 1 between this step"},
        {CLI_INT, "alpha-end", &m->alpha_end, 0, 1e9, .given = &o->alpha_end_given,
         .help = "and this one, to 0; --steps unless given, 0 for staying at 1"},
        {CLI_DOUBLE, "alpha-gamma", &m->alpha_gamma, 0.1, 1e6, .help = "alpha: how steeply"},
        {CLI_DOUBLE, "alpha-snap", &m->alpha_snap, 0, 0.4, .help = "alpha: so near to 1 or 0 it is 1 or 0"},
    };
    append(table, CLI_COUNT(options), options);
}

static void append_times(train_table *table, train_options *o)
{
    mf_options *m = &o->flow;
    const cli_option options[] = {
        {.kind = CLI_SECTION, .name = "times"},
        {CLI_CHOICE, "t-time", &o->t_time, .value = t_time_words,
         .help = "distribution of one of two times; the larger becomes t, the smaller r"},
        {CLI_DOUBLE, "t-mean", &m->t.mean, -20, 20, .help = "mean of its logit-normal"},
        {CLI_DOUBLE, "t-deviation", &m->t.deviation, 0, 20, .help = "deviation of its logit-normal"},
        {CLI_CHOICE, "r-time", &o->r_time, .value = r_time_words, .help = "distribution of the other"},
        {CLI_DOUBLE, "r-mean", &m->r.mean, -20, 20, .help = "mean of its logit-normal"},
        {CLI_DOUBLE, "r-deviation", &m->r.deviation, 0, 20, .help = "deviation of its logit-normal"},
    };
    append(table, CLI_COUNT(options), options);
}

static void append_guidance(train_table *table, train_options *o)
{
    mf_options *m = &o->flow;
    const cli_option options[] = {
        {.kind = CLI_SECTION, .name = "guidance"},
        {CLI_DOUBLE, "class-dropout", &m->class_dropout, 0, 1, .help = "share of rows trained without their label"},
        {CLI_CHOICE, "prefix-dropout", &o->prefix_dropout, .value = no_yes_words,
         .help = "drop the first rows' labels, not any row's by chance"},
        {CLI_DOUBLE, "omega", &m->omega, -100, 100, .help = "weight of the velocity of the data"},
        {CLI_DOUBLE, "kappa", &m->kappa, -100, 100, .help = "weight of the network's own velocity for the label"},
        {CLI_DOUBLE, "guidance-low", &m->guidance_low, 0, 1, .help = "guidance from this time"},
        {CLI_DOUBLE, "guidance-high", &m->guidance_high, 0, 1, .help = "guidance up to this time"},
        {CLI_DOUBLE, "omega-max", &m->omega_max, 0, 100,
         .help = "for networks that are told: scales from 1 to this are drawn"},
        {CLI_DOUBLE, "omega-power", &m->omega_power, -10, 10, .help = "with density ~ scale^-power"},
    };
    append(table, CLI_COUNT(options), options);
}

train_table train_table_of(train_options *o)
{
    train_table table = {.count = 0};
    append_command(&table, o);
    append_run(&table, o);
    table.training = table.count;
    append_optimizer(&table, o);
    append_network(&table, o);
    append_objective(&table, o);
    append_times(&table, o);
    append_guidance(&table, o);
    return table;
}
