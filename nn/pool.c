/* SPDX-License-Identifier: MIT */
/* Pooling over squares that do not overlap, and nearest-neighbour up-sampling: reshapes around a reduction or a broadcast. */
#include "layer.h"

/* [n, c, h, w] as [n, c, h/size, size, w/size, size]. */
static ct_var *windows(const char *function, ct_var *x, int64_t size)
{
    ct_shape d = ct_var_shape(x);
    if (!x)
        return NULL;
    if (d.rank != 4 || size < 1 || d.dim[2] % size || d.dim[3] % size)
        return ct_graph_fail(ct_var_graph(x), CT_E_SHAPE, ct_var_site(x),
                             "%s: expects [n, c, h, w] with h and w divisible by the size, which is %lld: %s", function,
                             (long long)size, CT_VAR_TEXT(x));
    return ct_reshape_at(ct_var_site(x), x, CT_SHAPE(d.dim[0], d.dim[1], d.dim[2] / size, size, d.dim[3] / size, size));
}

ct_var *nn_max_pool2d(ct_var *x, int64_t size)
{
    return ct_max_at(ct_var_site(x), windows("max_pool2d", x, size), CT_AXES(3, 5));
}

ct_var *nn_avg_pool2d(ct_var *x, int64_t size)
{
    return ct_mean_at(ct_var_site(x), windows("avg_pool2d", x, size), CT_AXES(3, 5));
}

ct_var *nn_upsample_nearest2d(ct_var *x, int64_t factor)
{
    ct_site at = ct_var_site(x);
    ct_shape d = ct_var_shape(x);
    if (!x)
        return NULL;
    if (d.rank != 4 || factor < 1)
        return nn_plain_fail(x, "upsample_nearest2d", "expects [n, c, h, w] and a factor of 1 or more");
    int64_t n = d.dim[0], c = d.dim[1], h = d.dim[2], w = d.dim[3];
    ct_var *cells = ct_reshape_at(at, x, CT_SHAPE(n, c, h, 1, w, 1));
    ct_var *spread = ct_broadcast_at(at, cells, CT_SHAPE(n, c, h, factor, w, factor));
    return spread ? ct_reshape_at(at, spread, CT_SHAPE(n, c, h * factor, w * factor)) : NULL;  /* which is known to fit */
}
