/* SPDX-License-Identifier: MIT */
/* The times a sampler steps through. */
#include "mf_time_list.h"

#include <cotangent/ops.h>

double mf_time_at(int i, int n, const double *time)
{
    return time ? time[i] : (double)(n - i) / n;
}

bool mf_sampler_check(nn_scope s, const char *sampler, const ct_var *z, const ct_var *label, int n, const double *time)
{
    if (!z || !label)
        return nn_fail(s, CT_E_ARGUMENT, sampler, "%s is NULL", z ? "label" : "z") != NULL;
    if (n < 1)
        return nn_fail(s, CT_E_ARGUMENT, sampler, "%d steps, expected at least 1", n) != NULL;
    for (int i = 0; i < n; i++)
        if (!(mf_time_at(i, n, time) > mf_time_at(i + 1, n, time)))
            return nn_fail(s, CT_E_ARGUMENT, sampler, "times %d and %d are %g and %g, expected falling ones", i, i + 1,
                           mf_time_at(i, n, time), mf_time_at(i + 1, n, time)) != NULL;
    if (mf_time_at(0, n, time) != 1 || mf_time_at(n, n, time) != 0)
        return nn_fail(s, CT_E_ARGUMENT, sampler, "times run from %g to %g, expected 1 to 0", mf_time_at(0, n, time),
                       mf_time_at(n, n, time)) != NULL;
    return true;
}

ct_var *mf_evaluate_at(nn_scope s, mf_flow_net net, ct_var *z, double t, double r, ct_var *label)
{
    ct_shape batch = CT_SHAPE(ct_var_dim(z, 0));
    ct_dtype dtype = ct_var_dtype(z);
    return z ? mf_flow_apply(net, s, z, ct_full(s.graph, dtype, batch, t), ct_full(s.graph, dtype, batch, r), label) : NULL;
}
