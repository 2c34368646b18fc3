/* SPDX-License-Identifier: MIT */
/* How a run begins, and how it goes on from a checkpoint: a newly started one, and one whose weights are spoilt. */
#ifndef RESUME_H
#define RESUME_H

#include "training.h"

/* With --resume from the newest checkpoint that is whole, else from nothing. Settings and log are in place then. */
bool resume_or_begin(training *t, ct_error *err);

/* Weights, moments and averages of the last checkpoint that was due (one that only a stop made does not count:
 * whether a run was stopped must not show). The number of the step stays. False when there is none, or when going
 * back has not helped before. */
bool resume_go_back(training *t, ct_error *err);

#endif
