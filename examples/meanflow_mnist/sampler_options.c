/* SPDX-License-Identifier: MIT */
/* Options of a sampler, and what they mean together. */
#include "sampler_options.h"

#include <string.h>

#include "cli_value.h"

static const char sampler_words[] = "jump|euler|heun|renoise";

sampler_options sampler_options_default(void)
{
    return (sampler_options){.sampler = "jump", .nfe = 1, .omega = 2, .low = 0, .high = 1, .seed = 1};
}

void sampler_options_list(sampler_options *o, cli_option option[SAMPLER_CLI])
{
    const cli_option options[SAMPLER_CLI] = {
        {CLI_CHOICE, "sampler", &o->sampler, .value = sampler_words,
         .help = "jumps along u(z, r, t); u(z, t, t) as a flow by Euler's or Heun's method; jumps to 0 and new noise"},
        {CLI_LIST, "times", &o->times, 0, 1, .value = "1,X,...,0",
         .help = "the times between the steps, in place of --nfe; otherwise the steps are equal"},
        {CLI_DOUBLE, "omega", &o->omega, 1, 100, .given = &o->omega_given,
         .help = "scale of guidance, 1 for none; for networks that are told (train --guided)"},
        {CLI_DOUBLE, "guidance-low", &o->low, 0, 1, .given = &o->interval_given, .help = "guidance from this time"},
        {CLI_DOUBLE, "guidance-high", &o->high, 0, 1, .given = &o->interval_given, .help = "guidance up to this time"},
        {CLI_INT, "seed", &o->seed, 0, 9007199254740992.0, .help = "the same seed gives the same samples"},
        {CLI_INT, "threads", &o->threads, 0, 1024,
         .help = "threads, 0 for one a core; the result does not depend on it"},
    };
    memcpy(option, options, sizeof options);
}

/* --- evaluations ------------------------------------------------------------------------------------------------ */

sampler_kind sampler_kind_of(const sampler_options *o)
{
    return (sampler_kind)cli_choice_place(sampler_words, o->sampler);
}

int64_t sampler_step_nfe(const sampler_options *o)
{
    return sampler_kind_of(o) == SAMPLER_HEUN ? 2 : 1;
}

int64_t sampler_steps(const sampler_options *o)
{
    return o->nfe / sampler_step_nfe(o);
}

bool sampler_check_nfe(const sampler_options *o, ct_error *err)
{
    return o->nfe % sampler_step_nfe(o) == 0 ||
           ct_fail(err, CT_E_ARGUMENT, "--nfe is %lld with --sampler %s, expected an even number: a step has two",
                   (long long)o->nfe, o->sampler);
}

static bool check_times(const cli_list *times, ct_error *err)
{
    int last = times->count - 1;
    if (last < 1 || times->value[0] != 1 || times->value[last] != 0)
        return ct_fail(err, CT_E_ARGUMENT, "--times goes from %g to %g, expected two times or more, from 1 to 0",
                       times->value[0], times->value[last]);
    for (int i = 0; i < last; i++)
        if (!(times->value[i] > times->value[i + 1]))
            return ct_fail(err, CT_E_ARGUMENT, "--times has %g before %g, expected falling times, from 1 to 0",
                           times->value[i], times->value[i + 1]);
    return true;
}

bool sampler_options_settle(sampler_options *o, bool nfe_given, ct_error *err)
{
    if (o->times.count > 0 && nfe_given)
        return ct_fail(err, CT_E_ARGUMENT, "--nfe and --times are given, expected one of them: times say how many steps");
    if (o->times.count > 0 && !check_times(&o->times, err))
        return false;
    if (o->times.count > 0)
        o->nfe = sampler_step_nfe(o) * (o->times.count - 1);
    else if (!nfe_given)
        o->nfe = sampler_step_nfe(o);
    return true;
}

/* --- guidance --------------------------------------------------------------------------------------------------- */

bool sampler_check_guidance(const sampler_options *o, const mf_flow_config *net, ct_error *err)
{
    if (o->omega_given && net->guided == MF_FLOW_UNGUIDED)
        return ct_fail(err, CT_E_ARGUMENT, "--omega is given, expected none: the network is not told of guidance "
                       "(train --guided)");
    if (o->interval_given && net->guided != MF_FLOW_OMEGA_INTERVAL)
        return ct_fail(err, CT_E_ARGUMENT, "--guidance-low or --guidance-high is given, expected neither: the network is "
                       "not told of an interval (train --guided omega,interval)");
    return o->low <= o->high || ct_fail(err, CT_E_ARGUMENT, "--guidance-low is %g and --guidance-high %g, expected "
                                        "rising ones", o->low, o->high);
}
