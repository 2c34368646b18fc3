/* SPDX-License-Identifier: MIT */
/* alpha-Flow (Zhang et al., arXiv 2510.20771). Between flow matching along the trajectory (alpha = 1) and MeanFlow (alpha to 0), without a JVP: with
 *
 *     s = t - alpha (t - r),    z_s = z - (t - s) v,
 *
 * u is regressed on alpha v + (1 - alpha) u(z_s, r, s), held fixed. What is left, u less this, is alpha times what MeanFlow leaves, but for terms in
 * alpha^2: hence the weight alpha / (L + c) of the authors, or for any p alpha^(2 p - 1) / (L + c)^p. */
#include "mf_step.h"

/* Of late rows. */
static ct_var *trajectory_target(const mf_step *step, ct_var *v)
{
    ct_var *alpha = step->draw->alpha;
    if (!alpha || !v)
        return v;
    ct_var *t = mf_late(step, step->draw->t), *r = mf_late(step, step->draw->r);
    ct_var *jump = ct_mul(alpha, ct_sub(t, r));
    ct_var *z = ct_sub(mf_late(step, step->z), ct_mul(mf_rows(jump, v), v));
    ct_var *rest = mf_frozen(step, z, ct_sub(t, jump), r);
    return ct_add(ct_mul(alpha, v), ct_mul(ct_affine(alpha, -1, 1), rest));
}

/* 1 in early rows. */
static ct_var *row_weight(const mf_step *step)
{
    ct_var *factor = ct_pow(step->draw->alpha, 2 * step->options->p - 1), *one = ct_ones_like(step->draw->t);
    return mf_join(mf_part(one, 0, step->equal), ct_mul(mf_late(step, one), factor));
}

ct_var *mf_alpha_flow(mf_step *step, mf_loss *out)
{
    (void)out;
    mf_evaluate_guidance(step, step->batch, false);
    mf_evaluate(step, step->draw->r);
    ct_var *early = mf_early_velocity(step), *late = trajectory_target(step, mf_late_velocity(step));
    if (step->draw->alpha && late)
        step->weight = row_weight(step);
    return ct_sub(step->u, mf_target(step, mf_join(early, late)));
}
