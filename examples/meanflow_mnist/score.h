/* SPDX-License-Identifier: MIT */
/* How many samples a trained classifier gives the label they were drawn for. */
#ifndef SCORE_H
#define SCORE_H

#include <cotangent.h>

typedef struct scorer {
    nn_params *weights;
    int64_t classes;
} scorer;

/* A file that mnist_classifier wrote, for samples of `net`. */
bool scorer_read(scorer *s, const char *path, const mf_flow_config *net, ct_error *err);
void scorer_free(scorer *s);

/* Prints "accuracy N of M". */
bool scorer_print(const scorer *s, const ct_tensor *x, const ct_tensor *labels, ct_error *err);

#endif
