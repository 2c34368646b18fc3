/* The norm of all gradients together, and scaling by it. */
#include "train_impl.h"

static const ct_site NOWHERE = {0};

ct_var *nn_train_grad_norm(nn_train *t)
{
    ct_var *sum = NULL;
    for (int64_t i = 0; i < t->count; i++) {
        ct_var *square = ct_sum_all_at(NOWHERE, ct_square_at(NOWHERE, t->items[i].grad));
        sum = sum ? ct_add_at(NOWHERE, sum, square) : square;
    }
    return ct_pow_at(NOWHERE, sum, 0.5);
}

static bool may_clip(nn_train *t, double max_norm)
{
    if (t->updated)
        return train_fail(t, CT_E_ARGUMENT, "clip: the optimizer is there already: clip before it");
    if (!(max_norm > 0))
        return train_fail(t, CT_E_ARGUMENT, "clip: the greatest norm is %g, expected a positive number", max_norm);
    return true;
}

ct_var *nn_train_clip(nn_train *t, double max_norm)
{
    if (!may_clip(t, max_norm))
        return NULL;
    ct_var *norm = nn_train_grad_norm(t);
    ct_var *ratio = ct_affine_at(NOWHERE, ct_recip_at(NOWHERE, ct_affine_at(NOWHERE, norm, 1, 1e-6)), max_norm, 0);
    ct_var *factor = ct_minimum_at(NOWHERE, ratio, ct_scalar_at(NOWHERE, t->graph, t->dtype, 1));
    for (int64_t i = 0; i < t->count; i++)
        t->items[i].grad = ct_mul_at(NOWHERE, t->items[i].grad, factor);
    return norm;
}
