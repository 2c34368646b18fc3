/* SPDX-License-Identifier: MIT */
/* What the figures of a run depend on. */
#ifndef COMPARE_CONDITIONS_H
#define COMPARE_CONDITIONS_H

#include "run_results.h"

/* Names to texts: the settings that determine the weights, but for the seed, under their own names, and what "eval" was
 * told of these samples, in words. NULL when there is no memory. */
json_t *compare_conditions(const run_results *r, const json_t *samples);

/* The words for what "eval" was told, from 0; NULL after the last. */
const char *compare_told(int i);

#endif
