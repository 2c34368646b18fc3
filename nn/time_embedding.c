/* SPDX-License-Identifier: MIT */
/* Sinusoids of a time, and the small network on them that conditions a model on it. */
#include "layer.h"
#include <math.h>

/* The frequencies are worked out in float64: a phase of hundreds of radians keeps few enough digits in float32. */
ct_var *nn_sinusoid(ct_var *t, int64_t width, double max_period, double scale)
{
    ct_site at = ct_var_site(t);
    if (!t)
        return NULL;
    if (ct_var_rank(t) != 1 || width < 2 || width % 2 || !(max_period > 0 && max_period < INFINITY) || !isfinite(scale))
        return ct_graph_fail(ct_var_graph(t), CT_E_SHAPE, at, "sinusoid: width %lld, period %g, scale %g: expects t [batch], an even width, a positive period and a "
                             "finite scale: %s", (long long)width, max_period, scale, CT_VAR_TEXT(t));
    int64_t half = width / 2;
    ct_var *j = ct_iota_at(at, ct_var_graph(t), CT_F64, half);
    ct_var *period_power = ct_exp_at(at, ct_affine_at(at, j, -log(max_period) / (double)half, 0));
    ct_var *frequency = ct_affine_at(at, period_power, scale, 0);
    ct_var *column = ct_reshape_at(at, t, CT_SHAPE(ct_var_dim(t, 0), 1));
    ct_var *phase = ct_mul_at(at, column, ct_cast_at(at, frequency, ct_var_dtype(t)));
    return ct_concat_at(at, 2, (ct_var *[]){ct_cos_at(at, phase), ct_sin_at(at, phase)}, 1);
}

ct_var *(nn_time_embedding)(nn_scope s, ct_var *t, int64_t width, const nn_time_options *options)
{
    if (!nn_layer_input(s, "time_embedding", t, 1, 1))
        return NULL;
    nn_linear_options linear = {.weight = nn_init_or(options->weight, NN_NORMAL(0.02)), .bias = NN_ZEROS};
    int64_t frequencies = options->frequencies ? options->frequencies : 256;
    if (frequencies < 2 || frequencies % 2 || !isfinite(options->scale) || width < 1)
        return nn_fail(s, CT_E_ARGUMENT, "time_embedding", "%lld frequencies, scale %g, width %lld, expected an even number of frequencies, a finite scale "
                       "and a width of 1 or more", (long long)frequencies, options->scale, (long long)width);
    ct_var *waves = nn_sinusoid(t, frequencies, 10000, options->scale ? options->scale : 1);
    ct_var *hidden = waves ? nn_linear_with(layer_part(s, "mlp.0"), waves, width, linear) : NULL;
    return nn_linear_with(layer_part(s, "mlp.2"), nn_silu(hidden), width, linear);
}
