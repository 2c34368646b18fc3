/* SPDX-License-Identifier: MIT */
/* Lines that differ in nothing but the seed, taken together. */
#ifndef COMPARE_GROUPS_H
#define COMPARE_GROUPS_H

#include "compare_lines.h"

typedef struct compare_group {
    int64_t seeds;
    double frechet, kid, accuracy, steps, minutes;  /* means */
    double frechet_deviation, kid_deviation;        /* over seeds, from n - 1; NaN of one */
} compare_group;

/* Whether a line is the first of its group. */
bool compare_is_first(const compare_lines *c, int64_t line);
/* Its group. */
compare_group compare_group_of(const compare_lines *c, int64_t line);

#endif
