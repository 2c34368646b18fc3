/* SPDX-License-Identifier: MIT */
/* Layer, RMS and group norm. */
#include "layer.h"
#include <math.h>

/* x / sqrt(mean(x^2) + epsilon) over the last axis. */
static ct_var *unit(nn_scope s, ct_var *x, double epsilon)
{
    ct_var *power = ct_mean_keep_at(s.at, ct_square_at(s.at, x), CT_AXES(-1));
    ct_var *shifted = ct_affine_at(s.at, power, 1, epsilon ? epsilon : 1e-5);
    return ct_mul_at(s.at, x, ct_pow_at(s.at, shifted, -0.5));
}

/* x less its mean over the last axis. The largest element is taken off first: then a row of equal numbers is exactly 0, where the rounding of its
 * mean would be made a large part of the result, as it is divided by itself. That shift cancels out, so its derivative is zero. */
static ct_var *centred(nn_scope s, ct_var *x)
{
    ct_var *shift = ct_stop_gradient_at(s.at, ct_max_keep_at(s.at, x, CT_AXES(-1)));
    ct_var *z = ct_sub_at(s.at, x, shift);
    return ct_sub_at(s.at, z, ct_mean_keep_at(s.at, z, CT_AXES(-1)));
}

/* Parameter `name` [count], seen as [count, 1, ...] with `trailing` ones. */
static ct_var *along(nn_scope s, const char *name, int64_t count, int trailing, nn_init init)
{
    ct_var *p = nn_layer_param(s, name, CT_SHAPE(count), (nn_init){0}, init);
    ct_shape shape = {1 + trailing, {count}};
    for (int i = 1; i <= trailing; i++)
        shape.dim[i] = 1;
    return trailing ? ct_reshape_at(s.at, p, shape) : p;
}

static ct_var *affine(nn_scope s, ct_var *y, int64_t count, int trailing)
{
    y = ct_mul_at(s.at, y, along(s, "weight", count, trailing, NN_ONES));
    return ct_add_at(s.at, y, along(s, "bias", count, trailing, NN_ZEROS));
}

static bool check_epsilon(nn_scope s, const char *layer, double epsilon)
{
    return (epsilon >= 0 && epsilon < INFINITY) || nn_fail(s, CT_E_ARGUMENT, layer, "epsilon is %g, expected a positive number", epsilon);
}

ct_var *nn_layer_norm(nn_scope s, ct_var *x, nn_norm_options options)
{
    if (!nn_layer_input(s, "layer_norm", x, 1, CT_MAX_RANK) || !check_epsilon(s, "layer_norm", options.epsilon))
        return NULL;
    ct_var *y = unit(s, centred(s, x), options.epsilon);
    return options.no_affine ? y : affine(s, y, ct_var_dim(x, -1), 0);
}

ct_var *nn_rms_norm(nn_scope s, ct_var *x, nn_norm_options options)
{
    if (!nn_layer_input(s, "rms_norm", x, 1, CT_MAX_RANK) || !check_epsilon(s, "rms_norm", options.epsilon))
        return NULL;
    ct_var *y = unit(s, x, options.epsilon);
    return options.no_affine ? y : ct_mul_at(s.at, y, along(s, "weight", ct_var_dim(x, -1), 0, NN_ONES));
}

/* Of one row, which may be of an empty batch. */
static int64_t group_size(ct_shape x, int64_t groups)
{
    int64_t size = 1;
    for (int i = 1; i < x.rank; i++)
        size *= x.dim[i];
    return size / groups;
}

ct_var *nn_group_norm(nn_scope s, ct_var *x, int64_t groups, nn_norm_options options)
{
    if (!nn_layer_input(s, "group_norm", x, 2, CT_MAX_RANK) || !check_epsilon(s, "group_norm", options.epsilon))
        return NULL;
    ct_shape shape = ct_var_shape(x);
    int64_t channels = shape.dim[1];
    if (groups < 1 || channels % groups)
        return nn_fail(s, CT_E_SHAPE, "group_norm", "%lld groups must divide the %lld channels of input %s",
                       (long long)groups, (long long)channels, CT_VAR_TEXT(x));
    ct_var *grouped = ct_reshape_at(s.at, x, CT_SHAPE(shape.dim[0], groups, group_size(shape, groups)));
    ct_var *y = ct_reshape_at(s.at, unit(s, centred(s, grouped), options.epsilon), shape);
    return options.no_affine ? y : affine(s, y, channels, shape.rank - 2);
}
