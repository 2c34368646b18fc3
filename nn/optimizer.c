/* SPDX-License-Identifier: MIT */
/* What optimizers share: their own tensors, and the assignments that make an update. */
#include "train_impl.h"

bool nn_train_begin_update(nn_train *t, const char *optimizer, const nn_params *state, ct_var **lr)
{
    if (!t || ct_graph_error(t->graph))
        return false;
    if (t->updated)
        return nn_train_fail(t, CT_E_ARGUMENT, "%s: there is an optimizer already", optimizer);
    if (!*lr || ct_shape_count(ct_var_shape(*lr)) != 1 || ct_var_dtype(*lr) != t->dtype)
        return nn_train_fail(t, CT_E_SHAPE, "%s: expects a learning rate of one number in %s, got %s", optimizer,
                          ct_dtype_name(t->dtype), CT_VAR_TEXT(*lr));
    if (state && nn_params_dtype(state) != t->dtype)
        return nn_train_fail(t, CT_E_DTYPE, "%s: the state is %s, but the parameters are %s", optimizer,
                          ct_dtype_name(nn_params_dtype(state)), ct_dtype_name(t->dtype));
    *lr = ct_reshape_at(ct_var_site(*lr), *lr, CT_SCALAR);
    t->updated = *lr != NULL;
    return t->updated;
}

ct_var *nn_train_state(nn_train *t, nn_params *state, const char *kind, int64_t i)
{
    ct_var *param = t->items[i].param;
    const char *name = ct_graph_text(t->graph, "%s.%s", kind, t->items[i].name);
    return name ? nn_params_node(t->graph, ct_var_site(param), state, name, ct_var_shape(param), NN_ZEROS) : NULL;
}

bool nn_train_assign(nn_train *t, ct_var *state, ct_var *value)
{
    ct_site at = ct_var_site(state);
    return nn_train_output(t, ct_assign_at(at, state, t->taken ? ct_select_at(at, t->taken, value, state) : value));
}

bool nn_train_set_next(nn_train *t, int64_t i, ct_var *next)
{
    t->items[i].next = next;
    return nn_train_assign(t, t->items[i].param, next);
}
