/* SPDX-License-Identifier: MIT */
/* Improved MeanFlow (Geng et al., arXiv 2512.02012). The average velocity is learnt through the instantaneous one that it stands for,
 *
 *     V = u + (t - r) sg(du/dt),    regressed on v,    du/dt = u(z, t, t) du/dz + du/dt|z.
 *
 * For the regression to end at the marginal velocity, V has to be a function of z, r and t. So z moves with the network's own velocity, where
 * MeanFlow has e - x; with that the two would be one loss. */
#include "mf_step.h"

ct_var *mf_improved(mf_step *step, mf_loss *out)
{
    mf_evaluate_guidance(step, step->batch, true);
    ct_var *late = mf_late_velocity(step);
    mf_evaluate(step, step->draw->r);
    mf_derivative(step, step->own, out);
    ct_var *v = mf_is_guided(step) ? mf_join(mf_early_velocity(step), late) : step->v;
    ct_var *instantaneous = ct_add(step->u, ct_mul(mf_interval(step), out->du_dt));
    return ct_sub(instantaneous, v);
}
