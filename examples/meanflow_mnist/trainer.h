/* One training step as one compiled program: uint8 images and labels in, updated weights and metrics out. */
#ifndef TRAINER_H
#define TRAINER_H

#include "train_options.h"

/* What a step reports, in the order of log.csv. */
enum { LOG_LOSS, RAW, VELOCITY, LOSS, GRAD_NORM, LR, METRICS };
extern const char *const metric_names[METRICS];

typedef struct trainer {
    nn_params *params, *ema, *moments;
    ct_graph *graph;
    ct_program *program;
    ct_var *images, *labels;  /* uint8 [batch, size, size], int32 [batch] */
    ct_var *metric[METRICS];
} trainer;

/* o->net knows the data's size and classes, and must outlive the trainer. */
bool trainer_init(trainer *t, const train_options *o, ct_error *err);
void trainer_free(trainer *t);

bool trainer_step(trainer *t, const void *images, const void *labels, double metrics[METRICS], ct_error *err);

#endif
