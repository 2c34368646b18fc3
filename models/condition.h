/* SPDX-License-Identifier: MIT */
/* What conditions the provided networks, and how: one vector c of times, label and guidance, and modulation of normalised
 * activations by it (adaptive layer norm). */
#ifndef MODELS_CONDITION_H
#define MODELS_CONDITION_H

#include <cotangent/flow.h>

/* Refuses z, t, r, label, guidance that do not fit each other or the configuration, naming the layer. */
bool mf_condition_check(nn_scope s, const char *layer, const mf_flow_config *c, ct_var *z, ct_var *t, ct_var *r, ct_var *label,
                     mf_flow_guidance guidance);

/* t, r, label [batch] -> c [batch, width]: the sum of the embedded times, the embedded label and the embedded guidance. */
ct_var *mf_condition_vector(nn_scope s, const mf_flow_config *c, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance);

/* n parts of linear(silu(c)), each [batch, width], or [batch, 1, width] when the activations have tokens. All zero at first
 * (adaLN-zero). */
bool mf_condition_parts(nn_scope s, ct_var *c, int n, bool tokens, ct_var **parts);

/* norm(x) (1 + scale) + shift: layer norm without gain and bias, epsilon 1e-6. */
ct_var *mf_condition_modulate(nn_scope s, ct_var *x, ct_var *shift, ct_var *scale);

/* The last layer: modulate, then a linear map that is zero at first. x [batch, (tokens,) width] -> [batch, (tokens,) out]. */
ct_var *mf_condition_final_layer(nn_scope s, ct_var *x, ct_var *c, int64_t out);

/* Linear map with Xavier-uniform weight and zero bias. */
extern const nn_linear_options mf_condition_xavier;

#endif
