/* SPDX-License-Identifier: MIT */
/* The steps of a training. */
#ifndef STEPS_H
#define STEPS_H

#include "training.h"

/* Until all are done, the time is up, or somebody asked; checkpoints as they are due. */
bool steps_run(training *t, ct_error *err);

#endif
