/* SPDX-License-Identifier: MIT */
/* Sampling by solving dz/dt = u(z, t, t), the flow's own equation, from t = 1 to t = 0. */
#include "mf_time_list.h"

#include <cotangent/ops.h>

/* z - (t - s) u(z, t, t) */
ct_var *mf_sample_euler(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time)
{
    if (!mf_sampler_check(s, "mf_sample_euler", z, label, n, time))
        return NULL;
    for (int i = 0; i < n; i++) {
        double t = mf_time_at(i, n, time), step = t - mf_time_at(i + 1, n, time);
        z = ct_sub(z, ct_scale(mf_evaluate_at(s, net, z, t, t, label), step));
    }
    return z;
}

/* With v = u(z, t, t) and z' = z - (t - s) v, Euler's step: z - (t - s) (v + u(z', s, s)) / 2. */
ct_var *mf_sample_heun(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time)
{
    if (!mf_sampler_check(s, "mf_sample_heun", z, label, n, time))
        return NULL;
    for (int i = 0; i < n; i++) {
        double t = mf_time_at(i, n, time), next = mf_time_at(i + 1, n, time), step = t - next;
        ct_var *v = mf_evaluate_at(s, net, z, t, t, label);
        ct_var *there = mf_evaluate_at(s, net, ct_sub(z, ct_scale(v, step)), next, next, label);
        z = ct_sub(z, ct_scale(ct_add(v, there), 0.5 * step));
    }
    return z;
}
