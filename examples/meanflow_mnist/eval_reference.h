/* SPDX-License-Identifier: MIT */
/* What samples are measured against: the training set, and beside it the test set, whose figures are the floor. */
#ifndef EVAL_REFERENCE_H
#define EVAL_REFERENCE_H

#include "eval_figures.h"
#include "eval_set.h"

typedef struct eval_reference {
    eval_judge judge;
    ct_tensor *train;    /* float32 [n, 1, 28, 28] in [-1, 1] */
    eval_set set;        /* of the training set */
    int64_t neighbours;  /* images of a set whose nearest training image is looked for, at most */
    eval_figures floor;  /* the test set's */
} eval_reference;

/* From sets of 28 x 28 images, two at least in each, not needed afterwards. To be freed also after a failure. */
bool eval_reference_init(eval_reference *r, const eval_judge *j, const nn_dataset *train, const nn_dataset *test,
                         int64_t neighbours, ct_error *err);
void eval_reference_free(eval_reference *r);

/* Figures of the images x, float32 [n, 1, 28, 28] in [-1, 1], drawn for labels int32 [n]; n is at least two. */
bool eval_reference_measure(const eval_reference *r, ct_tensor *x, const ct_tensor *labels, eval_figures *out,
                            ct_error *err);

#endif
