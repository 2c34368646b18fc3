/* SPDX-License-Identifier: MIT */
/* One training step as one compiled program: uint8 images and labels in, updated weights and metrics out. A step
 * whose loss or gradient is not finite changes nothing. Where the objective changes as training goes on, each of its
 * phases has a program, which is made when its first step is due; what outlives a phase is all in the parameters, the
 * moments, the averages and the number of the step. */
#ifndef TRAINER_H
#define TRAINER_H

#include "metrics.h"

typedef struct trainer {
    const train_options *options;
    nn_params *params, *moments;
    nn_params *ema[CLI_LIST_SIZE];  /* one for each decay */
    int n_ema;
    int64_t from, until;            /* the steps that the program is for: until - 1 is the last */
    ct_graph *graph;
    ct_program *program;
    ct_var *images, *labels;        /* uint8 [batch, size, size], int32 [batch] */
    ct_var *allow;                  /* 0 for a step that is only to be looked at */
    ct_var *metric[METRICS];
    int64_t tangent[2];             /* du/dt's nodes are those after the first of these, up to the second */
} trainer;

/* At step 0. o->net knows the data's size and classes; *o must outlive the trainer. */
bool trainer_init(trainer *t, const train_options *o, ct_error *err);
void trainer_free(trainer *t);

/* The step that is next. */
bool trainer_go_to(trainer *t, int64_t step, ct_error *err);
int64_t trainer_next(const trainer *t);

bool trainer_step(trainer *t, const void *images, const void *labels, double metrics[METRICS], ct_error *err);
/* The metrics of the step that would be next; nothing is changed, and it is still to come. */
bool trainer_look(trainer *t, const void *images, const void *labels, double metrics[METRICS], ct_error *err);

/* The share of the time of the steps since the last call, or of those of this phase, that went into du/dt. A step of the program counts whole,
 * as what its result is: what du/dt shares with u, in one pass over memory, is in the one or in the other. */
double trainer_tangent_share(trainer *t);

#endif
