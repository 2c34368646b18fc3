/* SPDX-License-Identifier: MIT */
/* Activations that the engine has no op for: x times a gate. The gates are taken in forms in which nothing cancels, so that a result is right
 * relative to its size however small it is: (1 + erf(z)) / 2 is erfc(-z) / 2, and (1 + tanh(u)) / 2 is sigmoid(2 u). */
#include "gate.h"
#include <cotangent/layers.h>
#include <math.h>

ct_var *nn_silu(ct_var *x)
{
    ct_site at = ct_var_site(x);
    return nn_gate(at, x, ct_sigmoid_at(at, x), NN_GATE_LOGISTIC);
}

ct_var *nn_gelu(ct_var *x)
{
    ct_site at = ct_var_site(x);
    ct_var *g = ct_affine_at(at, ct_erfc_at(at, ct_affine_at(at, x, -sqrt(0.5), 0)), 0.5, 0);
    return nn_gate(at, x, g, NN_GATE_NORMAL);
}

ct_var *nn_gelu_tanh(ct_var *x)
{
    ct_site at = ct_var_site(x);
    return nn_gate(at, x, ct_sigmoid_at(at, nn_gate_tanh_argument(at, x)), NN_GATE_TANH);
}
