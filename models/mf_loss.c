/* The MeanFlow loss: the average velocity u is regressed on v - (t - r) du/dt, with du/dt by one forward-mode pass. */
#include "mf_rows.h"

#include <cotangent/transform.h>

/* The operands of a loss, for a run of rows. */
typedef struct rows {
    nn_scope s;
    flow_net net;
    ct_var *z, *v, *t, *r, *label;
} rows;

static rows cut(rows all, int64_t from, int64_t to)
{
    all.z = mf_cut(all.z, from, to);
    all.v = mf_cut(all.v, from, to);
    all.t = mf_cut(all.t, from, to);
    all.r = mf_cut(all.r, from, to);
    all.label = mf_cut(all.label, from, to);
    return all;
}

/* u and its derivative along the trajectory, tangents (v, 1, 0) of (z, t, r). r may be the very node t is, and still is
 * another argument. */
static bool with_tangent(rows a, ct_var **u, ct_var **du_dt)
{
    ct_var *r = ct_alias(a.r);
    *u = flow_apply(a.net, a.s, a.z, a.t, r, a.label);
    ct_var *dx[] = {a.v, a.t ? ct_ones_like(a.t) : NULL, NULL};
    if (!*u || !ct_jvp(1, u, 3, (ct_var *[]){a.z, a.t, r}, dx, du_dt))
        return false;
    *du_dt = ct_or_zeros(*du_dt, *u);
    return *du_dt != NULL;
}

static bool without_tangent(rows a, ct_var **u, ct_var **du_dt)
{
    *u = flow_apply(a.net, a.s, a.z, a.t, a.r, a.label);
    *du_dt = *u ? ct_zeros_like(*u) : NULL;
    return *du_dt != NULL;
}

/* The first `equal` rows have r = t, where du/dt has no weight: they are spared the tangent. */
static bool average_velocity(rows a, int64_t equal, ct_var **u, ct_var **du_dt)
{
    int64_t batch = ct_var_dim(a.z, 0);
    if (equal == 0)
        return with_tangent(a, u, du_dt);
    if (equal == batch)
        return without_tangent(a, u, du_dt);
    ct_var *part[2], *tangent[2];
    if (!without_tangent(cut(a, 0, equal), &part[0], &tangent[0]) || !with_tangent(cut(a, equal, batch), &part[1], &tangent[1]))
        return false;
    *u = ct_concat(2, part, 0);
    *du_dt = ct_concat(2, tangent, 0);
    return *u && *du_dt;
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
    if (!average_velocity((rows){s, net, z, guided, draw->t, draw->r, draw->label}, equal, &out->u, &out->du_dt))
        return false;
    ct_var *target = ct_stop_gradient(ct_sub(guided, ct_mul(mf_rows(h, x), out->du_dt)));
    weigh(ct_sub(out->u, target), o, out);
    out->velocity = ct_mean_all(ct_square(ct_sub(out->u, v)));
    return !ct_graph_error(s.graph);
}
