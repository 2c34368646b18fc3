/* SPDX-License-Identifier: MIT */
/* A classifier's file: its weights by name, and as metadata who it is. */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include "fingerprint.h"

/* What the metadata say. Name and content together are the version of a classifier: figures that different ones measured
 * cannot be compared. */
enum { WEIGHTS_NAME_SIZE = 64 };
typedef struct weights_info {
    char name[WEIGHTS_NAME_SIZE];    /* such as "mnist-cnn-1"; not empty */
    char content[FINGERPRINT_SIZE];  /* of the weights */
    char data[FINGERPRINT_SIZE];     /* of the training set */
    int64_t classes;
    double accuracy;                 /* share of the test set that is read rightly, to four digits */
} weights_info;

/* Writes the weights with what `info` says of them; its content is worked out. */
bool weights_write(const char *path, const nn_params *weights, const weights_info *info, ct_error *err);

/* The caller frees *weights. Refuses weights that are not those the metadata were written for. */
bool weights_read(const char *path, nn_params **weights, weights_info *info, ct_error *err);

/* The metadata alone. */
bool weights_read_info(const char *path, weights_info *info, ct_error *err);

#endif
