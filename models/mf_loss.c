/* SPDX-License-Identifier: MIT */
/* The loss of any objective: the point on the path, the objective's error, its weight, and what the log wants to know. */
#include "mf_step.h"

static const mf_error objectives[] = {[MF_MEANFLOW] = mf_meanflow, [MF_IMPROVED] = mf_improved, [MF_ALPHA] = mf_alpha_flow,
                                      [MF_SPLIT] = mf_split, [MF_MATCHING] = mf_matching};

ct_var *mf_target(const mf_step *step, ct_var *target)
{
    double limit = step->options->target_limit;
    if (limit > 0 && step->equal < step->batch)
        target = mf_join(mf_part(target, 0, step->equal), ct_clamp(mf_late(step, target), -limit, limit));
    return ct_stop_gradient(target);
}

static bool check(nn_scope s, ct_var *x, const mf_draw *draw, const mf_options *o)
{
    ct_error err;
    if (ct_graph_error(s.graph))
        return false;
    if (!x || !draw->e || !draw->t || !draw->r || !draw->label || !draw->kept)
        nn_fail(s, CT_E_ARGUMENT, "mf_loss_of", "x or a part of the draw is NULL, expected all of them");
    else if (!mf_options_check(o, &err))
        nn_fail(s, err.code, "mf_loss_of", "%s", err.message);
    else if (o->objective == MF_SPLIT && !draw->split)
        nn_fail(s, CT_E_ARGUMENT, "mf_loss_of", "the draw's split is NULL, expected [batch] for MF_SPLIT");
    else if ((draw->guidance.omega != NULL) != (o->omega_max > 0))
        nn_fail(s, CT_E_ARGUMENT, "mf_loss_of", "omega_max is %g and the draw's omega is %s, expected both or neither", o->omega_max,
                draw->guidance.omega ? "given" : "NULL");
    else if (draw->alpha && !ct_shape_equal(ct_var_shape(draw->alpha), CT_SCALAR))
        nn_fail(s, CT_E_SHAPE, "mf_loss_of", "alpha is %s, expected one number", CT_VAR_TEXT(draw->alpha));
    return !ct_graph_error(s.graph);
}

static mf_step begin(nn_scope s, mf_flow_net net, ct_var *x, const mf_draw *draw, int64_t classes, const mf_options *o)
{
    ct_var *t = mf_rows(draw->t, x);
    int64_t batch = ct_var_dim(x, 0);
    net.guidance = draw->guidance;
    return (mf_step){.s = s, .net = net, .draw = draw, .options = o, .classes = classes, .batch = batch, .equal = mf_equal_rows(o, batch),
                     .z = ct_add(ct_mul(ct_affine(t, -1, 1), x), ct_mul(t, draw->e)), .v = ct_sub(draw->e, x)};
}

static void weigh(const mf_step *step, mf_loss *out)
{
    const mf_options *o = step->options;
    ct_var *shifted = ct_shift(out->per_sample, o->c);
    ct_var *weight = ct_stop_gradient(ct_pow(shifted, -o->p));
    if (step->weight)
        weight = ct_mul(weight, ct_stop_gradient(step->weight));
    out->loss = ct_mean_all(ct_mul(out->per_sample, weight));
    out->log_loss = ct_mean_all(ct_log(shifted));
}

/* Squared errors a pixel. */
static void measure(const mf_step *step, ct_var *error, mf_loss *out)
{
    ct_shape row = ct_var_shape(error);
    row.dim[0] = 1;
    double pixels = (double)ct_shape_count(row);
    out->raw = ct_mean_all(ct_square(error));
    if (step->equal > 0)
        out->raw_equal = ct_scale(ct_mean_all(mf_part(out->per_sample, 0, step->equal)), 1 / pixels);
    if (step->equal < step->batch)
        out->raw_unequal = ct_scale(ct_mean_all(mf_late(step, out->per_sample)), 1 / pixels);
    out->velocity = ct_mean_all(ct_square(ct_sub(step->u, step->v)));
    out->u = step->u;
}

bool mf_loss_of(nn_scope s, mf_flow_net net, ct_var *x, const mf_draw *draw, int64_t classes, const mf_options *o, mf_loss *out)
{
    *out = (mf_loss){0};
    if (!check(s, x, draw, o))
        return false;
    mf_step step = begin(s, net, x, draw, classes, o);
    ct_var *error = objectives[o->objective](&step, out);
    out->per_sample = mf_squares(error);
    weigh(&step, out);
    measure(&step, error, out);
    return !ct_graph_error(s.graph);
}
