/* SPDX-License-Identifier: MIT */
/* Exponential moving averages of the parameters. */
#include "train_impl.h"

static bool check(nn_train *t, const nn_params *ema, double decay)
{
    if (!t || ct_graph_error(t->graph))
        return false;
    if (!t->updated)
        return nn_train_fail(t, CT_E_ARGUMENT, "ema: there is no optimizer yet: it averages the values after the update");
    if (!ema || ema == t->params || nn_params_dtype(ema) != t->dtype)
        return nn_train_fail(t, CT_E_ARGUMENT, "ema: expects a set of its own in %s", ct_dtype_name(t->dtype));
    if (!(decay >= 0 && decay <= 1))
        return nn_train_fail(t, CT_E_ARGUMENT, "ema: decay %g, expected a number from 0 to 1", decay);
    return true;
}

/* old + (1 - decay) (new - old): where nothing changes the average stays, to the last bit. With decay old + (1 - decay) new it would drift, by what
 * the two factors miss of 1 each step. */
static ct_var *averaged(ct_var *old, ct_var *new, double decay)
{
    ct_site at = ct_var_site(new);
    return decay == 0 ? new : ct_add_at(at, old, ct_affine_at(at, ct_sub_at(at, new, old), 1 - decay, 0));
}

static bool average(nn_train *t, nn_params *ema, double decay, const trained *item)
{
    ct_site at = ct_var_site(item->param);
    ct_var *old = nn_params_node(t->graph, at, ema, item->name, ct_var_shape(item->param), NN_ZEROS);
    return nn_train_assign(t, old, averaged(old, item->next, decay));
}

/* Parameters that are not trained are copied too, so that the average is a whole model; see nn_train_add_states for those that change. */
bool nn_train_ema(nn_train *t, nn_params *ema, double decay)
{
    ct_error err;
    if (!check(t, ema, decay))
        return false;
    if (!nn_params_add_copies(ema, t->params, &err))
        return nn_train_fail(t, err.code, "ema: %s", err.message);
    for (int64_t i = 0; i < t->count; i++)
        if (!average(t, ema, decay, &t->items[i]))
            return false;
    return nn_train_add_average(t, ema);
}
