/* SPDX-License-Identifier: MIT */
/* The samples that an evaluation looks at. */
#ifndef EVAL_SAMPLES_H
#define EVAL_SAMPLES_H

#include "sampler.h"

/* As draw_samples, with what lies outside [-1, 1] cut off, as in a picture. CT_E_NUMERIC when a pixel is not finite. */
ct_tensor *eval_draw_samples(const mf_flow_config *net, nn_params *weights, ct_tensor *labels, const sampler_options *o,
                             ct_error *err);

#endif
