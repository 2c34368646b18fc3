/* The MeanFlow loss: the average velocity u is regressed on v - (t - r) du/dt, with du/dt by forward mode. */
#include "mf_rows.h"

#include <cotangent/transform.h>

/* u of all rows and its derivative along the trajectory, tangents (v, 1, 0) of (z, t, r). The first `equal` rows have r = t, where du/dt has no weight: they are
 * spared it, and get zeros. r may be the very node t is, and still is another argument. */
static bool average_velocity(nn_scope s, flow_net net, ct_var *z, ct_var *v, const mf_draw *draw, int64_t equal, mf_loss *out)
{
    ct_var *r = ct_alias(draw->r), *x[] = {z, draw->t, r}, *dx[] = {v, ct_ones_like(draw->t), NULL}, *rows = NULL;
    int64_t batch = ct_var_dim(z, 0);
    out->u = flow_apply(net, s, z, draw->t, r, draw->label);
    if (!out->u || (equal < batch && !ct_jvp_rows(1, &out->u, 3, x, dx, equal, batch, true, &rows)))
        return false;
    out->du_dt = rows ? ct_pad(rows, 0, equal, 0, 0) : ct_zeros_like(out->u);
    return out->du_dt != NULL;
}

/* [batch, ...] -> [batch]. */
static ct_var *sum_rows(ct_var *x)
{
    return ct_sum(ct_reshape(x, CT_SHAPE(ct_var_dim(x, 0), -1)), CT_AXES(1));
}

static void weigh(ct_var *error, const mf_options *o, mf_loss *out)
{
    out->per_sample = sum_rows(ct_square(error));
    ct_var *shifted = ct_shift(out->per_sample, o->c);
    ct_var *weight = ct_stop_gradient(ct_pow(shifted, -o->p));
    out->loss = ct_mean_all(ct_mul(out->per_sample, weight));
    out->log_loss = ct_mean_all(ct_log(shifted));
    out->raw = ct_mean_all(ct_square(error));
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
    return !ct_graph_error(s.graph);
}

bool mf_loss_of(nn_scope s, flow_net net, ct_var *x, const mf_draw *draw, int64_t classes, const mf_options *o, mf_loss *out)
{
    *out = (mf_loss){0};
    if (!check(s, x, draw, o))
        return false;
    ct_var *t = mf_rows(draw->t, x), *h = ct_clamp(ct_sub(draw->t, draw->r), 0, 1);
    ct_var *z = ct_add(ct_mul(ct_affine(t, -1, 1), x), ct_mul(t, draw->e));
    ct_var *v = ct_sub(draw->e, x);
    ct_var *guided = mf_guided_velocity(s, net, z, v, draw, classes, o);
    int64_t equal = o->tangent_all_rows ? 0 : mf_equal_rows(o, ct_var_dim(x, 0));
    if (!average_velocity(s, net, z, guided, draw, equal, out))
        return false;
    ct_var *target = ct_stop_gradient(ct_sub(guided, ct_mul(mf_rows(h, x), out->du_dt)));
    weigh(ct_sub(out->u, target), o, out);
    out->velocity = ct_mean_all(ct_square(ct_sub(out->u, v)));
    return !ct_graph_error(s.graph);
}
