/* SPDX-License-Identifier: MIT */
/* Labels to draw samples for, so that they can be held against a set of images. */
#ifndef LABELS_H
#define LABELS_H

#include <cotangent.h>

/* int32 [count]: the labels `of` a set, int32 [n], in an order of the seed's, and over again when all have been. So each
 * class is as frequent as in the set. The caller frees them. */
ct_tensor *labels_like(const ct_tensor *of, int64_t count, int64_t seed, ct_error *err);

#endif
