/* SPDX-License-Identifier: MIT */
/* The 10,000 images that are never trained on. */
#ifndef TEST_SET_H
#define TEST_SET_H

#include "predict.h"

typedef struct test_set {
    ct_tensor *x;       /* float32 [count, 1, 28, 28] */
    ct_tensor *labels;  /* int32 [count] */
    int64_t count;
} test_set;

/* 28 x 28 images in MNIST's format, from the files "t10k-..." in dir. To be freed also after a failure. */
bool test_set_read(test_set *t, const char *dir, ct_error *err);
void test_set_free(test_set *t);

/* How many are given their label; -1 after an error. */
int64_t test_set_count_right(const test_set *t, nn_params *weights, int64_t classes, int64_t threads, ct_error *err);

#endif
