/* SPDX-License-Identifier: MIT */
/* What is kept of a set of images: statistics of the classifier's features, and the classes that it reads. */
#ifndef EVAL_SET_H
#define EVAL_SET_H

#include "classes.h"
#include "kid.h"
#include "statistics.h"

/* A classifier, borrowed. */
typedef struct eval_judge {
    nn_params *weights;
    int64_t classes;
    int64_t threads;  /* 0: one a core; no result depends on it */
} eval_judge;

typedef struct eval_set {
    statistics features;
    kid_set kid;
    class_counts classes;
} eval_set;

/* Of the images x, float32 [n, 1, 28, 28] in [-1, 1], with labels int32 [n]; n is at least 1. To be freed also after a
 * failure. */
bool eval_set_init(eval_set *s, const eval_judge *j, const ct_tensor *x, const ct_tensor *labels, ct_error *err);
void eval_set_free(eval_set *s);

#endif
