/* Classifier-free guidance inside the target: the velocity to regress on is mixed with velocities of the network itself. */
#include "mf_step.h"

#include <math.h>

/* 1 where low <= t <= high. */
static ct_var *inside(ct_var *t, ct_var *low, ct_var *high)
{
    return ct_affine(ct_add(ct_greater(low, t), ct_greater(t, high)), -1, 1);
}

/* 1 where guidance applies, whatever the label: the interval is the one the network is told, or the options'. */
static ct_var *in_force(const mf_step *step)
{
    const flow_guidance *told = &step->net.guidance;
    const mf_options *o = step->options;
    ct_var *t = step->draw->t;
    return inside(t, told->low ? told->low : ct_full_like(t, o->guidance_low), told->high ? told->high : ct_full_like(t, o->guidance_high));
}

static bool is_told(const mf_step *step)
{
    return step->net.guidance.omega != NULL;
}

/* u(z, t, t | label) of rows from .. to - 1, without gradient. A network that is told the interval is told all times, as rows with r = t are trained on no other, and with it
 * the scale that holds at t. */
static ct_var *velocity_at(const mf_step *step, ct_var *omega, ct_var *label, int64_t from, int64_t to)
{
    mf_step at = *step;
    ct_var *t = mf_part(step->draw->t, from, to);
    at.label = label;
    if (is_told(step))
        at.net.guidance.omega = omega;
    if (step->net.guidance.low) {
        at.net.guidance.low = ct_zeros_like(omega);
        at.net.guidance.high = ct_ones_like(omega);
    }
    return mf_frozen(&at, from, mf_part(step->z, from, to), t, t);
}

ct_var *mf_own_velocity(const mf_step *step, int64_t from, int64_t to)
{
    if (from == to)
        return NULL;
    if (step->u && to <= step->equal)
        return ct_stop_gradient(mf_part(step->u, from, to));
    ct_var *omega = step->net.guidance.omega;
    if (step->net.guidance.low)
        omega = ct_select(in_force(step), omega, ct_ones_like(omega));
    return velocity_at(step, omega, step->label, from, to);
}

static bool is_zero(double factor)
{
    return fabs(factor) < 1e-12;
}

void mf_evaluate_null(mf_step *step, int64_t rows)
{
    const mf_options *o = step->options;
    if (rows == 0 || (!is_told(step) && is_zero(1 - o->omega - o->kappa)))
        return;
    ct_var *null = ct_full_like(step->label, (double)step->classes);
    step->null = velocity_at(step, ct_ones_like(step->draw->t), null, 0, rows);
}

/* v + (1 - 1 / omega) (own - null) in guided rows: omega v + (1 - omega) null once own is the guided velocity that it learns. */
static ct_var *mix_as_told(const mf_step *step, ct_var *v, ct_var *own, int64_t from, int64_t to)
{
    ct_var *share = ct_mul(step->draw->kept, ct_mul(in_force(step), ct_affine(ct_recip(step->net.guidance.omega), -1, 1)));
    return ct_add(v, ct_mul(mf_rows(mf_part(share, from, to), v), ct_sub(own, mf_part(step->null, from, to))));
}

/* omega v + (1 - omega - kappa) null + kappa own in guided rows. */
static ct_var *mix(const mf_step *step, ct_var *v, ct_var *own, int64_t from, int64_t to)
{
    const mf_options *o = step->options;
    ct_var *guided = ct_scale(v, o->omega);
    if (step->null)
        guided = ct_add(guided, ct_scale(mf_part(step->null, from, to), 1 - o->omega - o->kappa));
    if (!is_zero(o->kappa))
        guided = ct_add(guided, ct_scale(own, o->kappa));
    ct_var *rows = ct_mul(step->draw->kept, in_force(step));
    return ct_select(mf_rows(mf_part(rows, from, to), v), guided, v);
}

bool mf_is_guided(const mf_step *step)
{
    return is_told(step) || step->options->omega != 1 || step->options->kappa != 0;
}

static ct_var *velocity(const mf_step *step, int64_t from, int64_t to, ct_var *own)
{
    ct_var *v = mf_part(step->v, from, to);
    if (!mf_is_guided(step) || from == to)
        return v;
    bool needs_own = is_told(step) || !is_zero(step->options->kappa);
    own = needs_own && !own ? mf_own_velocity(step, from, to) : own;
    return is_told(step) ? mix_as_told(step, v, own, from, to) : mix(step, v, own, from, to);
}

ct_var *mf_late_velocity(const mf_step *step, ct_var *own)
{
    return velocity(step, step->equal, step->batch, own);
}

ct_var *mf_early_velocity(const mf_step *step)
{
    return velocity(step, 0, step->equal, NULL);
}
