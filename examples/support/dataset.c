/* SPDX-License-Identifier: MIT */
/* Looking at labels. */
#include "dataset.h"

int64_t dataset_classes(const nn_dataset *data)
{
    const int32_t *label = ct_tensor_data(data->labels);
    int32_t largest = 0;
    for (int64_t i = 0; i < ct_tensor_count(data->labels); i++)
        largest = label[i] > largest ? label[i] : largest;
    return largest + 1;
}
