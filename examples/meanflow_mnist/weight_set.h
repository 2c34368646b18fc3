/* SPDX-License-Identifier: MIT */
/* The names of sets of weights in a file: "params", and "ema-DECAY" for each average. Their tensors are "SET.NAME". */
#ifndef WEIGHT_SET_H
#define WEIGHT_SET_H

#include <cotangent.h>

enum { WEIGHT_SET_SIZE = 64 };

/* "ema-0.999." into prefix, which it returns. */
const char *weight_set_of_decay(double decay, char prefix[WEIGHT_SET_SIZE]);

/* The prefix of the set in a file that train wrote; "ema" stands for the first average. False, naming the sets
 * there are, when it has none of that name. */
bool weight_set_find(const ct_archive *from, const char *set, char prefix[WEIGHT_SET_SIZE], ct_error *err);

#endif
