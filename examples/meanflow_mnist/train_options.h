/* SPDX-License-Identifier: MIT */
/* What a training can be told: by a preset, a file of settings, and the command line. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include <cotangent.h>

#include "cli.h"
#include "fingerprint.h"
#include "settings.h"

typedef struct train_options {
    /* Of the command line alone. */
    const char *out, *preset, *config;
    bool preset_given, resume, overwrite;

    /* The run: nothing here changes what a step computes. */
    const char *data;
    int64_t threads;           /* 0: one a core */
    double minutes;            /* stop after so much time; 0: after `steps` */
    int64_t log_every;         /* steps between two rows of log.csv */
    int64_t checkpoint_every;  /* steps; 0: only at the end */
    int64_t keep;              /* checkpoints that stay, besides the newest; 0: all */

    /* The training: together with the data, these determine the weights to the last bit. */
    int64_t steps, batch, seed;
    const char *schedule;      /* "constant" or "cosine" */
    double lr, final_lr;
    int64_t warmup;            /* steps */
    bool warmup_given;
    double beta1, beta2, weight_decay;
    double clip;               /* largest norm of the gradient; 0: any */
    cli_list ema;              /* decays of the averages of the weights */
    mf_flow_config net;           /* size and classes come from the data */
    char data_content[FINGERPRINT_SIZE];
    mf_options flow;
    bool alpha_end_given;

    /* Words that say what is in net and flow. */
    const char *model, *times, *predict, *guided;
    const char *objective, *t_time, *r_time, *tangent, *tangent_all_rows, *prefix_dropout;

    settings *file[2];         /* where texts may lie: of the run that goes on, and of --config */
} train_options;

/* From the preset, or for a run that goes on (--resume) from its own file of settings; then --config FILE; then
 * the command line. -1 when the program should go on, otherwise its exit status. Free in either case. */
int train_options_parse(train_options *o, int argc, char **argv);
void train_options_free(train_options *o);

#endif
