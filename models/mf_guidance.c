/* Classifier-free guidance inside the target: omega v + (1 - omega - kappa) u(z, t, t | null) + kappa u(z, t, t | label). */
#include "mf_rows.h"

#include <math.h>

/* factor u(z, t, t | label) without gradient, added to sum; nothing is evaluated for a factor of zero. */
static ct_var *add_velocity(nn_scope s, flow_net net, ct_var *sum, double factor, ct_var *z, ct_var *t, ct_var *label)
{
    if (fabs(factor) < 1e-12)
        return sum;
    ct_var *u = ct_stop_gradient(flow_apply(net, s, z, t, t, label));
    return ct_add(sum, ct_scale(u, factor));
}

/* 1 in rows with a label and low <= t <= high. */
static ct_var *guided_rows(const mf_draw *draw, const mf_options *o)
{
    ct_graph *g = ct_var_graph(draw->t);
    ct_dtype dtype = ct_var_dtype(draw->t);
    ct_var *below = ct_greater(ct_scalar(g, dtype, o->guidance_low), draw->t);
    ct_var *above = ct_greater(draw->t, ct_scalar(g, dtype, o->guidance_high));
    return ct_mul(draw->kept, ct_affine(ct_add(below, above), -1, 1));
}

ct_var *mf_guided_velocity(nn_scope s, flow_net net, ct_var *z, ct_var *v, const mf_draw *draw, int64_t classes, const mf_options *o)
{
    if (o->omega == 1 && o->kappa == 0)
        return v;
    ct_var *null = ct_full(s.graph, CT_I32, ct_var_shape(draw->label), (double)classes);
    ct_var *guided = ct_scale(v, o->omega);
    guided = add_velocity(s, net, guided, 1 - o->omega - o->kappa, z, draw->t, null);
    guided = add_velocity(s, net, guided, o->kappa, z, draw->t, draw->label);
    return ct_select(mf_rows(guided_rows(draw, o), v), guided, v);
}
