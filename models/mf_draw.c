/* SPDX-License-Identifier: MIT */
/* The random part of a batch: noise, two times, which labels are dropped, and what some objectives draw besides. */
#include "mf_step.h"

#include <math.h>

int64_t mf_equal_rows(const mf_options *o, int64_t batch)
{
    return o->objective == MF_MATCHING ? batch : batch - (int64_t)llround(o->unequal_share * (double)batch);
}

static ct_var *draw_time(ct_graph *g, ct_dtype dtype, int64_t batch, const mf_time *time)
{
    if (time->kind == MF_UNIFORM)
        return ct_uniform(g, dtype, CT_SHAPE(batch));
    return ct_sigmoid(ct_affine(ct_normal(g, dtype, CT_SHAPE(batch)), time->deviation, time->mean));
}

/* The first n rows of a, then the others of b. */
static ct_var *first_rows(ct_var *a, ct_var *b, int64_t n)
{
    int64_t batch = ct_var_dim(a, 0);
    return n == batch ? a : n == 0 ? b : mf_join(mf_part(a, 0, n), mf_part(b, n, batch));
}

/* Two draws for each row; the larger is t, and r as well in the first `equal` rows. */
static void draw_times(ct_graph *g, ct_dtype dtype, int64_t batch, const mf_options *o, mf_draw *out)
{
    ct_var *a = draw_time(g, dtype, batch, &o->t);
    if (o->objective == MF_MATCHING) {
        out->t = out->r = a;
        return;
    }
    ct_var *b = draw_time(g, dtype, batch, o->r.kind == MF_AS_T ? &o->t : &o->r);
    out->t = ct_maximum(a, b);
    out->r = first_rows(out->t, ct_minimum(a, b), mf_equal_rows(o, batch));
}

/* 1 where the label is kept: [batch]. */
static ct_var *draw_kept(ct_graph *g, ct_dtype dtype, int64_t batch, const mf_options *o)
{
    if (!o->prefix_dropout)
        return ct_greater(ct_uniform(g, dtype, CT_SHAPE(batch)), ct_scalar(g, dtype, o->class_dropout));
    double dropped = round(o->class_dropout * (double)batch);
    return ct_greater(ct_iota(g, dtype, batch), ct_scalar(g, dtype, dropped - 0.5));
}

/* In [1, omega_max], with density ~ omega^-power, by its inverse distribution function. */
static ct_var *draw_omega(ct_graph *g, ct_dtype dtype, int64_t batch, const mf_options *o)
{
    ct_var *u = ct_uniform(g, dtype, CT_SHAPE(batch));
    double q = 1 - o->omega_power;
    if (fabs(q) < 1e-6)
        return ct_exp(ct_scale(u, log(o->omega_max)));
    return ct_pow(ct_affine(u, pow(o->omega_max, q) - 1, 1), 1 / q);
}

static void draw_guidance(ct_graph *g, ct_dtype dtype, int64_t batch, const mf_options *o, mf_flow_guidance *out)
{
    int64_t equal = mf_equal_rows(o, batch);
    out->omega = draw_omega(g, dtype, batch, o);
    if (!o->draw_interval)
        return;
    ct_var *low = ct_scale(ct_uniform(g, dtype, CT_SHAPE(batch)), 0.5);
    ct_var *high = ct_affine(ct_uniform(g, dtype, CT_SHAPE(batch)), 0.5, 0.5);
    out->low = first_rows(ct_zeros_like(low), low, equal);
    out->high = first_rows(ct_ones_like(high), high, equal);
}

static bool check(ct_graph *g, ct_var *x, ct_var *label, const mf_options *o)
{
    ct_error err;
    if (!x || !label)
        ct_graph_fail(g, CT_E_ARGUMENT, CT_HERE, "mf_draw_batch: %s is NULL", x ? "label" : "x");
    else if (!mf_options_check(o, &err))
        ct_graph_fail(g, err.code, CT_HERE, "%s", err.message);
    else if (ct_var_rank(x) < 1 || ct_var_dtype(label) != CT_I32 || !ct_shape_equal(ct_var_shape(label), CT_SHAPE(ct_var_dim(x, 0))))
        ct_graph_fail(g, CT_E_SHAPE, CT_HERE, "mf_draw_batch: label is %s, expected int32 [batch] for x %s", CT_VAR_TEXT(label),
                      CT_VAR_TEXT(x));
    return !ct_graph_error(g);
}

bool mf_draw_batch(ct_var *x, ct_var *label, int64_t classes, const mf_options *o, mf_draw *out)
{
    *out = (mf_draw){0};
    ct_graph *g = ct_var_graph(x ? x : label);
    if (!check(g, x, label, o))
        return false;
    ct_dtype dtype = ct_var_dtype(x);
    int64_t batch = ct_var_dim(x, 0);
    draw_times(g, dtype, batch, o, out);
    out->e = ct_normal(g, dtype, ct_var_shape(x));
    out->kept = draw_kept(g, dtype, batch, o);
    out->label = ct_select(ct_cast(out->kept, CT_I32), label, ct_scalar(g, CT_I32, (double)classes));
    if (o->omega_max > 0)
        draw_guidance(g, dtype, batch, o, &out->guidance);
    if (o->objective == MF_SPLIT)
        out->split = ct_uniform(g, dtype, CT_SHAPE(batch));
    if (o->objective == MF_ALPHA && o->alpha_end > 0)
        out->alpha = mf_alpha(g, dtype, o);
    return !ct_graph_error(g);
}
