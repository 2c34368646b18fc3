/* SPDX-License-Identifier: MIT */
/* What the files in a run's folder say. */
#ifndef RUN_RESULTS_H
#define RUN_RESULTS_H

#include <jansson.h>

#include "log_table.h"
#include "run_folder.h"
#include "settings.h"

typedef struct run_results {
    run_folder folder;
    settings *settings;
    log_table log;       /* without rows when there is no log */
    json_t *evaluation;  /* eval.json, an object with "floor" and "samples"; NULL when there is none */
} run_results;

/* Only run.toml must be there. False, naming the file, when one cannot be read or is not of its form. To be freed also
 * after a failure. */
bool run_results_read(run_results *r, const char *dir, ct_error *err);
void run_results_free(run_results *r);

/* The last row of a column of the log; NaN when there is none. */
double run_results_last(const run_results *r, const char *column);

#endif
