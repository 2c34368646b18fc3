/* SPDX-License-Identifier: MIT */
/* The pictures that a training draws, each image in one evaluation of the network; after flow matching, which learns
 * velocities alone, in 20. */
#ifndef PICTURES_H
#define PICTURES_H

#include "training.h"

/* Pictures that cannot be drawn or written are missing (missing.h). */

/* samples.png: ten samples of each class, a row a class, drawn with the first average. */
void pictures_draw_samples(training *t);

/* snapshots/step-N.png, if step N, the last one done, is among a few that depend only on the number of all steps: ten
 * samples, of the classes in turn, and every time from the same noise. Drawn with the weights themselves, since an
 * average lags behind them, which early in a run is all that would be seen of it. */
void pictures_snapshot_if_due(training *t);

#endif
