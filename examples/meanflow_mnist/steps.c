/* SPDX-License-Identifier: MIT */
/* The loop. */
#include "steps.h"

#include "pictures.h"
#include "resume.h"
#include "save.h"
#include "stop.h"

static bool step(training *t, double metrics[METRICS], ct_error *err)
{
    const void *batch[2];
    nn_loader_get(t->loader, (uint64_t)t->done, batch);
    if (!trainer_step(&t->trainer, batch[0], batch[1], metrics, err))
        return false;
    t->done++;
    return true;
}

static bool go_back(training *t, const double metrics[METRICS], ct_error *err)
{
    ct_error why;
    if (resume_go_back(t, &why))
        return true;
    return ct_fail(err, CT_E_NUMERIC,
                   "step %lld: the loss is %g and the gradient's norm %g, expected finite numbers, %d times in a row; "
                   "%s; a smaller --lr may help",
                   (long long)t->done, metrics[LOSS], metrics[GRAD_NORM], GUARD_PATIENCE, why.message);
}

static bool watch(training *t, const double metrics[METRICS], ct_error *err)
{
    bool spoilt = guard_step(&t->guard, metrics_finite(metrics));
    if (t->guard.in_a_row == 1)
        progress_note(&t->progress, "step %lld: the loss is %g and the gradient's norm %g: the step is skipped",
                      (long long)t->done, metrics[LOSS], metrics[GRAD_NORM]);
    return !spoilt || go_back(t, metrics, err);
}

static bool report(training *t, const double metrics[METRICS], bool last, ct_error *err)
{
    const train_options *o = &t->options;
    bool due = t->done == o->steps || t->done % o->log_every == 0;
    progress_step(&t->progress, t->done, metrics, last);
    run_log_step(&t->log, metrics, o->batch);
    return !due || run_log_row(&t->log, t->done, metrics[LR], trainer_tangent_share(&t->trainer), &t->guard, err);
}

/* A checkpoint where one is due. */
static bool save_if_due(training *t, ct_error *err)
{
    bool good;
    int64_t every = t->options.checkpoint_every;
    return every == 0 || t->done % every != 0 || save_checkpoint(t, &good, err);
}

bool steps_run(training *t, ct_error *err)
{
    double metrics[METRICS];
    for (bool last = t->done >= t->options.steps; !last;) {
        if (!step(t, metrics, err) || !watch(t, metrics, err))
            return false;
        last = t->done == t->options.steps || stop_requested() || progress_time_is_up(&t->progress);
        if (!report(t, metrics, last, err))
            return false;
        pictures_snapshot_if_due(t);
        if (!last && !save_if_due(t, err))
            return false;
    }
    return true;
}
