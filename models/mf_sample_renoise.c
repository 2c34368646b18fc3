/* SPDX-License-Identifier: MIT */
/* Sampling by jumps all the way to the data, with new noise between (the multistep sampling of consistency models: Song et al., arXiv 2303.01469). */
#include "mf_time_list.h"

#include <cotangent/ops.h>

static bool check_noise(nn_scope s, ct_var *z, int n, ct_var *noise)
{
    ct_shape expected = {.rank = ct_var_rank(z) + 1, .dim = {n - 1}};
    if (expected.rank > CT_MAX_RANK)
        return nn_fail(s, CT_E_SHAPE, "mf_sample_renoise", "z is %s, expected fewer axes", CT_VAR_TEXT(z)) != NULL;
    for (int i = 1; i < expected.rank; i++)
        expected.dim[i] = ct_var_dim(z, i - 1);
    if (!noise || (ct_var_dtype(noise) == ct_var_dtype(z) && ct_shape_equal(ct_var_shape(noise), expected)))
        return true;
    return nn_fail(s, CT_E_SHAPE, "mf_sample_renoise", "noise is %s, expected %s %s for %d steps of z %s", CT_VAR_TEXT(noise),
                   ct_dtype_name(ct_var_dtype(z)), CT_SHAPE_TEXT(expected), n, CT_VAR_TEXT(z)) != NULL;
}

static ct_var *noise_at(int i, ct_var *z, ct_var *noise)
{
    if (!noise)
        return ct_normal(ct_var_graph(z), ct_var_dtype(z), ct_var_shape(z));
    return ct_reshape(ct_slice(noise, 0, i, i + 1, 1), ct_var_shape(z));
}

ct_var *mf_sample_renoise(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time, ct_var *noise)
{
    if (!mf_sampler_check(s, "mf_sample_renoise", z, label, n, time) || !check_noise(s, z, n, noise))
        return NULL;
    for (int i = 0; i < n; i++) {
        double t = mf_time_at(i, n, time), next = mf_time_at(i + 1, n, time);
        ct_var *x = ct_sub(z, ct_scale(mf_evaluate_at(s, net, z, t, 0, label), t));
        z = next > 0 ? ct_add(ct_scale(x, 1 - next), ct_scale(noise_at(i, z, noise), next)) : x;
    }
    return z;
}
