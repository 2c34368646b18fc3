/* SPDX-License-Identifier: MIT */
/* What options mean together. */
#include "train_settle.h"

#include "train_words.h"

/* Lengths that follow the number of steps, unless they were given; and the interval is drawn for networks that are
 * told of it. */
static void follow(train_options *o)
{
    if (!o->warmup_given && o->warmup > o->steps / 10)
        o->warmup = o->steps / 10;
    if (!o->alpha_end_given && o->flow.objective == MF_ALPHA)
        o->flow.alpha_end = o->steps;
    o->flow.draw_interval = o->net.guided == MF_FLOW_OMEGA_INTERVAL;
}

/* An average is named after its decay. */
static bool check_averages(const cli_list *decays, ct_error *err)
{
    for (int i = 0; i < decays->count; i++)
        for (int j = 0; j < i; j++)
            if (decays->value[i] == decays->value[j])
                return ct_fail(err, CT_E_ARGUMENT, "--ema has %g twice, expected different decays", decays->value[i]);
    return true;
}

static bool check_guidance(const train_options *o, ct_error *err)
{
    bool told = o->net.guided != MF_FLOW_UNGUIDED, drawn = o->flow.omega_max > 0;
    if (told && !drawn)
        return ct_fail(err, CT_E_ARGUMENT, "--guided is %s and --omega-max 0, expected the largest scale that the "
                       "network learns, 1 or more", o->guided);
    if (drawn && !told)
        return ct_fail(err, CT_E_ARGUMENT, "--omega-max is %g and --guided no, expected --guided omega or "
                       "omega,interval: scales are drawn for a network that is told of them", o->flow.omega_max);
    if (drawn && (o->flow.omega != 1 || o->flow.kappa != 0))
        return ct_fail(err, CT_E_ARGUMENT, "--omega is %g and --kappa %g with --guided %s, expected 1 and 0: the scale "
                       "is drawn, up to --omega-max", o->flow.omega, o->flow.kappa, o->guided);
    return true;
}

bool train_options_settle(train_options *o, ct_error *err)
{
    train_words_read(o);
    follow(o);
    if (o->resume && o->overwrite)
        return ct_fail(err, CT_E_ARGUMENT, "--resume goes on with the run in --out, --overwrite throws it away: "
                       "expected one of them");
    return check_averages(&o->ema, err) && check_guidance(o, err) && mf_flow_config_check(&o->net, err) &&
           mf_options_check(&o->flow, err);
}
