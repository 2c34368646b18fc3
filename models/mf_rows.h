/* One number per row against whole images. */
#ifndef MODELS_MF_ROWS_H
#define MODELS_MF_ROWS_H

#include <cotangent/meanflow.h>
#include <cotangent/ops.h>

/* row [batch] -> [batch, 1, ...] of x's rank, so that it broadcasts against x. */
static inline ct_var *mf_rows(ct_var *row, ct_var *x)
{
    ct_shape shape = {ct_var_rank(x), {ct_var_dim(x, 0)}};
    for (int i = 1; i < shape.rank; i++)
        shape.dim[i] = 1;
    return ct_reshape(row, shape);
}

/* The velocity to regress on: v, or its mixture with the network's own velocities, without gradient, in rows that are guided. */
ct_var *mf_guided_velocity(nn_scope s, flow_net net, ct_var *z, ct_var *v, const mf_draw *draw, int64_t classes, const mf_options *o);

#endif
