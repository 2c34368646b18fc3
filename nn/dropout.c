/* SPDX-License-Identifier: MIT */
/* Dropout, scaled so that the mean stays. */
#include "layer.h"

ct_var *nn_dropout(nn_scope s, ct_var *x, double p)
{
    if (!nn_layer_input(s, "dropout", x, 0, CT_MAX_RANK))
        return NULL;
    if (!(p >= 0 && p < 1))
        return nn_fail(s, CT_E_ARGUMENT, "dropout", "probability %g, expected 0 or more and less than 1", p);
    if (!s.training || p == 0)
        return ct_alias_at(s.at, x);  /* a use of its own, as where something is dropped */
    ct_dtype dtype = ct_var_dtype(x);
    ct_var *draw = ct_uniform_at(s.at, s.graph, dtype, ct_var_shape(x));
    ct_var *kept = ct_greater_at(s.at, draw, ct_scalar_at(s.at, s.graph, dtype, p));
    return ct_mul_at(s.at, x, ct_affine_at(s.at, kept, 1 / (1 - p), 0));
}
