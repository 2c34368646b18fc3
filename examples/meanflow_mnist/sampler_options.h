/* SPDX-License-Identifier: MIT */
/* How samples are drawn: the sampler, its times, and the guidance that a network is told. */
#ifndef SAMPLER_OPTIONS_H
#define SAMPLER_OPTIONS_H

#include <cotangent.h>

#include "cli.h"

/* In the order of sampler_words. */
typedef enum sampler_kind { SAMPLER_JUMP, SAMPLER_EULER, SAMPLER_HEUN, SAMPLER_RENOISE } sampler_kind;

typedef struct sampler_options {
    const char *sampler;     /* one of sampler_words */
    int64_t nfe;             /* evaluations of the network for each sample */
    cli_list times;          /* from 1 down to 0; none: equal steps */
    double omega, low, high; /* for a network that is told of guidance */
    bool omega_given, interval_given;
    int64_t seed;            /* of the noise */
    int64_t threads;
} sampler_options;

/* One jump; for a network that is told of guidance, of scale 2 at all times. */
sampler_options sampler_options_default(void);

/* The options of a command line, but for nfe. */
enum { SAMPLER_CLI = 7 };
void sampler_options_list(sampler_options *o, cli_option option[SAMPLER_CLI]);

sampler_kind sampler_kind_of(const sampler_options *o);
int64_t sampler_steps(const sampler_options *o);
/* Evaluations of one step. */
int64_t sampler_step_nfe(const sampler_options *o);

/* nfe from the times, which are checked; where neither is given, that of one step. */
bool sampler_options_settle(sampler_options *o, bool nfe_given, ct_error *err);
/* Whether nfe evaluations are whole steps. */
bool sampler_check_nfe(const sampler_options *o, ct_error *err);
/* Whether the network can be told what was given. */
bool sampler_check_guidance(const sampler_options *o, const mf_flow_config *net, ct_error *err);

#endif
