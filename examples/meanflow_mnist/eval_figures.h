/* SPDX-License-Identifier: MIT */
/* What an evaluation finds. */
#ifndef EVAL_FIGURES_H
#define EVAL_FIGURES_H

#include "classes.h"
#include "sampler_options.h"

/* Of one set of images against the training set. */
typedef struct eval_figures {
    int64_t nfe;             /* evaluations of the network for each sample; 0 for images that were not drawn */
    int64_t count;           /* images */
    double frechet, kid;     /* of the classifier's features */
    class_counts classes;
    /* Euclidean distances to the nearest training image, pixels in [0, 1], of the first so many images; 0: not looked for. */
    int64_t neighbours;
    double nearest_mean, nearest_median, nearest_first;  /* "first": one image in a hundred is no farther */
    double nearer;           /* the share that is nearer than the test set's nearest_first */
} eval_figures;

/* What all figures of an evaluation depend on besides. */
typedef struct eval_subject {
    const char *model;         /* the file */
    const char *weights;       /* "ema", "ema-DECAY" or "params" */
    char step[32], decay[32];  /* of the training; decay of that average. "" where the file does not say */
    const sampler_options *draw;      /* but for nfe; its seed is that of the labels too */
    mf_flow_guided guided;        /* what the network is told of that */
    const char *extractor, *extractor_content;
    double extractor_accuracy;
    int64_t features;
    const char *data, *data_content;  /* the directory, and the training set's fingerprint */
    int64_t reference;         /* images of the training set */
} eval_subject;

#endif
