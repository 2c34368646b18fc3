/* SPDX-License-Identifier: MIT */
/* What becomes of a run whose loss or gradient is not finite. A step like that is skipped: it changes no weight
 * (nn_train_guard). After GUARD_PATIENCE of them in a row it is the weights that are spoilt: they, the moments and
 * the averages go back to the last checkpoint, and the run goes on with the data, the noise and the learning rate
 * of the step that it has reached, so that it does not meet the same numbers again. If after GUARD_RETURNS
 * returns, each fewer than GUARD_CALM taken steps after the last, another one is needed, the run is given up. */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>
#include <stdint.h>

enum { GUARD_PATIENCE = 5, GUARD_RETURNS = 3, GUARD_CALM = 100 };

typedef struct guard {
    int64_t skipped, in_a_row;           /* steps: of the whole run; since one was taken */
    int64_t returns, returns_in_a_row;
    int64_t calm;                        /* steps taken since the last return */
} guard;

/* After a step. True when the weights have to go back. */
bool guard_step(guard *g, bool taken);
/* Before going back: whether that may still help. */
bool guard_may_return(const guard *g);
void guard_returned(guard *g);

#endif
