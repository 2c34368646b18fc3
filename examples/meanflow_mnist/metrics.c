/* SPDX-License-Identifier: MIT */
/* The nodes that a step reports. */
#include "metrics.h"

#include <math.h>

const char *const metric_names[METRICS] = {"log_loss", "raw",  "raw_equal", "raw_unequal", "velocity",
                                           "du_dt",    "loss", "grad_norm", "lr"};

/* NaN for what the objective does not have. */
static ct_var *or_nan(ct_var *x, ct_graph *g)
{
    return x ? x : ct_scalar(g, CT_F32, NAN);
}

void metrics_of_loss(const mf_loss *loss, ct_var *metric[METRICS])
{
    ct_graph *g = ct_var_graph(loss->loss);
    metric[LOG_LOSS] = loss->log_loss;
    metric[RAW] = loss->raw;
    metric[RAW_EQUAL] = or_nan(loss->raw_equal, g);
    metric[RAW_UNEQUAL] = or_nan(loss->raw_unequal, g);
    metric[VELOCITY] = loss->velocity;
    metric[DU_DT] = or_nan(loss->du_dt_norm, g);
    metric[LOSS] = loss->loss;
}

bool metrics_finite(const double metrics[METRICS])
{
    return isfinite(metrics[LOSS]) && isfinite(metrics[GRAD_NORM]);
}
