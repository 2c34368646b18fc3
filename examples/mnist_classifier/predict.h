/* SPDX-License-Identifier: MIT */
/* What a trained classifier sees in images. */
#ifndef PREDICT_H
#define PREDICT_H

#include <cotangent.h>

typedef struct predictor {
    ct_graph *graph;
    ct_program *program;
    ct_var *x, *logits, *features;
    int64_t batch, classes;
    int64_t width;  /* features of an image */
} predictor;

/* Reads the weights where they are: when they change, so do its answers. Threads 0: one a core. */
bool predictor_init(predictor *p, nn_params *weights, int64_t classes, int64_t batch, int64_t threads, ct_error *err);
void predictor_free(predictor *p);

/* Some images' logits [count, classes] and last hidden layer [count, width], valid until the next run. */
typedef struct predictions {
    int64_t first, count;
    const float *logits, *features;
} predictions;

/* Images first, first + 1, ... of x, float32 [n, 1, 28, 28], as many as a batch holds, into *out. n is at least a
 * batch. Values outside [-1, 1] are cut off. */
bool predictor_run(predictor *p, const ct_tensor *x, int64_t first, predictions *out, ct_error *err);

/* The class with the largest logit. */
int32_t predicted_class(const float *logits, int64_t classes);

/* How many of the images x are given their label, int32 [n]. -1 after an error. */
int64_t predictor_count_right(predictor *p, const ct_tensor *x, const ct_tensor *labels, ct_error *err);

/* uint8 [n, height, width] -> float32 [n, 1, height, width] in [-1, 1]. */
ct_tensor *pixels_of(const ct_tensor *images, ct_error *err);

#endif
