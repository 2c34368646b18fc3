/* SPDX-License-Identifier: MIT */
/* What a step reports. */
#ifndef METRICS_H
#define METRICS_H

#include "train_options.h"

/* In the order of log.csv. */
enum { LOG_LOSS, RAW, RAW_EQUAL, RAW_UNEQUAL, VELOCITY, DU_DT, LOSS, GRAD_NORM, LR, METRICS };
extern const char *const metric_names[METRICS];

/* The metrics of a loss, up to LOSS; NaN for those that it does not have. */
void metrics_of_loss(const mf_loss *loss, ct_var *metric[METRICS]);

/* Whether the step changed the weights: loss and gradient are finite. */
bool metrics_finite(const double metrics[METRICS]);

#endif
