/* SPDX-License-Identifier: MIT */
/* Sampling by jumps along the average velocity, one or several. */
#include "mf_time_list.h"

#include <cotangent/ops.h>

ct_var *mf_sample(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time)
{
    if (!mf_sampler_check(s, "mf_sample", z, label, n, time))
        return NULL;
    for (int i = 0; i < n; i++) {
        double t = mf_time_at(i, n, time), r = mf_time_at(i + 1, n, time);
        z = ct_sub(z, ct_scale(mf_evaluate_at(s, net, z, t, r, label), t - r));
    }
    return z;
}
