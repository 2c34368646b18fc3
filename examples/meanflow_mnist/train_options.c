/* SPDX-License-Identifier: MIT */
/* Where options come from: presets, files of settings, the command line. */
#include "train_options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "presets.h"
#include "run_folder.h"
#include "train_settle.h"
#include "train_table.h"

static const char program[] = "meanflow_mnist train";
static const char summary[] = "Train a MeanFlow, or a relative of it, on labelled images. Ctrl-C ends it early, with all "
                              "files written; after any end, --resume goes on.";

/* What the command line and the files say of these few options, which the others' values depend on. */
static train_options first_look(settings *const file[2], int argc, char **argv)
{
    train_options first = {.out = "runs/mnist", .preset = "quick"};
    train_table table = train_table_of(&first);
    ct_error ignored;
    for (int i = 0; i < 2; i++)
        if (file[i])
            settings_apply(file[i], table.count, table.option, &ignored);
    cli_peek(table.count, table.option, argc, argv);
    return first;
}

/* The run's own settings, when it is to go on with no preset named; then those of --config. */
static bool read_files(train_options *o, const train_options *first, ct_error *err)
{
    char own[OUTPUT_PATH_SIZE];
    if (first->resume && !first->preset_given) {
        if (!output_path(own, first->out, RUN_SETTINGS, err))
            return false;
        o->file[0] = access(own, F_OK) == 0 ? settings_read(own, err) : NULL;
        if (!o->file[0] && access(own, F_OK) == 0)
            return false;
    }
    o->file[1] = first->config ? settings_read(first->config, err) : NULL;
    return !first->config || o->file[1];
}

static bool apply_files(train_options *o, const train_table *table, ct_error *err)
{
    for (int i = 0; i < 2; i++)
        if (o->file[i] && !settings_apply(o->file[i], table->count, table->option, err))
            return false;
    return true;
}

static int fail(const ct_error *err)
{
    return cli_fail(program, "%s", err->message);
}

int train_options_parse(train_options *o, int argc, char **argv)
{
    ct_error err;
    train_options first = first_look((settings *[2]){NULL, NULL}, argc, argv);
    *o = (train_options){.out = first.out, .preset = first.preset};
    if (!read_files(o, &first, &err))
        return fail(&err);
    first = first_look(o->file, argc, argv);
    preset_set(o, o->preset, &first);
    train_table table = train_table_of(o);
    if (!apply_files(o, &table, &err))
        return fail(&err);
    int status = cli_parse(program, summary, table.count, table.option, argc, argv);
    return status < 0 && !train_options_settle(o, &err) ? fail(&err) : status;
}

void train_options_free(train_options *o)
{
    settings_free(o->file[0]);
    settings_free(o->file[1]);
}
