/* SPDX-License-Identifier: MIT */
/* The parts of a report, each written from what was read. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include <stdio.h>

#include "run_results.h"

typedef struct report {
    FILE *to;
    run_results run;
} report;

extern const char report_style[];  /* report.css */

void report_put_summary(const report *r, const char *name);  /* of the run */
bool report_put_samples(const report *r, ct_error *err);
void report_put_evaluation(const report *r);
bool report_put_curves(const report *r, ct_error *err);
void report_put_settings(const report *r);

/* A setting, or "?" when the file does not say. */
const char *report_setting(const report *r, const char *name);
/* Of the whole run; 0 when the file does not say. */
double report_steps(const report *r);

#endif
