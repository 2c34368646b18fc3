/* SPDX-License-Identifier: MIT */
/* From the options that were given to those that hold. */
#ifndef TRAIN_SETTLE_H
#define TRAIN_SETTLE_H

#include "train_options.h"

/* The values of words, and what follows from several options; then everything is checked. */
bool train_options_settle(train_options *o, ct_error *err);

#endif
