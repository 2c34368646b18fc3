/* SPDX-License-Identifier: MIT */
/* Activations of the form x g(x), with a gate g from 0 to 1. */
#ifndef NN_GATE_H
#define NN_GATE_H

#include <cotangent/ops.h>

typedef enum nn_gate_kind {
    NN_GATE_LOGISTIC,  /* g = sigmoid(x) */
    NN_GATE_NORMAL,    /* g = erfc(-x / sqrt(2)) / 2, the normal distribution function */
    NN_GATE_TANH       /* g = sigmoid(2 u(x)), u = sqrt(2/pi) (x + 0.044715 x^3), which is nearly that */
} nn_gate_kind;

/* x g, but 0 where g is 0; g must be the gate of that kind at x. The derivative in x, g + x g', has in both modes the limits 0 and 1 at -infinity and
 * infinity, where the rule of the product would multiply an infinite x by g' = 0. */
ct_var *nn_gate(ct_site at, ct_var *x, ct_var *g, nn_gate_kind kind);
/* 2 u(x) of NN_GATE_TANH. */
ct_var *nn_gate_tanh_argument(ct_site at, ct_var *x);

#endif
