/* Images to measure. */
#include "eval_samples.h"

#include <math.h>

static bool cut_off(ct_tensor *x, ct_error *err)
{
    float *pixel = ct_tensor_data(x);
    for (int64_t i = 0; i < ct_tensor_count(x); i++) {
        if (!isfinite(pixel[i]))
            return ct_fail(err, CT_E_NUMERIC, "a pixel of the samples is %g, expected finite numbers", pixel[i]);
        pixel[i] = pixel[i] > 1 ? 1 : pixel[i] < -1 ? -1 : pixel[i];
    }
    return true;
}

ct_tensor *eval_draw_samples(const mf_flow_config *net, nn_params *weights, ct_tensor *labels, const sampler_options *o,
                             ct_error *err)
{
    ct_tensor *x = draw_samples(net, weights, labels, o, err);
    if (!x || cut_off(x, err))
        return x;
    ct_tensor_free(x);
    return NULL;
}
