/* SPDX-License-Identifier: MIT */
/* Beginning, going on, going back. */
#include "resume.h"

#include <stdio.h>
#include <string.h>

#include "checkpoint.h"
#include "train_record.h"
#include "train_table.h"

/* --- checkpoints that are whole --------------------------------------------------------------------------------- */

/* What does not carry the digest that checkpoints are written with, or is of another step than its name says, is as
 * good as damaged. */
static bool check_checkpoint(const ct_archive *a, const char *path, int64_t step, ct_error *err)
{
    char expected[32];
    const char *found = ct_archive_meta(a, "step");
    snprintf(expected, sizeof expected, "%lld", (long long)step);
    if (!ct_archive_has_digest(a))
        return ct_fail(err, CT_E_FORMAT, "%s: carries no digest, expected one, as in every checkpoint", path);
    return (found && strcmp(found, expected) == 0) ||
           ct_fail(err, CT_E_FORMAT, "%s: is of step %.40s, expected %s", path, found ? found : "(none)", expected);
}

static ct_archive *open_checkpoint(const step_files *f, int64_t step, char path[OUTPUT_PATH_SIZE], ct_error *err)
{
    ct_archive *a = step_files_path(f, step, path, err) ? ct_archive_read(path, err) : NULL;
    if (!a || check_checkpoint(a, path, step, err))
        return a;
    ct_archive_free(a);
    return NULL;
}

/* The newest before a step, at a multiple of `every`. Those that cannot be read are named and passed over. NULL
 * when there is none; then *err has a message if there were some. */
static ct_archive *open_newest(training *t, int64_t before, int64_t every, char path[OUTPUT_PATH_SIZE], int64_t *step,
                               ct_error *err)
{
    err->code = CT_OK;
    while ((*step = before = step_files_newest(&t->folder.checkpoints, before, every)) >= 0) {
        ct_archive *a = open_checkpoint(&t->folder.checkpoints, before, path, err);
        if (a)
            return a;
        progress_note(&t->progress, "%s; an older checkpoint is looked for", err->message);
    }
    return NULL;
}

/* --- a newly started run ---------------------------------------------------------------------------------------- */

static bool write_settings(training *t, ct_error *err)
{
    train_table table = train_table_of(&t->options);
    static const char title[] = "The settings of a run of \"meanflow_mnist train\"; --config reads them again.";
    return settings_write(t->folder.settings, title, table.count, table.option, err);
}

static bool begin(training *t, ct_error *err)
{
    const train_options *o = &t->options;
    bool used = run_folder_is_used(&t->folder);
    if (used && !o->overwrite)
        return ct_fail(err, CT_E_ARGUMENT, "%s: holds %s, expected %s, --overwrite to lose it, or another --out",
                       o->out, o->resume ? "a model without the checkpoint it came from" : "a run",
                       o->resume ? "one" : "--resume to go on with it");
    return run_folder_clear(&t->folder, err) && write_settings(t, err) && run_log_begin(&t->log, &t->folder, err);
}

static bool load(training *t, const ct_archive *from, run_state *state, ct_error *err)
{
    return train_record_match(&t->options, from, err) && checkpoint_state_load(state, from, err) &&
           checkpoint_load(from, &t->trainer, &t->options, err);
}

static bool go_on(training *t, const run_state *state, ct_error *err)
{
    t->done = state->step;
    t->guard = state->guard;
    const char *missing = NULL;
    if (!trainer_go_to(&t->trainer, state->step, err) ||
        !run_log_resume(&t->log, &t->folder, state->step, &state->row, &missing, err) || !write_settings(t, err))
        return false;
    if (missing)
        progress_note(&t->progress, "%s lacks all its rows up to step %lld: a new log begins there", missing,
                      (long long)state->row.last);
    return true;
}

bool resume_or_begin(training *t, ct_error *err)
{
    char path[OUTPUT_PATH_SIZE];
    int64_t step;
    run_state state;
    ct_archive *a = t->options.resume ? open_newest(t, INT64_MAX, 1, path, &step, err) : NULL;
    if (!a)
        return t->options.resume && err->code != CT_OK ? false : begin(t, err);
    bool ok = load(t, a, &state, err) || ct_fail_prefix(err, "%s", path);
    ct_archive_free(a);
    return ok && go_on(t, &state, err);
}

/* --- spoilt weights --------------------------------------------------------------------------------------------- */

bool resume_go_back(training *t, ct_error *err)
{
    char path[OUTPUT_PATH_SIZE];
    int64_t step, every = t->options.checkpoint_every;
    if (!guard_may_return(&t->guard))
        return ct_fail(err, CT_E_NUMERIC, "going back to the last checkpoint has not helped, %d times in a row",
                       GUARD_RETURNS);
    ct_archive *a = every > 0 ? open_newest(t, t->done + 1, every, path, &step, err) : NULL;
    if (!a)
        return ct_fail(err, CT_E_NUMERIC, "there is no checkpoint to go back to");
    bool ok = checkpoint_load(a, &t->trainer, &t->options, err) || ct_fail_prefix(err, "%s", path);
    ct_archive_free(a);
    if (ok) {
        guard_returned(&t->guard);
        progress_note(&t->progress, "step %lld: the weights go back to those of step %lld", (long long)t->done,
                      (long long)step);
    }
    return ok;
}
