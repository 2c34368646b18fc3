/* SPDX-License-Identifier: MIT */
/* A small convolutional classifier of grey images. */
#ifndef COTANGENT_CLASSIFIER_H
#define COTANGENT_CLASSIFIER_H

#include <cotangent/nn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* x [batch, 1, 28, 28], pixels in [-1, 1] -> logits [batch, classes]. features, unless NULL, receives the last hidden layer [batch, 128]. */
CT_API ct_var *mf_classifier_logits(nn_scope s, ct_var *x, int64_t classes, ct_var **features);

#ifdef __cplusplus
}
#endif
#endif
