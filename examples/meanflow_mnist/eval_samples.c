/* SPDX-License-Identifier: MIT */
/* Images to measure. */
#include "eval_samples.h"

static void cut_off(ct_tensor *x)
{
    float *pixel = ct_tensor_data(x);
    for (int64_t i = 0; i < ct_tensor_count(x); i++)
        pixel[i] = pixel[i] > 1 ? 1 : pixel[i] < -1 ? -1 : pixel[i];
}

ct_tensor *eval_draw_samples(const mf_flow_config *net, nn_params *weights, ct_tensor *labels, const sampler_options *o,
                             ct_error *err)
{
    ct_tensor *x = draw_samples(net, weights, labels, o, err);
    if (x)
        cut_off(x);
    return x;
}
