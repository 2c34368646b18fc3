/* SPDX-License-Identifier: MIT */
/* What a run goes on from, besides weights, as metadata. */
#ifndef CHECKPOINT_STATE_H
#define CHECKPOINT_STATE_H

#include "run_log.h"

typedef struct run_state {
    int64_t step;  /* steps done */
    guard guard;
    log_row row;
} run_state;

bool checkpoint_state_save(const run_state *s, ct_archive *to, ct_error *err);
bool checkpoint_state_load(run_state *s, const ct_archive *from, ct_error *err);

#endif
