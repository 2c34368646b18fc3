/* SPDX-License-Identifier: MIT */
/* What a training shows while it runs: one line that is redrawn on a terminal, plain lines elsewhere. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "metrics.h"

typedef struct progress {
    int64_t first, steps;      /* done before this start; in all */
    double minutes;            /* 0: no limit */
    bool terminal, open_line;
    double start, shown;       /* seconds on a clock that only goes forward */
} progress;

progress progress_of(const train_options *o, int64_t done);

/* After a step; `done` counts it. */
void progress_step(progress *p, int64_t done, const double metrics[METRICS], bool last);
void progress_end_line(progress *p);  /* before anything else is printed */
/* A line of its own in between. */
void progress_note(progress *p, const char *format, ...) CT_PRINTF(2, 3);
bool progress_time_is_up(const progress *p);

#endif
