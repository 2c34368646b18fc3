/* SPDX-License-Identifier: MIT */
/* Measuring a classifier. */
#include "test_set.h"

bool test_set_read(test_set *t, const char *dir, ct_error *err)
{
    nn_dataset data = {NULL, NULL};
    *t = (test_set){NULL, NULL, 0};
    if (!nn_dataset_read_idx(&data, dir, "t10k", err))
        return false;
    ct_shape shape = ct_tensor_shape(data.images);
    bool fits = shape.dim[0] > 0 && shape.dim[1] == 28 && shape.dim[2] == 28;
    if (fits)
        t->x = pixels_of(data.images, err);
    else
        ct_fail(err, CT_E_SHAPE, "%s: test images are %s, expected [count, 28, 28]", dir, CT_SHAPE_TEXT(shape));
    t->labels = ct_tensor_retain(data.labels);
    t->count = shape.dim[0];
    nn_dataset_free(&data);
    return t->x != NULL;
}

void test_set_free(test_set *t)
{
    ct_tensor_free(t->x);
    ct_tensor_free(t->labels);
}

int64_t test_set_count_right(const test_set *t, nn_params *weights, int64_t classes, int64_t threads, ct_error *err)
{
    predictor p;
    int64_t batch = t->count < 100 ? t->count : 100;
    bool ready = predictor_init(&p, weights, classes, batch, threads, err);
    int64_t right = ready ? predictor_count_right(&p, t->x, t->labels, err) : -1;
    predictor_free(&p);
    return right;
}
