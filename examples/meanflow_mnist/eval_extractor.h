/* SPDX-License-Identifier: MIT */
/* The classifier that judges a data set's images. */
#ifndef EVAL_EXTRACTOR_H
#define EVAL_EXTRACTOR_H

#include "weights.h"

typedef struct extractor {
    nn_params *weights;
    weights_info info;
    bool none;  /* no classifier that comes with the program fits */
} extractor;

/* From `path`, or, if that is NULL, of the classifiers that come with the program the one that was trained on the training
 * set `train`, which was read from the directory `data`. Refuses one that was trained on anything else. To be freed also
 * after a failure. */
bool extractor_read(extractor *e, const char *path, const nn_dataset *train, const char *data, ct_error *err);
void extractor_free(extractor *e);

#endif
