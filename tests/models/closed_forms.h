/* SPDX-License-Identifier: MIT */
/* Flows whose average velocity is known exactly. */
#ifndef CLOSED_FORMS_H
#define CLOSED_FORMS_H

#include "model_case.h"

/* All data is the number x0: u = v = (z - x0) / t. */
static inline ct_var *point_mass(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)s, (void)r, (void)label, (void)guidance;
    return ct_div(ct_shift(z, -*(const double *)config), case_rows(t));
}

/* Data is normal, with this mean and deviation, in each dimension. */
typedef struct gaussian {
    double mean, deviation;
} gaussian;

/* sqrt((1 - t)^2 s^2 + t^2) */
static inline ct_var *gaussian_spread(ct_var *t, const gaussian *d)
{
    ct_var *data = ct_square(ct_scale(ct_affine(t, -1, 1), d->deviation));
    return ct_sqrt(ct_add(data, ct_square(t)));
}

/* z - (1 - t) mean */
static inline ct_var *gaussian_centred(ct_var *z, ct_var *t, const gaussian *d)
{
    return ct_sub(z, ct_scale(ct_affine(t, -1, 1), d->mean));
}

/* The marginal velocity: v = -mean + (t - (1 - t) s^2) / sigma_t^2 (z - (1 - t) mean). */
static inline ct_var *gaussian_velocity(ct_var *z, ct_var *row, const gaussian *d)
{
    ct_var *t = case_rows(row);
    ct_var *rise = ct_sub(t, ct_scale(ct_affine(t, -1, 1), d->deviation * d->deviation));
    ct_var *rate = ct_div(rise, ct_square(gaussian_spread(t, d)));
    return ct_shift(ct_mul(rate, gaussian_centred(z, t, d)), -d->mean);
}

/* The average velocity (z_t - z_r) / (t - r), z_r = (1 - r) mean + sigma_r / sigma_t (z_t - (1 - t) mean), with (sigma_t - sigma_r) / (t - r) written
 * as (t + r - s^2 (2 - t - r)) / (sigma_t + sigma_r): so it holds at r = t, too. config: gaussian. */
static inline ct_var *gaussian_flow(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)s, (void)label, (void)guidance;
    const gaussian *d = config;
    t = case_rows(t);
    r = case_rows(r);
    ct_var *spread = gaussian_spread(t, d), *sum = ct_add(t, r);
    ct_var *rise = ct_sub(sum, ct_scale(ct_affine(sum, -1, 2), d->deviation * d->deviation));
    ct_var *rate = ct_div(rise, ct_mul(ct_add(spread, gaussian_spread(r, d)), spread));
    return ct_shift(ct_mul(rate, gaussian_centred(z, t, d)), -d->mean);
}

#endif
