/* The nodes that a step reports. */
#include "metrics.h"

#include <math.h>

const char *const metric_names[METRICS] = {"log_loss", "raw",  "raw_equal", "raw_unequal", "velocity",
                                           "du_dt",    "loss", "grad_norm", "lr"};

/* The mean of rows from .. to - 1 of [batch]; NaN when there are none. */
static ct_var *mean_of_rows(ct_var *row, int64_t from, int64_t to)
{
    if (from == to)
        return ct_scalar(ct_var_graph(row), ct_var_dtype(row), NAN);
    return ct_mean_all(ct_slice(row, 0, from, to, 1));
}

/* [batch, ...] -> [batch]: the root of the sum of squares. */
static ct_var *norm_of_rows(ct_var *x)
{
    return ct_sqrt(ct_sum(ct_square(ct_reshape(x, CT_SHAPE(ct_var_dim(x, 0), -1))), CT_AXES(1)));
}

void metrics_of_loss(const mf_loss *loss, int64_t equal, ct_var *metric[METRICS])
{
    int64_t batch = ct_var_dim(loss->u, 0), pixels = ct_shape_count(ct_var_shape(loss->u)) / batch;
    ct_var *raw = ct_scale(loss->per_sample, 1 / (double)pixels);
    metric[LOG_LOSS] = loss->log_loss;
    metric[RAW] = loss->raw;
    metric[RAW_EQUAL] = mean_of_rows(raw, 0, equal);
    metric[RAW_UNEQUAL] = mean_of_rows(raw, equal, batch);
    metric[VELOCITY] = loss->velocity;
    metric[DU_DT] = mean_of_rows(norm_of_rows(loss->du_dt), equal, batch);
    metric[LOSS] = loss->loss;
}

bool metrics_finite(const double metrics[METRICS])
{
    return isfinite(metrics[LOSS]) && isfinite(metrics[GRAD_NORM]);
}
