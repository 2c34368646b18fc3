/* SPDX-License-Identifier: MIT */
/* log.csv and log.tfevents: a row for every `log_every` steps and one for the last. They are cut back to a
 * checkpoint when a run goes on from there, and the row that was begun then is kept in the checkpoint, so that no
 * row is lost, repeated or different for a stop. How many rows there were then is kept there too: a log from which one
 * is gone is not gone on with. */
#ifndef RUN_LOG_H
#define RUN_LOG_H

#include <stdio.h>

#include "guard.h"
#include "metrics.h"
#include "run_folder.h"

/* A row that is begun, and the rows before it. */
typedef struct log_row {
    int64_t rows, records; /* whole ones in log.csv and in log.tfevents */
    int64_t last;          /* the step of the last of these, 0 for none */
    int64_t taken;         /* steps that were not skipped */
    double sum[METRICS];   /* over these */
} log_row;

typedef struct run_log {
    const run_folder *folder;
    FILE *csv, *events;
    log_row row;
    double before;         /* seconds of training that are in the log from earlier starts */
    double start, since;   /* on a clock that only goes forward: of this start, of the row */
    int64_t images;        /* of this row and this start */
} run_log;

/* New files. The folder must outlive the log. */
bool run_log_begin(run_log *l, const run_folder *f, ct_error *err);
/* Those of a run that goes on after `step`: later rows are dropped. The rows before it that `row` tells of must be there,
 * undamaged, or none of them: then a new file is begun, and *missing names it (otherwise it is NULL). */
bool run_log_resume(run_log *l, const run_folder *f, int64_t step, const log_row *row, const char **missing,
                    ct_error *err);
bool run_log_close(run_log *l, ct_error *err);  /* false when they could not be written in full */

void run_log_step(run_log *l, const double metrics[METRICS], int64_t batch);
/* Writes the row. False when a file could not be written: it is cut back when the run goes on. */
bool run_log_row(run_log *l, int64_t step, double lr, double tangent_share, const guard *g,
                 ct_error *err);
/* On the disk, before a checkpoint says that these rows are there. */
bool run_log_flush(run_log *l, ct_error *err);

#endif
