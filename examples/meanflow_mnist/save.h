/* SPDX-License-Identifier: MIT */
/* Writing checkpoints, but never of weights that are spoilt. */
#ifndef SAVE_H
#define SAVE_H

#include "training.h"

/* The checkpoint of this step. It is left out, and *good is false, when the weights give no finite loss and
 * gradient with any of the next GUARD_PATIENCE batches. */
bool save_checkpoint(training *t, bool *good, ct_error *err);

/* The last one, with which the run can go on or is done, and the model beside it. Where the weights at the end of
 * the run are spoilt, those of the last checkpoint take their place. */
bool save_result(training *t, ct_error *err);

#endif
