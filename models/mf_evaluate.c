/* Evaluations of the network: the one that learns, and those that only help. */
#include "mf_step.h"

void mf_evaluate(mf_step *step, ct_var *r)
{
    step->r = ct_alias(r);
    step->u = flow_apply(step->net, step->s, step->z, step->draw->t, step->r, step->label);
}

static flow_guidance guidance_part(flow_guidance g, int64_t from, int64_t to)
{
    return (flow_guidance){mf_part(g.omega, from, to), mf_part(g.low, from, to), mf_part(g.high, from, to)};
}

ct_var *mf_frozen(const mf_step *step, int64_t from, ct_var *z, ct_var *t, ct_var *r)
{
    flow_net net = step->net;
    int64_t to = from + ct_var_dim(z, 0);
    net.guidance = guidance_part(net.guidance, from, to);
    return ct_stop_gradient(flow_apply(net, step->s, z, t, r, mf_part(step->label, from, to)));
}
