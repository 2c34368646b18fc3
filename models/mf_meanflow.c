/* SPDX-License-Identifier: MIT */
/* MeanFlow (Geng et al., arXiv 2505.13447). Differentiating (t - r) u = integral of v from r to t along the trajectory, dz/dt = v, gives the identity
 *
 *     u = v - (t - r) du/dt,    du/dt = v du/dz + du/dt|z,
 *
 * and u is regressed on its right side, held fixed (their Algorithm 1). */
#include "mf_step.h"

ct_var *mf_meanflow(mf_step *step, mf_loss *out)
{
    mf_evaluate_guidance(step, step->batch, false);
    ct_var *late = mf_late_velocity(step);
    mf_evaluate(step, step->draw->r);
    mf_derivative(step, mf_is_guided(step) ? late : NULL, out);
    ct_var *v = mf_is_guided(step) ? mf_join(mf_early_velocity(step), late) : step->v;
    return ct_sub(step->u, mf_target(step, ct_sub(v, ct_mul(mf_interval(step), out->du_dt))));
}
