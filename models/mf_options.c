/* The choices of a MeanFlow training: the official ones, and what is refused. */
#include <cotangent/meanflow.h>

#include <math.h>

mf_options mf_options_default(void)
{
    return (mf_options){.time = MF_LOGIT_NORMAL, .time_mean = -0.4, .time_deviation = 1, .unequal_share = 0.25, .p = 1, .c = 0.01,
                        .class_dropout = 0.1, .prefix_dropout = true, .omega = 1, .kappa = 0, .guidance_low = 0, .guidance_high = 1};
}

static bool check_range(const char *name, double value, double low, double high, ct_error *err)
{
    if (value >= low && value <= high)
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "mf_options: %s is %g, expected %g to %g", name, value, low, high);
}

static bool check_time(const mf_options *o, ct_error *err)
{
    if (o->time == MF_UNIFORM)
        return true;
    if (o->time != MF_LOGIT_NORMAL)
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: time is %d, expected MF_LOGIT_NORMAL or MF_UNIFORM", (int)o->time);
    return check_range("time_mean", o->time_mean, -20, 20, err) && check_range("time_deviation", o->time_deviation, 0, 20, err);
}

bool mf_options_check(const mf_options *o, ct_error *err)
{
    if (!(o->c > 0 && isfinite(o->c)))
        return ct_fail(err, CT_E_ARGUMENT, "mf_options: c is %g, expected more than 0 (it is added to the sum over pixels)", o->c);
    return check_time(o, err) && check_range("unequal_share", o->unequal_share, 0, 1, err) && check_range("p", o->p, 0, 10, err) &&
           check_range("class_dropout", o->class_dropout, 0, 1, err) && check_range("omega", o->omega, -100, 100, err) &&
           check_range("kappa", o->kappa, -100, 100, err) && check_range("guidance_low", o->guidance_low, 0, 1, err) &&
           check_range("guidance_high", o->guidance_high, o->guidance_low, 1, err);
}
