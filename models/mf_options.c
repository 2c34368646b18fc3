/* SPDX-License-Identifier: MIT */
/* The choices of a training: the usual ones, and what is refused. */
#include <cotangent/meanflow.h>

#include <math.h>

mf_options mf_options_default(void)
{
    return (mf_options){.t = {MF_LOGIT_NORMAL, -0.4, 1}, .r = {.kind = MF_AS_T}, .unequal_share = 0.25, .p = 1, .c = 0.01,
                        .class_dropout = 0.1, .omega = 1, .kappa = 0, .guidance_low = 0, .guidance_high = 1, .omega_power = 1,
                        .alpha_gamma = 25, .alpha_snap = 0.005};
}

mf_options mf_options_official(void)
{
    mf_options o = mf_options_default();
    o.prefix_dropout = true;
    return o;
}

mf_options mf_options_for(mf_objective objective)
{
    mf_options o = mf_options_default();
    bool averages = objective == MF_IMPROVED || objective == MF_ALPHA || objective == MF_SPLIT;
    o.objective = objective;
    o.unequal_share = averages ? 0.5 : o.unequal_share;
    o.p = objective == MF_SPLIT || objective == MF_MATCHING ? 0 : o.p;
    return o;
}

static bool check_range(const char *name, double value, double low, double high, ct_error *err)
{
    if (value >= low && value <= high)
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "mf_options: %s is %g, expected %g to %g", name, value, low, high);
}

static bool check_time(const char *name, const mf_time *time, mf_time_kind last, ct_error *err)
{
    const char *expected = last == MF_AS_T ? "MF_LOGIT_NORMAL, MF_UNIFORM or MF_AS_T" : "MF_LOGIT_NORMAL or MF_UNIFORM";
    if ((int)time->kind < MF_LOGIT_NORMAL || time->kind > last)
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: %s.kind is %d, expected %s", name, (int)time->kind, expected);
    if (time->kind != MF_LOGIT_NORMAL || (fabs(time->mean) <= 20 && time->deviation >= 0 && time->deviation <= 20))
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "mf_options: %s is logit-normal(%g, %g), expected a mean of -20 to 20 and a deviation of 0 to 20", name,
                   time->mean, time->deviation);
}

static bool check_kinds(const mf_options *o, ct_error *err)
{
    if ((int)o->objective < MF_MEANFLOW || (int)o->objective > MF_MATCHING)
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: objective is %d, expected MF_MEANFLOW, MF_IMPROVED, MF_ALPHA, MF_SPLIT or MF_MATCHING",
                       (int)o->objective);
    if ((int)o->tangent < MF_TANGENT_V01 || (int)o->tangent > MF_TANGENT_V11)
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: tangent is %d, expected MF_TANGENT_V01, _V00, _V10 or _V11", (int)o->tangent);
    return check_time("t", &o->t, MF_UNIFORM, err) && check_time("r", &o->r, MF_AS_T, err);
}

static bool check_guidance(const mf_options *o, ct_error *err)
{
    if (o->omega_max != 0 && (o->omega != 1 || o->kappa != 0))
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: omega is %g and kappa %g, expected 1 and 0 where the scale is drawn up to omega_max, %g",
                       o->omega, o->kappa, o->omega_max);
    if (o->draw_interval && o->omega_max == 0)
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: draw_interval is set, expected omega_max of 1 or more with it");
    return check_range("omega", o->omega, -100, 100, err) && check_range("kappa", o->kappa, -100, 100, err) &&
           check_range("guidance_low", o->guidance_low, 0, 1, err) &&
           check_range("guidance_high", o->guidance_high, o->guidance_low, 1, err) &&
           (o->omega_max == 0 || check_range("omega_max", o->omega_max, 1, 100, err)) &&
           check_range("omega_power", o->omega_power, -10, 10, err);
}

static bool check_steps(const char *name, int64_t value, int64_t least, ct_error *err)
{
    if (value >= least)
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "mf_options: %s is %lld, expected at least %lld", name, (long long)value, (long long)least);
}

static bool check_schedule(const mf_options *o, ct_error *err)
{
    return check_steps("matching_steps", o->matching_steps, 0, err) && check_steps("alpha_start", o->alpha_start, 0, err) &&
           (o->alpha_end == 0 || check_steps("alpha_end", o->alpha_end, o->alpha_start + 1, err)) &&
           check_range("alpha_gamma", o->alpha_gamma, 0.1, 1e6, err) && check_range("alpha_snap", o->alpha_snap, 0, 0.4, err);
}

bool mf_options_check(const mf_options *o, ct_error *err)
{
    if (!(o->c > 0 && isfinite(o->c)))
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: c is %g, expected more than 0 (it is added to the sum over pixels)", o->c);
    if (!(o->target_limit >= 0 && isfinite(o->target_limit)))
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: target_limit is %g, expected 0 or more", o->target_limit);
    return check_kinds(o, err) && check_range("unequal_share", o->unequal_share, 0, 1, err) && check_range("p", o->p, 0, 10, err) &&
           check_range("class_dropout", o->class_dropout, 0, 1, err) && check_guidance(o, err) && check_schedule(o, err);
}
