/* SPDX-License-Identifier: MIT */
/* In which conditions lines differ, and which they share. */
#ifndef COMPARE_DIFFERENCES_H
#define COMPARE_DIFFERENCES_H

#include "compare_lines.h"

/* The value of a condition; "–" where it does not apply. */
const char *compare_value(const compare_line *l, const char *condition);

/* The conditions in which lines differ, an array of names; NULL when there is no memory. */
json_t *compare_differences(const compare_lines *c);

/* What "eval" was told of all lines alike: words and values, separated by commas. */
void compare_put_common(FILE *to, const compare_lines *c);

#endif
