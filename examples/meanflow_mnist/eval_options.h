/* SPDX-License-Identifier: MIT */
/* What an evaluation can be told. */
#ifndef EVAL_OPTIONS_H
#define EVAL_OPTIONS_H

#include "output.h"
#include "sampler_options.h"

enum { EVAL_MAX_RUNS = 16 };

typedef struct eval_options {
    const char *from, *data, *classifier, *weights;
    char out[OUTPUT_PATH_SIZE];
    bool if_classifier;  /* having none is no failure */
    int64_t count;       /* samples of a run */
    int64_t neighbours;  /* images of a set whose nearest training image is looked for, at most */
    int64_t nfe[EVAL_MAX_RUNS], runs;  /* evaluations of the network for each sample: one set of samples for each */
    sampler_options draw;              /* but for nfe */
} eval_options;

/* Defaults, then the command line. -1 when the program should go on, otherwise its exit status. */
int eval_options_parse(eval_options *o, int argc, char **argv);

#endif
