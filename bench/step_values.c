/* SPDX-License-Identifier: MIT */
/* One training step in full, for another program to check: what went in, what came out, every gradient and the weights after it. */
#include "cli.h"
#include "output.h"
#include "program.h"
#include "step.h"

#include <stdio.h>
#include <string.h>

static const char *const summary =
    "Write the values of one MeanFlow training step, the very program that train_step times, to a safetensors file:\n"
    "params.*, in.{x,e,t,r,y}, out.{u,du_dt,per_sample,loss}, grad.*, and next.* and ema.*, the weights and their average after the step.";

typedef struct arguments {
    step_options step;
    const char *dtype, *file;
} arguments;

static int parse(arguments *a, int argc, char **argv)
{
    step_options *s = &a->step;
    const cli_option options[] = {
        {CLI_ARGUMENT, "FILE", &a->file, .help = "where the values go"},
        {CLI_CHOICE, "model", &s->model, .value = "mlp|dit", .help = "the network"},
        {CLI_CHOICE, "dtype", &a->dtype, .value = "float32|float64", .help = "of all values"},
        {CLI_INT, "batch", &s->batch, .min = 1, .max = 65536, .help = "rows of the batch"},
        {CLI_INT, "threads", &s->threads, .min = 0, .max = 1024, .help = "OpenMP threads; 0: all"},
    };
    return cli_parse("step_values", summary, CLI_COUNT(options), options, argc, argv);
}

/* A value that is written: a node of the graph under a name. */
typedef struct value {
    const char *name;
    ct_var *node;
} value;

enum { VALUES = 9 };
static void list_values(const step *s, value out[VALUES])
{
    const mf_draw *d = &s->draw;
    const mf_loss *l = &s->loss;
    const value all[VALUES] = {{"in.x", s->x}, {"in.e", d->e}, {"in.t", d->t}, {"in.r", d->r}, {"in.y", d->label},
                               {"out.u", l->u}, {"out.du_dt", l->du_dt}, {"out.per_sample", l->per_sample}, {"out.loss", l->loss}};
    memcpy(out, all, sizeof all);
}

static void add_outputs(step *s)
{
    value values[VALUES];
    list_values(s, values);
    for (int i = 0; i < VALUES; i++)
        nn_train_output(s->train, values[i].node);
    for (int64_t i = 0; i < nn_train_count(s->train); i++)
        nn_train_output(s->train, nn_train_grad(s->train, i));
}

static bool keep(ct_archive *to, const char *name, const step *s, ct_var *node, ct_error *err)
{
    return ct_archive_add(to, name, ct_program_get(s->program, node), err);
}

static bool keep_results(ct_archive *to, const step *s, ct_error *err)
{
    value values[VALUES];
    char name[300];
    list_values(s, values);
    for (int i = 0; i < VALUES; i++)
        if (!keep(to, values[i].name, s, values[i].node, err))
            return false;
    for (int64_t i = 0; i < nn_train_count(s->train); i++) {
        snprintf(name, sizeof name, "grad.%s", nn_train_name(s->train, i));
        if (!keep(to, name, s, nn_train_grad(s->train, i), err))
            return false;
    }
    return nn_params_save(s->params, to, "next.", err) && nn_params_save(s->ema, to, "ema.", err);
}

/* Runs the step; the weights it starts from are copied first, as it changes them. */
static bool run_and_write(step *s, const char *file, ct_archive *to, nn_params *before, ct_error *err)
{
    return to && before && mf_flow_config_save(&s->config, to, err) && nn_params_save(before, to, "params.", err) &&
           ct_program_run(s->program, err) && keep_results(to, s, err) && ct_archive_write(to, file, err);
}

static bool write_values(step *s, const arguments *a, ct_error *err)
{
    if (!step_build(s, &a->step, err))
        return false;
    add_outputs(s);
    if (!step_compile(s, &a->step, err))
        return false;
    nn_params *before = nn_params_clone(s->params, err);
    ct_archive *to = ct_archive_new(err);
    bool ok = run_and_write(s, a->file, to, before, err);
    ct_archive_free(to);
    nn_params_free(before);
    return ok;
}

static int command(int argc, char **argv)
{
    arguments a = {.step = {.model = "mlp", .objective = "meanflow", .batch = 16, .heads = 4, .patch = 4, .random_weights = true},
                   .dtype = "float64"};
    int status = parse(&a, argc, argv);
    if (status >= 0)
        return status;
    a.step.dtype = strcmp(a.dtype, "float64") == 0 ? CT_F64 : CT_F32;
    ct_error err;
    step s = {.graph = NULL};
    if (!output_check(a.file, &err) || !step_configure(&s, &a.step, &err))
        return cli_fail("step_values", "%s", err.message);
    bool ok = write_values(&s, &a, &err);
    step_free(&s);
    return ok ? 0 : cli_fail("step_values", "%s", err.message);
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("step_values", command(argc, argv));
}
