/* SPDX-License-Identifier: MIT */
/* Checkpoints and the model. */
#include "save.h"

#include "checkpoint.h"
#include "resume.h"

static bool look(training *t, bool *good, ct_error *err)
{
    *good = false;
    for (int64_t i = 0; i < GUARD_PATIENCE && !*good; i++) {
        const void *batch[2];
        double metrics[METRICS];
        nn_loader_get(t->loader, (uint64_t)(t->done + i), batch);
        if (!trainer_look(&t->trainer, batch[0], batch[1], metrics, err))
            return false;
        *good = metrics_finite(metrics);
    }
    return true;
}

bool save_checkpoint(training *t, bool *good, ct_error *err)
{
    char path[OUTPUT_PATH_SIZE];
    if (!look(t, good, err))
        return false;
    if (!*good)
        return true;
    run_state state = {t->done, t->guard, t->log.row};
    if (!run_log_flush(&t->log, err) || !step_files_path(&t->folder.checkpoints, t->done, path, err) ||
        !checkpoint_write(path, &t->trainer, &t->options, &state, err))
        return false;
    run_folder_prune(&t->folder, t->options.checkpoint_every, t->options.keep);
    return true;
}

bool save_result(training *t, ct_error *err)
{
    bool good;
    if (!save_checkpoint(t, &good, err))
        return false;
    if (!good && t->done == t->options.steps)
        good = resume_go_back(t, err) && save_checkpoint(t, &good, err) && good;
    if (!good)
        return ct_fail(err, CT_E_NUMERIC,
                       "step %lld: the weights give no finite loss, so they are not written; what was written before "
                       "is kept", (long long)t->done);
    return checkpoint_write_model(t->folder.model, &t->trainer, &t->options, err);
}
