/* SPDX-License-Identifier: MIT */
/* SplitMeanFlow (Guo et al., arXiv 2507.16884). The way from t to r is the way to any s between and on from there,
 *
 *     (t - r) u(z_t, r, t) = (t - s) u(z_t, s, t) + (s - r) u(z_s, r, s),    z_s = z_t - (t - s) u(z_t, s, t),
 *
 * so that u is regressed on lambda u(z_t, s, t) + (1 - lambda) u(z_s, r, s), held fixed, lambda = (t - s) / (t - r): two evaluations and no JVP. Data
 * come in where r = t alone. */
#include "mf_step.h"

/* Of late rows. */
static ct_var *split_target(const mf_step *step)
{
    if (step->equal == step->batch)
        return NULL;
    ct_var *z = mf_late(step, step->z), *t = mf_late(step, step->draw->t), *r = mf_late(step, step->draw->r);
    ct_var *lambda = mf_late(step, step->draw->split), *way = ct_mul(lambda, ct_sub(t, r)), *s = ct_sub(t, way);
    ct_var *first = mf_frozen(step, z, t, s);
    ct_var *second = mf_frozen(step, ct_sub(z, ct_mul(mf_rows(way, z), first)), s, r);
    lambda = mf_rows(lambda, z);
    return ct_add(ct_mul(lambda, first), ct_mul(ct_affine(lambda, -1, 1), second));
}

ct_var *mf_split(mf_step *step, mf_loss *out)
{
    (void)out;
    mf_evaluate_guidance(step, step->equal, false);
    mf_evaluate(step, step->draw->r);
    return ct_sub(step->u, mf_target(step, mf_join(mf_early_velocity(step), split_target(step))));
}
