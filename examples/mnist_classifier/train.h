/* SPDX-License-Identifier: MIT */
/* Training the classifier. */
#ifndef TRAIN_H
#define TRAIN_H

#include "test_set.h"

typedef struct train_options {
    const char *out, *data;
    const char *name;  /* of the classifier */
    int64_t epochs, batch, seed, threads;
    int64_t shift;  /* pixels */
    double lr, weight_decay;
} train_options;

/* Prints the accuracy on the test set after each epoch and writes out/classifier.safetensors at the end. */
bool train_classifier(const train_options *o, ct_error *err);

#endif
