/* SPDX-License-Identifier: MIT */
/* What the parts of a training step share. */
#ifndef NN_TRAIN_IMPL_H
#define NN_TRAIN_IMPL_H

#include "params_impl.h"
#include <cotangent/ops.h>
#include <cotangent/train.h>

/* A parameter in training. */
typedef struct trained {
    const char *name;
    ct_var *param, *grad, *next;
} trained;

struct nn_train {
    ct_graph *graph;     /* a share */
    nn_params *params;   /* borrowed */
    ct_var *loss;
    ct_dtype dtype;
    int64_t count;
    trained *items;
    ct_var *taken;       /* with a guard: 1 when the step changes anything, else 0 */
    bool updated;        /* an optimizer was added */
    int64_t outputs, capacity;
    ct_var **output;
    int64_t n_averages;
    nn_params **averages;  /* borrowed: the sets of nn_train_ema */
};

/* Record an error in the graph: "train: ...". Returns false. */
bool nn_train_fail(nn_train *t, ct_code code, const char *format, ...) CT_PRINTF(3, 4);

/* Before an optimizer: there is none yet, and the state and lr are as they should be. *lr becomes a rank 0 node. */
bool nn_train_begin_update(nn_train *t, const char *optimizer, const nn_params *state, ct_var **lr);

/* The optimizer's own tensor "KIND.NAME" for parameter i, zeros at first. */
ct_var *nn_train_state(nn_train *t, nn_params *state, const char *kind, int64_t i);

/* state := value is a part of the step; under a guard, unless the step is skipped. */
bool nn_train_assign(nn_train *t, ct_var *state, ct_var *value);

/* Remember a set of averages. */
bool nn_train_add_average(nn_train *t, nn_params *ema);

/* Add to the outputs the assignments on the way to the loss; and parameters that are not trained but assigned in the graph, such as running means, are copied to all
 * averages. */
bool nn_train_add_states(nn_train *t);

/* p := next for parameter i. */
bool nn_train_set_next(nn_train *t, int64_t i, ct_var *next);

#endif
