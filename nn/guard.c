/* SPDX-License-Identifier: MIT */
/* Steps that change nothing where a number is not finite. */
#include "train_impl.h"

static const ct_site NOWHERE = {0};

/* 1 where x is finite, else 0: x - x is 0 for finite x, and NaN for infinity and NaN. */
static ct_var *is_finite(ct_var *x)
{
    return ct_equal_at(NOWHERE, ct_sub_at(NOWHERE, x, x), ct_zeros_like_at(NOWHERE, x));
}

static bool may_guard(nn_train *t, const ct_var *allow)
{
    if (!t || ct_graph_error(t->graph))
        return false;
    if (t->updated)
        return nn_train_fail(t, CT_E_ARGUMENT, "guard: the optimizer is there already: guard before it");
    if (t->taken)
        return nn_train_fail(t, CT_E_ARGUMENT, "guard: there is a guard already");
    if (allow && (ct_shape_count(ct_var_shape(allow)) != 1 || ct_var_dtype(allow) != t->dtype))
        return nn_train_fail(t, CT_E_SHAPE, "guard: expects its permission as one number in %s, got %s",
                          ct_dtype_name(t->dtype), CT_VAR_TEXT(allow));
    return true;
}

ct_var *nn_train_guard(nn_train *t, ct_var *allow)
{
    if (!may_guard(t, allow))
        return NULL;
    ct_var *loss = ct_cast_at(NOWHERE, ct_reshape_at(NOWHERE, t->loss, CT_SCALAR), t->dtype);
    ct_var *norm = nn_train_grad_norm(t);  /* optimizers keep squares: these must be finite too */
    ct_var *taken = ct_mul_at(NOWHERE, is_finite(loss), is_finite(ct_square_at(NOWHERE, norm)));
    ct_var *zero = ct_scalar_at(NOWHERE, t->graph, t->dtype, 0);
    t->taken = allow ? ct_mul_at(NOWHERE, taken, ct_greater_at(NOWHERE, ct_reshape_at(NOWHERE, allow, CT_SCALAR), zero)) : taken;
    return t->taken;
}
