/* The random part of a batch: noise, two times, and which labels are dropped. */
#include <cotangent/meanflow.h>
#include <cotangent/ops.h>

#include <math.h>

int64_t mf_equal_rows(const mf_options *o, int64_t batch)
{
    return batch - (int64_t)llround(o->unequal_share * (double)batch);
}

static ct_var *draw_time(ct_graph *g, ct_dtype dtype, int64_t batch, const mf_options *o)
{
    if (o->time == MF_UNIFORM)
        return ct_uniform(g, dtype, CT_SHAPE(batch));
    return ct_sigmoid(ct_affine(ct_normal(g, dtype, CT_SHAPE(batch)), o->time_deviation, o->time_mean));
}

/* The first n rows of a, then the others of b. */
static ct_var *first_rows(ct_var *a, ct_var *b, int64_t n)
{
    int64_t batch = ct_var_dim(a, 0);
    if (n == 0 || n == batch)
        return n == 0 ? b : a;
    return ct_concat(2, (ct_var *[]){ct_slice(a, 0, 0, n, 1), ct_slice(b, 0, n, batch, 1)}, 0);
}

/* 1 where the label is kept: [batch]. */
static ct_var *draw_kept(ct_graph *g, ct_dtype dtype, int64_t batch, const mf_options *o)
{
    if (!o->prefix_dropout)
        return ct_greater(ct_uniform(g, dtype, CT_SHAPE(batch)), ct_scalar(g, dtype, o->class_dropout));
    double dropped = round(o->class_dropout * (double)batch);
    return ct_greater(ct_iota(g, dtype, batch), ct_scalar(g, dtype, dropped - 0.5));
}

static bool check(ct_graph *g, ct_var *x, ct_var *label, const mf_options *o)
{
    ct_error err;
    if (!mf_options_check(o, &err))
        ct_graph_fail(g, err.code, CT_HERE, "%s", err.message);
    else if (ct_var_rank(x) < 1 || ct_var_dtype(label) != CT_I32 || !ct_shape_equal(ct_var_shape(label), CT_SHAPE(ct_var_dim(x, 0))))
        ct_graph_fail(g, CT_E_SHAPE, CT_HERE, "mf_draw_batch: label is %s, expected int32 [batch] for x %s", CT_VAR_TEXT(label),
                      CT_VAR_TEXT(x));
    return !ct_graph_error(g);
}

bool mf_draw_batch(ct_var *x, ct_var *label, int64_t classes, const mf_options *o, mf_draw *out)
{
    *out = (mf_draw){0};
    ct_graph *g = ct_var_graph(x);
    if (!x || !label || !check(g, x, label, o))
        return false;
    ct_dtype dtype = ct_var_dtype(x);
    int64_t batch = ct_var_dim(x, 0);
    ct_var *a = draw_time(g, dtype, batch, o), *b = draw_time(g, dtype, batch, o);
    out->e = ct_normal(g, dtype, ct_var_shape(x));
    out->t = ct_maximum(a, b);
    out->r = first_rows(out->t, ct_minimum(a, b), mf_equal_rows(o, batch));
    out->kept = draw_kept(g, dtype, batch, o);
    out->label = ct_select(ct_cast(out->kept, CT_I32), label, ct_scalar(g, CT_I32, (double)classes));
    return !ct_graph_error(g);
}
