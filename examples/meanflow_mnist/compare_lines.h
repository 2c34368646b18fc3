/* SPDX-License-Identifier: MIT */
/* Runs that are compared: a line for each run and number of evaluations. */
#ifndef COMPARE_LINES_H
#define COMPARE_LINES_H

#include "cli.h"
#include "run_results.h"

typedef struct compare_line {
    const char *run;     /* the folder, borrowed */
    json_t *conditions;  /* all that the figures depend on, but for the seed of the training: names to texts */
    json_t *seed;        /* that seed, as text */
    double frechet, kid, accuracy;
    double steps;        /* of the weights that were measured */
    double minutes;      /* in which they were trained; NaN where the log does not say */
} compare_line;

typedef struct compare_lines {
    int64_t count;
    compare_line *line;
    json_t *evaluation;  /* eval.json of the first run: extractor, reference and floor are the same in all */
} compare_lines;

/* From the folders of runs that were evaluated, in their order. False, naming the folder, when one has no evaluation,
 * when two were judged by different extractors or against different images, or when two are one and the same training.
 * To be freed also after a failure. */
bool compare_lines_read(compare_lines *c, const cli_words *runs, ct_error *err);
void compare_lines_free(compare_lines *c);

#endif
