/* SPDX-License-Identifier: MIT */
/* Drawing samples with a trained network. */
#ifndef SAMPLER_H
#define SAMPLER_H

#include "sampler_options.h"

/* float32 [n, channels, size, size], finite, about in [-1, 1], drawn as settled options say, for labels int32 [n]; the number of
 * classes is the label of no class. */
ct_tensor *draw_samples(const mf_flow_config *net, nn_params *weights, ct_tensor *labels, const sampler_options *o,
                        ct_error *err);

/* Labels of a picture with one row a class, `columns` in each: 0, 0, ..., 1, 1, ... */
ct_tensor *labels_of_rows(int64_t first, int64_t rows, int64_t columns, ct_error *err);

#endif
