/* SPDX-License-Identifier: MIT */
/* A comparison for people and for programs. */
#ifndef COMPARE_TABLE_H
#define COMPARE_TABLE_H

#include "compare_lines.h"

/* As a Markdown table, a row for each group of lines that differ in the seed only, and below it what all have in
 * common. `differences` are the conditions that get a column. */
void compare_print(const compare_lines *c, const json_t *differences);

/* As CSV, a row for each line. Replaces the file at `path`, or leaves it as it was. */
bool compare_write(const compare_lines *c, const json_t *differences, const char *path, ct_error *err);

#endif
