/* SPDX-License-Identifier: MIT */
/* Writing checkpoints, and going on from them. */
#include "checkpoint.h"

#include <stdio.h>

#include "train_record.h"
#include "weight_set.h"

static bool save_number(ct_archive *to, const char *key, uint64_t value, ct_error *err)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return ct_archive_set_meta(to, key, text, err);
}

static bool save_meta(ct_archive *to, const trainer *t, const train_options *o, ct_error *err)
{
    return ct_archive_set_meta(to, "kind", "meanflow", err) && mf_flow_config_save(&o->net, to, err) &&
           save_number(to, "step", (uint64_t)trainer_next(t), err) &&
           save_number(to, "seed", (uint64_t)o->seed, err) && train_record_save(o, to, err);
}

static bool save_averages(ct_archive *to, const trainer *t, const train_options *o, ct_error *err)
{
    char prefix[WEIGHT_SET_SIZE];
    for (int i = 0; i < t->n_ema; i++)
        if (!nn_params_save(t->ema[i], to, weight_set_of_decay(o->ema.value[i], prefix), err))
            return false;
    return true;
}

/* With the state of the run, unless there is none. */
static bool write_file(const char *path, const trainer *t, const train_options *o, const run_state *state,
                       ct_error *err)
{
    ct_archive *a = ct_archive_new(err);
    bool ok = a && save_meta(a, t, o, err) && nn_params_save(t->params, a, "params.", err) &&
              save_averages(a, t, o, err);
    if (ok && state)
        ok = nn_params_save(t->moments, a, "adamw.", err) && checkpoint_state_save(state, a, err);
    ok = ok && ct_archive_write(a, path, err);
    ct_archive_free(a);
    return ok;
}

bool checkpoint_write(const char *path, const trainer *t, const train_options *o, const run_state *state,
                      ct_error *err)
{
    return write_file(path, t, o, state, err);
}

bool checkpoint_write_model(const char *path, const trainer *t, const train_options *o, ct_error *err)
{
    return write_file(path, t, o, NULL, err);
}

bool checkpoint_load(const ct_archive *from, trainer *t, const train_options *o, ct_error *err)
{
    char prefix[WEIGHT_SET_SIZE];
    bool ok = nn_params_load(t->params, from, "params.", err) && nn_params_load(t->moments, from, "adamw.", err);
    for (int i = 0; ok && i < t->n_ema; i++)
        ok = nn_params_load(t->ema[i], from, weight_set_of_decay(o->ema.value[i], prefix), err);
    return ok;
}
