/* SPDX-License-Identifier: MIT */
/* Softmax and its logarithm. The maximum that keeps them from overflowing cancels out of the value, so its derivative is zero: it
 * stands under stop_gradient. */
#include <cotangent/layers.h>

static ct_var *below_max(ct_var *x, int axis)
{
    ct_site at = ct_var_site(x);
    return ct_sub_at(at, x, ct_stop_gradient_at(at, ct_max_keep_at(at, x, CT_AXES(axis))));
}

ct_var *nn_softmax(ct_var *x, int axis)
{
    ct_site at = ct_var_site(x);
    ct_var *e = ct_exp_at(at, below_max(x, axis));
    return ct_div_at(at, e, ct_sum_keep_at(at, e, CT_AXES(axis)));
}

ct_var *nn_log_softmax(ct_var *x, int axis)
{
    ct_site at = ct_var_site(x);
    ct_var *z = below_max(x, axis);
    return ct_sub_at(at, z, ct_log_at(at, ct_sum_keep_at(at, ct_exp_at(at, z), CT_AXES(axis))));
}
