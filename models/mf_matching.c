/* SPDX-License-Identifier: MIT */
/* Flow matching (Lipman et al., arXiv 2210.02747) on straight paths: u(z, t, t) is regressed on v, and ends at the marginal velocity E[v | z, t]. */
#include "mf_step.h"

ct_var *mf_matching(mf_step *step, mf_loss *out)
{
    (void)out;
    mf_evaluate_guidance(step, step->batch, false);
    mf_evaluate(step, step->draw->t);
    return ct_sub(step->u, mf_early_velocity(step));
}
