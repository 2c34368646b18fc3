/* SPDX-License-Identifier: MIT */
/* Mistakes that public MeanFlow code has made without anyone noticing. Each test states the property that is lost, and shows that
 * the mistake loses it. */
#include "closed_forms.h"
#include "ks.h"

enum { BATCH = 6, CLASSES = 3 };

/* A stirred MLP at z, t, r, in float64. */
typedef struct subject {
    model_case c;
    mf_flow_config config;
    mf_flow_net net;
    ct_var *x, *z, *v;
    mf_draw draw;
} subject;

static subject *subject_new(int64_t equal)
{
    static subject a;
    a.c = case_new(CT_F64);
    a.config = case_config("mlp");
    a.net = mf_flow_config_net(&a.config);
    a.x = case_constant(a.c.g, CT_F64, CT_SHAPE(BATCH, 1, 4, 4), 3, -1, 1);
    a.draw = case_draw(a.c.g, a.x, equal, CLASSES);
    ct_var *t = case_rows(a.draw.t);
    a.z = ct_add(ct_mul(ct_affine(t, -1, 1), a.x), ct_mul(t, a.draw.e));
    a.v = ct_sub(a.draw.e, a.x);
    mf_flow_apply(a.net, a.c.s, a.z, a.draw.t, a.draw.r, a.draw.label);
    case_stir(&a.c, 29);
    return &a;
}

static mf_loss loss_of(subject *a, int64_t equal, double p, double c)
{
    mf_options o = mf_options_default();
    o.unequal_share = (double)(BATCH - equal) / BATCH;
    o.p = p;
    o.c = c;
    mf_loss l;
    assert_ok(mf_loss_of(a->c.s, a->net, a->x, &a->draw, CLASSES, &o, &l), ct_graph_error(a->c.g));
    return l;
}

static ct_var *tangent(subject *a, ct_var *dz, ct_var *dt, ct_var *dr)
{
    ct_var *u = mf_flow_apply(a->net, a->c.s, a->z, a->draw.t, a->draw.r, a->draw.label), *du;
    ct_var *x[] = {a->z, a->draw.t, a->draw.r}, *dx[] = {dz, dt, dr};
    assert_ok(ct_jvp(1, &u, 3, x, dx, &du), ct_graph_error(a->c.g));
    return du;
}

/* (u(z + h v, t + h, r) - u(z - h v, t - h, r)) / 2h */
static ct_var *along_trajectory(subject *a)
{
    double h = 1e-5;
    ct_var *u[2];
    for (int i = 0; i < 2; i++) {
        double step = i ? h : -h;
        u[i] = mf_flow_apply(a->net, a->c.s, ct_add(a->z, ct_scale(a->v, step)), ct_shift(a->draw.t, step), a->draw.r, a->draw.label);
    }
    return ct_scale(ct_sub(u[1], u[0]), 1 / (2 * h));
}

/* Primals (z, t, r) with tangents (v, 0, 1): du/dr instead of du/dt. */
static void test_tangent_of_r_in_the_place_of_t(void **state)
{
    (void)state;
    subject *a = subject_new(0);
    ct_var *one = ct_ones_like(a->draw.t), *expected = along_trajectory(a);
    assert_true(case_relative(a->c.g, loss_of(a, 0, 1, 0.01).du_dt, expected) < 1e-7);
    assert_true(case_relative(a->c.g, tangent(a, a->v, NULL, one), expected) > 1e-2);
    assert_true(case_relative(a->c.g, tangent(a, a->v, one, one), expected) > 1e-2);
    case_free(&a->c);
}

/* An update z - u without (t - r). */
static ct_var *sample_without_interval(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n)
{
    ct_shape rows = CT_SHAPE(ct_var_dim(z, 0));
    for (int i = 0; i < n; i++) {
        ct_var *t = ct_full(s.graph, CT_F64, rows, (double)(n - i) / n), *r = ct_full(s.graph, CT_F64, rows, (double)(n - i - 1) / n);
        z = ct_sub(z, mf_flow_apply(net, s, z, t, r, label));
    }
    return z;
}

static void test_several_steps_without_the_interval(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.6};
    model_case c = case_new(CT_F64);
    mf_flow_net net = case_net(gaussian_flow, &d);
    ct_var *e = case_constant(c.g, CT_F64, CT_SHAPE(2, 1, 2, 2), 1, -3, 3), *label = case_labels(c.g, 2, 3), *data = ct_affine(e, 0.6, 0.4);
    assert_true(case_relative(c.g, mf_sample(c.s, net, e, label, 2, NULL), data) < 1e-13);
    assert_true(case_relative(c.g, sample_without_interval(c.s, net, e, label, 2), data) > 0.1);
    assert_true(case_relative(c.g, sample_without_interval(c.s, net, e, label, 1), data) < 1e-13);  /* one step hides it */
    case_free(&c);
}

/* L times (L + c) in place of L over (L + c). */
static void test_adaptive_weight_inverted(void **state)
{
    (void)state;
    subject *a = subject_new(3);
    mf_loss l = loss_of(a, 3, 1, 0.01);
    ct_var *objective = case_gradient(&a->c, ct_mean_all(ct_log(ct_shift(l.per_sample, 0.01))));
    ct_var *inverted = ct_mean_all(ct_mul(l.per_sample, ct_stop_gradient(ct_shift(l.per_sample, 0.01))));
    assert_true(case_relative(a->c.g, case_gradient(&a->c, l.loss), objective) < 1e-12);
    assert_true(case_relative(a->c.g, case_gradient(&a->c, inverted), objective) > 0.1);
    case_free(&a->c);
}

/* L^2 / sg((L^2 + c)^p) with L a squared norm already: the exponent becomes 2p - 1. */
static void test_squared_twice(void **state)
{
    (void)state;
    subject *a = subject_new(3);
    mf_loss l = loss_of(a, 3, 0.5, 0.01);
    ct_var *objective = case_gradient(&a->c, ct_scale(ct_mean_all(ct_sqrt(ct_shift(l.per_sample, 0.01))), 2));
    ct_var *square = ct_square(l.per_sample);
    ct_var *twice = ct_mean_all(ct_mul(square, ct_stop_gradient(ct_pow(ct_shift(square, 0.01), -0.5))));
    assert_true(case_relative(a->c.g, case_gradient(&a->c, l.loss), objective) < 1e-12);
    assert_true(case_relative(a->c.g, case_gradient(&a->c, twice), objective) > 0.1);
    case_free(&a->c);
}

/* Distance of the numbers `node` draws in one run to logit-normal(-0.4, 1), in units of what chance allows. */
static double distance_to_logit_normal(ct_graph *g, ct_var *node)
{
    static double x[8192];
    ct_tensor *t = case_value(g, node);
    int64_t n = ct_tensor_count(t);
    assert_in_range(n, 1, 8192);
    for (int64_t i = 0; i < n; i++)
        x[i] = fmin(ct_tensor_get(t, i), 1 - 1e-15);
    ct_tensor_free(t);
    return ks_distance(x, n, ks_logit_normal, (double[]){-0.4, 1}) / ks_limit(n);
}

/* All times of a draw without equal rows: the smaller and the larger of two, together. */
static ct_var *all_times(ct_graph *g, mf_time_kind kind)
{
    mf_options o = mf_options_default();
    o.unequal_share = 1;
    o.t.kind = kind;
    mf_draw d;
    ct_var *x = ct_full(g, CT_F64, CT_SHAPE(4000, 1, 1, 1), 0);
    assert_ok(mf_draw_batch(x, case_labels(g, 4000, 9), 10, &o, &d), ct_graph_error(g));
    return ct_concat(2, (ct_var *[]){d.t, d.r}, 0);
}

/* "lognorm" read as exp(N(mean, deviation)), cut at 1. */
static void test_log_normal_for_logit_normal(void **state)
{
    (void)state;
    model_case c = case_new(CT_F64);
    ct_var *wrong = ct_clamp(ct_exp(ct_shift(ct_normal(c.g, CT_F64, CT_SHAPE(8000)), -0.4)), 0, 1);
    assert_true(distance_to_logit_normal(c.g, all_times(c.g, MF_LOGIT_NORMAL)) < 1);
    assert_true(distance_to_logit_normal(c.g, wrong) > 5);
    case_free(&c);
}

/* sigmoid of a uniform number: nothing below 1/2 or above 0.74. */
static void test_sigmoid_of_a_uniform_number(void **state)
{
    (void)state;
    model_case c = case_new(CT_F64);
    ct_var *right[] = {all_times(c.g, MF_LOGIT_NORMAL), all_times(c.g, MF_UNIFORM)};
    ct_var *wrong = ct_sigmoid(ct_uniform(c.g, CT_F64, CT_SHAPE(8000)));
    for (int i = 0; i < 2; i++) {
        assert_true(case_number(c.g, ct_neg(ct_max(ct_neg(right[i]), CT_AXES(0)))) < 0.1);
        assert_true(case_number(c.g, ct_max(right[i], CT_AXES(0))) > 0.9);
    }
    assert_true(case_number(c.g, ct_neg(ct_max(ct_neg(wrong), CT_AXES(0)))) >= 0.5);
    assert_true(case_number(c.g, ct_max(wrong, CT_AXES(0))) < 0.74);
    case_free(&c);
}

/* The sinusoid's first element is cos(scale t), its tangent -scale sin(scale t): the default scale is 1, and 1000 is another model. */
static void test_scale_of_the_time_embedding(void **state)
{
    (void)state;
    mf_flow_config config;
    ct_error err;
    assert_ok(mf_flow_config_default(&config, "mlp", &err), &err);
    assert_close(config.time_scale, 1, 0);
    const double scale[] = {1, 1000};
    for (int i = 0; i < 2; i++) {
        model_case c = case_new(CT_F64);
        ct_var *t = case_row(c.g, 1, (double[]){0.7}), *y = nn_sinusoid(t, 8, 10000, scale[i]), *dy, *one = ct_ones_like(t);
        assert_ok(ct_jvp(1, &y, 1, &t, &one, &dy), ct_graph_error(c.g));
        ct_tensor *v[2];
        case_values(c.g, 2, (ct_var *[]){y, dy}, NULL, v);
        for (int j = 0; j < 4; j++) {
            double f = scale[i] * pow(10000, -j / 4.0);
            assert_close(ct_tensor_get(v[0], j), cos(0.7 * f), 1e-12);
            assert_close(ct_tensor_get(v[0], 4 + j), sin(0.7 * f), 1e-12);
            assert_close(ct_tensor_get(v[1], j), -f * sin(0.7 * f), 1e-9);
        }
        ct_tensor_free(v[0]);
        ct_tensor_free(v[1]);
        case_free(&c);
    }
}

/* The network's own scale reaches its embedders: scale s at time t is scale 1 at time s t. */
static void test_time_scale_of_the_network(void **state)
{
    (void)state;
    model_case c = case_new(CT_F64);
    mf_flow_config one = case_config("mlp"), eight = one;
    eight.time_scale = 8;
    ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(2, 1, 4, 4), 1, -1, 1), *label = case_labels(c.g, 2, 3);
    ct_var *t = case_row(c.g, 2, (double[]){0.7, 0.5}), *r = case_row(c.g, 2, (double[]){0.2, 0.5});
    ct_var *scaled = mf_flow_apply(mf_flow_config_net(&eight), c.s, z, t, r, label);
    ct_var *same = mf_flow_apply(mf_flow_config_net(&one), c.s, z, ct_scale(t, 8), ct_scale(r, 8), label);
    ct_var *unscaled = mf_flow_apply(mf_flow_config_net(&one), c.s, z, t, r, label);
    case_stir(&c, 5);
    assert_true(case_relative(c.g, scaled, same) < 1e-12);
    assert_true(case_relative(c.g, scaled, unscaled) > 1e-3);
    case_free(&c);
}

/* A gradient that loses the share of some of its workers: here threads, which must not change a bit. */
static void test_gradient_loses_a_worker(void **state)
{
    (void)state;
    subject *a = subject_new(2);
    ct_var *gradient = case_gradient(&a->c, loss_of(a, 2, 1, 0.01).loss);
    ct_tensor *g[3];
    double scale;
    for (int i = 0; i < 3; i++)
        case_values(a->c.g, 1, &gradient, &(ct_compile_options){.threads = 1 << i}, &g[i]);
    assert_close(case_distance(g[1], g[0], &scale), 0, 0);
    assert_close(case_distance(g[2], g[0], &scale), 0, 0);
    ct_var *worker = ct_scale(ct_sum_all(ct_slice(loss_of(a, 2, 1, 0.01).per_sample, 0, 0, BATCH / 2, 1)), 1.0 / BATCH);
    assert_true(case_relative(a->c.g, case_gradient(&a->c, worker), gradient) > 1e-2);
    for (int i = 0; i < 3; i++)
        ct_tensor_free(g[i]);
    case_free(&a->c);
}

/* Steps with the instantaneous velocity u(z, t, t): Euler's method for flow matching, no MeanFlow jump. */
static ct_var *sample_by_euler(ct_var *z, const gaussian *d, int n)
{
    for (int i = 0; i < n; i++) {
        ct_var *t = ct_full(ct_var_graph(z), CT_F64, CT_SHAPE(ct_var_dim(z, 0)), (double)(n - i) / n);
        z = ct_sub(z, ct_scale(gaussian_velocity(z, t, d), 1.0 / n));
    }
    return z;
}

static void test_several_steps_by_euler(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.2};
    model_case c = case_new(CT_F64);
    ct_var *e = case_constant(c.g, CT_F64, CT_SHAPE(3, 1, 2, 2), 9, -2, 2), *exact = ct_affine(e, 0.2, 0.4);
    assert_true(case_relative(c.g, mf_sample(c.s, case_net(gaussian_flow, &d), e, case_labels(c.g, 3, 3), 3, NULL), exact) < 1e-12);
    assert_true(case_relative(c.g, sample_by_euler(e, &d, 3), exact) > 1e-2);
    case_free(&c);
}

static ct_var *returns_r(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)s, (void)t, (void)label, (void)guidance, (void)config;
    return ct_broadcast(case_rows(r), ct_var_shape(z));
}

/* The third argument is the earlier time r, not the interval t - r, in training and in sampling. */
static void test_interval_in_the_place_of_r(void **state)
{
    (void)state;
    subject *a = subject_new(2);
    a->net = case_net(returns_r, NULL);
    ct_var *r = ct_broadcast(case_rows(a->draw.r), ct_var_shape(a->x)), *h = ct_sub(case_rows(a->draw.t), r);
    ct_var *u = loss_of(a, 2, 1, 0.01).u;
    assert_true(case_relative(a->c.g, u, r) < 1e-15);
    assert_true(case_relative(a->c.g, u, h) > 0.1);
    ct_var *z = ct_full(a->c.g, CT_F64, CT_SHAPE(1, 1, 2, 2), 5);
    ct_var *jumped = mf_sample(a->c.s, a->net, z, case_labels(a->c.g, 1, 3), 2, (double[]){1, 0.3, 0});
    assert_close(case_number(a->c.g, jumped), 5 - 0.7 * 0.3, 1e-14);
    case_free(&a->c);
}

/* The identity with the partial derivative by t alone, without v du/dz. */
static void test_identity_without_the_transport_term(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.6};
    model_case c = case_new(CT_F64);
    ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(BATCH, 1, 2, 2), 3, -2, 2), *du[2];
    mf_draw draw = case_draw(c.g, z, 0, CLASSES);
    ct_var *u = mf_flow_apply(case_net(gaussian_flow, &d), c.s, z, draw.t, draw.r, draw.label), *v = gaussian_velocity(z, draw.t, &d);
    ct_var *h = case_rows(ct_sub(draw.t, draw.r)), *x[] = {z, draw.t, draw.r}, *one = ct_ones_like(draw.t);
    assert_ok(ct_jvp(1, &u, 3, x, (ct_var *[]){v, one, NULL}, &du[0]), ct_graph_error(c.g));
    assert_ok(ct_jvp(1, &u, 3, x, (ct_var *[]){NULL, one, NULL}, &du[1]), ct_graph_error(c.g));
    assert_true(case_relative(c.g, ct_sub(v, ct_mul(h, du[0])), u) < 1e-10);
    assert_true(case_relative(c.g, ct_sub(v, ct_mul(h, du[1])), u) > 1e-2);
    case_free(&c);
}

/* Gradient through the target: the tangent must be under stop_gradient. */
static void test_gradient_through_the_target(void **state)
{
    (void)state;
    subject *a = subject_new(0);
    mf_loss l = loss_of(a, 0, 0, 0.01);
    ct_var *h = case_rows(ct_sub(a->draw.t, a->draw.r));
    ct_var *target = ct_sub(a->v, ct_mul(h, tangent(a, a->v, ct_ones_like(a->draw.t), NULL)));
    ct_var *u = mf_flow_apply(a->net, a->c.s, a->z, a->draw.t, a->draw.r, a->draw.label);
    ct_var *stopped = ct_mean_all(ct_sum(ct_square(ct_sub(u, ct_stop_gradient(target))), CT_AXES(1, 2, 3)));
    ct_var *open = ct_mean_all(ct_sum(ct_square(ct_sub(u, target)), CT_AXES(1, 2, 3)));
    ct_var *gradient = case_gradient(&a->c, l.loss);
    assert_true(case_relative(a->c.g, open, stopped) < 1e-12);
    assert_true(case_relative(a->c.g, gradient, case_gradient(&a->c, stopped)) < 1e-11);
    assert_true(case_relative(a->c.g, gradient, case_gradient(&a->c, open)) > 1e-2);
    case_free(&a->c);
}

/* c is added to the sum over pixels: as a mean, the same number weighs 16 pixels 16 times more. */
static void test_c_added_to_the_mean(void **state)
{
    (void)state;
    subject *a = subject_new(3);
    mf_loss l = loss_of(a, 3, 1, 0.5);
    ct_var *sum = ct_mean_all(ct_log(ct_shift(l.per_sample, 0.5)));
    ct_var *mean = ct_mean_all(ct_log(ct_shift(ct_scale(l.per_sample, 1.0 / 16), 0.5)));
    ct_var *gradient = case_gradient(&a->c, l.loss);
    assert_true(case_relative(a->c.g, gradient, case_gradient(&a->c, sum)) < 1e-12);
    assert_true(case_relative(a->c.g, gradient, case_gradient(&a->c, mean)) > 1e-2);
    case_free(&a->c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tangent_of_r_in_the_place_of_t),
        cmocka_unit_test(test_several_steps_without_the_interval),
        cmocka_unit_test(test_adaptive_weight_inverted),
        cmocka_unit_test(test_squared_twice),
        cmocka_unit_test(test_log_normal_for_logit_normal),
        cmocka_unit_test(test_sigmoid_of_a_uniform_number),
        cmocka_unit_test(test_scale_of_the_time_embedding),
        cmocka_unit_test(test_time_scale_of_the_network),
        cmocka_unit_test(test_gradient_loses_a_worker),
        cmocka_unit_test(test_several_steps_by_euler),
        cmocka_unit_test(test_interval_in_the_place_of_r),
        cmocka_unit_test(test_identity_without_the_transport_term),
        cmocka_unit_test(test_gradient_through_the_target),
        cmocka_unit_test(test_c_added_to_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
