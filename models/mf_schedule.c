/* SPDX-License-Identifier: MIT */
/* Objectives that change as training goes on: the options at a step, where they change, and alpha between. */
#include <cotangent/meanflow.h>
#include <cotangent/ops.h>

#include <math.h>

static double middle(const mf_options *o)
{
    return 0.5 * ((double)o->alpha_start + (double)o->alpha_end);
}

/* alpha = sigmoid(-slope (step - middle)) */
static double slope(const mf_options *o)
{
    return o->alpha_gamma / ((double)o->alpha_end - (double)o->alpha_start);
}

/* Steps from the middle to where alpha is alpha_snap, and from where it is 1 less that to the middle. */
static double half_width(const mf_options *o)
{
    double length = (double)o->alpha_end - (double)o->alpha_start;
    return fmin(log(1 / o->alpha_snap - 1) / slope(o), 0.5 * length);
}

/* The first step at which alpha is less than 1, and the first at which it is 0. */
static int64_t falling(const mf_options *o)
{
    return (int64_t)floor(middle(o) - half_width(o)) + 1;
}

static int64_t over(const mf_options *o)
{
    return (int64_t)ceil(middle(o) + half_width(o));
}

static bool is_scheduled(const mf_options *o)
{
    return o->objective == MF_ALPHA && o->alpha_end > 0;
}

double mf_alpha_at(const mf_options *o, int64_t step)
{
    if (o->alpha_end == 0 || step < falling(o))
        return 1;
    return step >= over(o) ? 0 : 1 / (1 + exp(slope(o) * ((double)step - middle(o))));
}

ct_var *mf_alpha(ct_graph *g, ct_dtype dtype, const mf_options *o)
{
    if (o->alpha_end == 0)
        return ct_scalar(g, dtype, 1);
    ct_var *step = ct_step(g, dtype);
    ct_var *wave = ct_sigmoid(ct_affine(ct_shift(step, -middle(o)), -slope(o), 0));
    wave = ct_maximum(wave, ct_scalar(g, dtype, mf_alpha_at(o, over(o) - 1)));
    return ct_select(ct_greater(ct_scalar(g, dtype, (double)falling(o) - 0.5), step), ct_scalar(g, dtype, 1), wave);
}

mf_options mf_options_at(const mf_options *o, int64_t step)
{
    mf_options now = *o;
    now.matching_steps = 0;
    if (step < o->matching_steps) {
        now.objective = MF_MATCHING;
    } else if (is_scheduled(o) && step < falling(o)) {
        now.alpha_end = 0;
    } else if (is_scheduled(o) && step >= over(o)) {
        now.objective = MF_MEANFLOW;
    }
    return now;
}

int64_t mf_options_change(const mf_options *o, int64_t step)
{
    if (step < o->matching_steps)
        return o->matching_steps;
    if (is_scheduled(o) && step < falling(o))
        return falling(o);
    return is_scheduled(o) && step < over(o) ? over(o) : -1;
}
