/* SPDX-License-Identifier: MIT */
/* Labels to draw samples for. */
#include "labels.h"

#include <stdlib.h>

ct_tensor *labels_like(const ct_tensor *of, int64_t count, int64_t seed, ct_error *err)
{
    int64_t n = ct_tensor_count(of);
    const int32_t *label = ct_tensor_data(of);
    int32_t *order = malloc((size_t)n * sizeof *order);
    ct_tensor *labels = ct_tensor_new(CT_I32, CT_SHAPE(count), err);
    if (!order || !labels) {
        ct_tensor_free(labels);
        free(order);
        ct_fail(err, CT_E_MEMORY, "out of memory");
        return NULL;
    }
    ct_random_permutation(n, order, (ct_random_key){(uint64_t)seed, ct_random_stream("labels like"), 0});
    for (int64_t i = 0; i < count; i++)
        ((int32_t *)ct_tensor_data(labels))[i] = label[order[i % n]];
    free(order);
    return labels;
}
