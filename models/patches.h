/* SPDX-License-Identifier: MIT */
/* Images as tokens: patches in and out, and where each stands. */
#ifndef MODELS_PATCHES_H
#define MODELS_PATCHES_H

#include <cotangent/flow.h>

/* z [batch, channels, size, size] -> [batch, (size / p)^2, width]: a convolution of kernel and stride p, written as a product.
 * weight [width, channels, p, p], bias [width]. */
ct_var *mf_patches_embed(nn_scope s, ct_var *z, int64_t p, int64_t width);

/* x [batch, (size / p)^2, p p channels] -> [batch, channels, size, size]; the channel runs fastest within a patch. */
ct_var *mf_patches_join(ct_var *x, int64_t p, int64_t channels, int64_t size);

/* Fixed position embedding [grid grid, width], width divisible by 4: the first half from the column, the second from the row,
 * each the sines, then the cosines, of position / 10000^(4 j / width). */
ct_var *mf_patches_positions(ct_graph *g, ct_dtype dtype, int64_t grid, int64_t width);

#endif
