/* SPDX-License-Identifier: MIT */
/* What a data set says of itself. */
#ifndef EXAMPLE_DATASET_H
#define EXAMPLE_DATASET_H

#include <cotangent.h>

/* Its labels are 0 to this less one. */
int64_t dataset_classes(const nn_dataset *data);

#endif
