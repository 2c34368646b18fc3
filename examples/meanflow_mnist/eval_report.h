/* SPDX-License-Identifier: MIT */
/* An evaluation for people and for programs. */
#ifndef EVAL_REPORT_H
#define EVAL_REPORT_H

#include "eval_figures.h"

/* One set of samples beside the floor, as a table, with all that the figures depend on above it. */
void eval_report_print(const eval_subject *s, const eval_figures *floor, const eval_figures *samples);

/* All of it as JSON, n sets of samples. Replaces the file at `path`, or leaves it as it was. */
bool eval_report_write(const char *path, const eval_subject *s, const eval_figures *floor, int64_t n,
                       const eval_figures *samples, ct_error *err);

#endif
