/* SPDX-License-Identifier: MIT */
/* Evaluations of the network: the one that learns, and those that only help. */
#include "mf_step.h"

void mf_evaluate(mf_step *step, ct_var *r)
{
    step->r = ct_alias(r);
    step->u = mf_flow_apply(step->net, step->s, step->z, step->draw->t, step->r, step->draw->label);
}

ct_var *mf_frozen(const mf_step *step, ct_var *z, ct_var *t, ct_var *r)
{
    mf_flow_guidance told = step->net.guidance;
    mf_flow_net net = {step->net.fn, step->net.config, {mf_late(step, told.omega), mf_late(step, told.low), mf_late(step, told.high)}};
    return ct_stop_gradient(mf_flow_apply(net, step->s, z, t, r, mf_late(step, step->draw->label)));
}
