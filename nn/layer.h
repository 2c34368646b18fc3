/* SPDX-License-Identifier: MIT */
/* What layers share: the check of an input, and the choice of an initialiser. */
#ifndef NN_LAYER_H
#define NN_LAYER_H

#include <cotangent/layers.h>

/* Whether x is there, of the parameters' dtype and of a rank from lowest to highest. If not, the graph has an error that names the
 * layer. */
bool nn_layer_input(nn_scope s, const char *layer, const ct_var *x, int lowest, int highest);

/* A scope below s for a part of a layer: its messages name the place where the layer was called. */
#define layer_part(s, ...) nn_at_at((s).at, (s), __VA_ARGS__)

/* `init`, or `otherwise` when it is NN_INIT_DEFAULT. */
nn_init nn_init_or(nn_init init, nn_init otherwise);

/* PyTorch's defaults for a linear map with so many inputs to an output. */
nn_init nn_default_weight(void);
nn_init nn_default_bias(int64_t fan_in);

/* The parameter "path.name" filled by `init`, or, when that is NN_INIT_DEFAULT, as it is, or by `otherwise` when it is not there yet. */
ct_var *nn_layer_param(nn_scope s, const char *name, ct_shape shape, nn_init init, nn_init otherwise);

/* For functions without a scope: "function: expected: x, at the place where x was made". Returns NULL. */
void *nn_plain_fail(const ct_var *x, const char *function, const char *expected);

#endif
