/* Which class a trained classifier sees in an image. */
#ifndef PREDICT_H
#define PREDICT_H

#include <cotangent.h>

typedef struct predictor {
    ct_graph *graph;
    ct_program *program;
    ct_var *x, *logits;
    int64_t batch, classes;
} predictor;

/* Reads the weights where they are: when they change, so do its answers. Threads 0: one a core. */
bool predictor_init(predictor *p, nn_params *weights, int64_t classes, int64_t batch, int64_t threads, ct_error *err);
void predictor_free(predictor *p);

/* How many of the images x, float32 [n, 1, 28, 28], are given their label, int32 [n]; n is at least a batch. -1 after
 * an error. Values outside [-1, 1] are cut off. */
int64_t predictor_count_right(predictor *p, const ct_tensor *x, const ct_tensor *labels, ct_error *err);

/* uint8 [n, height, width] -> float32 [n, 1, height, width] in [-1, 1]. */
ct_tensor *pixels_of(const ct_tensor *images, ct_error *err);

#endif
