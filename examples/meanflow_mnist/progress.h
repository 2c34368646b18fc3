/* What a training shows while it runs: one line that is redrawn on a terminal, plain lines elsewhere; and log.csv. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdio.h>

#include "trainer.h"

typedef struct progress {
    FILE *log;
    int64_t steps, batch, every;
    double minutes;            /* 0: no limit */
    bool terminal, open_line;
    double start, shown;       /* seconds on a clock that only goes forward */
    double sum[METRICS];       /* since the last row of the log */
    int64_t summed;
    double row_start;
} progress;

/* Begins a new log at `path`. */
bool progress_init(progress *p, const char *path, const train_options *o, ct_error *err);
bool progress_free(progress *p, ct_error *err);  /* false when the log could not be written in full */

/* After a step; `done` counts it. */
void progress_step(progress *p, int64_t done, const double metrics[METRICS], bool last);
void progress_end_line(progress *p);  /* before anything else is printed */
bool progress_time_is_up(const progress *p);

#endif
