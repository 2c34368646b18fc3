/* SPDX-License-Identifier: MIT */
/* Classifier-free guidance inside the target: the velocity to regress on is mixed with velocities of the network itself. */
#include "mf_step.h"

#include <math.h>

static bool is_told(const mf_step *step)
{
    return step->net.guidance.omega != NULL;
}

bool mf_is_guided(const mf_step *step)
{
    return is_told(step) || step->options->omega != 1 || step->options->kappa != 0;
}

static bool is_zero(double factor)
{
    return fabs(factor) < 1e-12;
}

static bool needs_null(const mf_step *step)
{
    return is_told(step) || !is_zero(1 - step->options->omega - step->options->kappa);
}

static bool needs_own(const mf_step *step)
{
    return is_told(step) || !is_zero(step->options->kappa);
}

/* 1 where low <= t <= high. */
static ct_var *inside(ct_var *t, ct_var *low, ct_var *high)
{
    return ct_affine(ct_add(ct_greater(low, t), ct_greater(t, high)), -1, 1);
}

/* 1 where guidance applies, whatever the label: the interval is the one the network is told, or the options'. */
static ct_var *in_force(const mf_step *step)
{
    const mf_flow_guidance *told = &step->net.guidance;
    const mf_options *o = step->options;
    ct_var *t = step->draw->t;
    return inside(t, told->low ? told->low : ct_full_like(t, o->guidance_low), told->high ? told->high : ct_full_like(t, o->guidance_high));
}

/* --- the network's own velocities ------------------------------------------------------------------------------------------ */

/* Of a row with its label, and without. */
typedef struct rows_asked {
    int64_t null, own;  /* rows 0 .. null - 1 without, rows own .. batch - 1 with */
    int64_t batch;
} rows_asked;

static ct_var *stack(const rows_asked *rows, ct_var *null, ct_var *own)
{
    return mf_join(mf_part(null, 0, rows->null), mf_part(own, rows->own, rows->batch));
}

/* A network that is told the interval is told all times here, as rows with r = t are trained on no other, and with them the scale that holds at t.
 * Without a label it is 1. */
static mf_flow_guidance told_at_t(const mf_step *step, const rows_asked *rows)
{
    mf_flow_guidance told = step->net.guidance;
    if (!is_told(step))
        return told;
    ct_var *one = ct_ones_like(told.omega);
    ct_var *omega = stack(rows, one, told.low ? ct_select(in_force(step), told.omega, one) : told.omega);
    return (mf_flow_guidance){omega, told.low ? ct_zeros_like(omega) : NULL, told.low ? ct_ones_like(omega) : NULL};
}

/* u(z, t, t) without gradient. One evaluation for both kinds of rows: two would read every weight twice. */
static ct_var *evaluate(const mf_step *step, const rows_asked *rows)
{
    mf_flow_net net = {step->net.fn, step->net.config, told_at_t(step, rows)};
    ct_var *t = stack(rows, step->draw->t, step->draw->t), *null = ct_full_like(step->draw->label, (double)step->classes);
    return ct_stop_gradient(mf_flow_apply(net, step->s, stack(rows, step->z, step->z), t, t, stack(rows, null, step->draw->label)));
}

void mf_evaluate_guidance(mf_step *step, int64_t guided, bool own)
{
    bool late = own || (needs_own(step) && guided > step->equal);
    rows_asked rows = {needs_null(step) ? guided : 0, late ? step->equal : step->batch, step->batch};
    int64_t n = rows.null + rows.batch - rows.own;
    ct_var *u = n > 0 ? evaluate(step, &rows) : NULL;
    step->null = mf_part(u, 0, rows.null);
    step->own = mf_part(u, rows.null, n);
}

/* --- their mixture ----------------------------------------------------------------------------------------------------------- */

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
    if (needs_null(step))
        guided = ct_add(guided, ct_scale(mf_part(step->null, from, to), 1 - o->omega - o->kappa));
    if (needs_own(step))
        guided = ct_add(guided, ct_scale(own, o->kappa));
    ct_var *rows = ct_mul(step->draw->kept, in_force(step));
    return ct_select(mf_rows(mf_part(rows, from, to), v), guided, v);
}

/* Of rows from .. to - 1, own being theirs. */
static ct_var *velocity(const mf_step *step, int64_t from, int64_t to, ct_var *own)
{
    ct_var *v = mf_part(step->v, from, to);
    if (!mf_is_guided(step) || from == to)
        return v;
    return is_told(step) ? mix_as_told(step, v, own, from, to) : mix(step, v, own, from, to);
}

ct_var *mf_late_velocity(const mf_step *step)
{
    return velocity(step, step->equal, step->batch, step->own);
}

ct_var *mf_early_velocity(const mf_step *step)
{
    return velocity(step, 0, step->equal, ct_stop_gradient(mf_part(step->u, 0, step->equal)));
}
