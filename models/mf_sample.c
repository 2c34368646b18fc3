/* Sampling: jumps along the average velocity, one or several. */
#include "mf_rows.h"

static double time_at(int i, int n, const double *time)
{
    return time ? time[i] : (double)(n - i) / n;
}

static bool check_times(nn_scope s, int n, const double *time)
{
    if (n < 1)
        return nn_fail(s, CT_E_ARGUMENT, "mf_sample", "%d steps, expected at least 1", n) != NULL;
    for (int i = 0; i < n; i++)
        if (!(time_at(i, n, time) > time_at(i + 1, n, time)))
            return nn_fail(s, CT_E_ARGUMENT, "mf_sample", "times %d and %d are %g and %g, expected falling ones", i, i + 1,
                           time_at(i, n, time), time_at(i + 1, n, time)) != NULL;
    if (time_at(0, n, time) != 1 || time_at(n, n, time) != 0)
        return nn_fail(s, CT_E_ARGUMENT, "mf_sample", "times run from %g to %g, expected 1 to 0", time_at(0, n, time),
                       time_at(n, n, time)) != NULL;
    return true;
}

ct_var *mf_sample(nn_scope s, flow_net net, ct_var *z, ct_var *label, int n, const double *time)
{
    if (!z || !label || !check_times(s, n, time))
        return NULL;
    ct_shape batch = CT_SHAPE(ct_var_dim(z, 0));
    for (int i = 0; i < n && z; i++) {
        double t = time_at(i, n, time), r = time_at(i + 1, n, time);
        ct_var *u = flow_apply(net, s, z, ct_full(s.graph, ct_var_dtype(z), batch, t), ct_full(s.graph, ct_var_dtype(z), batch, r), label);
        z = ct_sub(z, ct_scale(u, t - r));
    }
    return z;
}
