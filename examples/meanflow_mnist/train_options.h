/* What a training can be told. All defaults are in train_options.c, in one function. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include <cotangent.h>

typedef struct train_options {
    /* The run: nothing here changes what a step computes. */
    const char *out, *data;
    int64_t threads;           /* 0: one a core */
    int64_t log_every;         /* steps between two rows of log.csv */
    int64_t checkpoint_every;  /* steps; 0: only at the end */
    double minutes;            /* stop after so much time; 0: after `steps` */

    /* The training: together with the data, these determine the weights to the last bit. */
    int64_t steps, batch, seed;
    const char *schedule;      /* "constant" or "cosine" */
    double lr, final_lr;
    int64_t warmup;            /* steps */
    bool warmup_given;
    double beta1, beta2, weight_decay;
    double clip;               /* largest norm of the gradient; 0: any */
    double ema;                /* decay of the average of the weights */
    flow_config net;           /* size and classes come from the data */
    mf_options flow;

    /* Words of the command line that say what is in net and flow. */
    const char *model, *times, *predict, *time_kind, *prefix_dropout;
} train_options;

/* Defaults, then the command line. -1 when the program should go on, otherwise its exit status. */
int train_options_parse(train_options *o, int argc, char **argv);

/* Every option of the training as metadata "train.NAME". */
bool train_options_save(const train_options *o, ct_archive *to, ct_error *err);

#endif
