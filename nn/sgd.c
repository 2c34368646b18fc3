/* SPDX-License-Identifier: MIT */
/* Stochastic gradient descent, with momentum as PyTorch has it. */
#include "train_impl.h"
#include <math.h>

/* m' = momentum m + g; the direction is m', or with Nesterov's correction g + momentum m'. */
static ct_var *with_momentum(nn_train *t, nn_params *state, int64_t i, ct_var *g, const nn_sgd_options *o)
{
    ct_site at = ct_var_site(g);
    ct_var *m = nn_train_state(t, state, "m", i);
    ct_var *next = ct_add_at(at, ct_affine_at(at, m, o->momentum, 0), g);
    if (!nn_train_assign(t, m, next))
        return NULL;
    return o->nesterov ? ct_add_at(at, g, ct_affine_at(at, next, o->momentum, 0)) : next;
}

static bool update(nn_train *t, nn_params *state, int64_t i, ct_var *lr, const nn_sgd_options *o)
{
    ct_var *p = t->items[i].param, *g = t->items[i].grad;
    ct_site at = ct_var_site(p);
    if (o->weight_decay != 0)
        g = ct_add_at(at, g, ct_affine_at(at, p, o->weight_decay, 0));
    if (o->momentum != 0)
        g = with_momentum(t, state, i, g, o);
    return nn_train_set_next(t, i, ct_sub_at(at, p, ct_mul_at(at, g, lr)));
}

bool nn_train_sgd(nn_train *t, nn_params *state, ct_var *lr, nn_sgd_options options)
{
    if (!nn_train_begin_update(t, "sgd", state, &lr))
        return false;
    if (!isfinite(options.momentum) || !isfinite(options.weight_decay))
        return nn_train_fail(t, CT_E_ARGUMENT, "sgd: momentum %g, weight decay %g: expected finite numbers", options.momentum, options.weight_decay);
    if (options.momentum != 0 && !state)
        return nn_train_fail(t, CT_E_ARGUMENT, "sgd: momentum needs a set for its state");
    if (options.nesterov && options.momentum == 0)
        return nn_train_fail(t, CT_E_ARGUMENT, "sgd: nesterov needs a momentum");
    for (int64_t i = 0; i < t->count; i++)
        if (!update(t, state, i, lr, &options))
            return false;
    return true;
}
