/* SPDX-License-Identifier: MIT */
/* Guidance inside the target, as fixed by the options and as told to the network, what it costs; and class dropout. */
#include "ks.h"
#include "trial.h"

static const double some_kept[BATCH] = {0, 1, 1, 1, 0, 1};

/* The guided velocity, written out: null and conditional velocity of the network at (z, t, t). */
static ct_var *explicit_guidance(trial *t, const mf_options *o, ct_var *mask)
{
    ct_var *z = noisy(t), *v = ct_sub(t->draw.e, t->x);
    ct_var *null = ct_full(t->c.g, CT_I32, CT_SHAPE(BATCH), CLASSES);
    ct_var *without = mf_flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.t, null);
    ct_var *with = mf_flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.t, t->draw.label);
    ct_var *mixed = ct_add(ct_scale(v, o->omega), ct_scale(without, 1 - o->omega - o->kappa));
    mixed = ct_stop_gradient(ct_add(mixed, ct_scale(with, o->kappa)));
    return ct_add(ct_mul(case_rows(mask), mixed), ct_mul(case_rows(ct_affine(mask, -1, 1)), v));
}

static void check_guidance(double omega, double kappa, double low, double high)
{
    trial *t = trial_new("mlp", 2);
    mf_options o = options_with(2, 1, 0.01);
    o.omega = omega;
    o.kappa = kappa;
    o.guidance_low = low;
    o.guidance_high = high;
    t->draw.kept = case_row(t->c.g, BATCH, some_kept);
    ct_var *after = ct_greater(t->draw.t, ct_scalar(t->c.g, CT_F64, low)), *before = ct_greater(ct_scalar(t->c.g, CT_F64, high), t->draw.t);
    ct_var *inside = ct_mul(after, before);
    ct_var *v = explicit_guidance(t, &o, ct_mul(inside, t->draw.kept)), *z = noisy(t), *du;
    ct_var *u = mf_flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.r, t->draw.label);
    ct_var *x[] = {z, t->draw.t, t->draw.r}, *dx[] = {v, ct_ones_like(t->draw.t), NULL};
    assert_ok(ct_jvp(1, &u, 3, x, dx, &du), ct_graph_error(t->c.g));
    ct_var *target = ct_stop_gradient(ct_sub(v, ct_mul(case_rows(ct_sub(t->draw.t, t->draw.r)), du)));
    ct_var *expected = sum_pixels(ct_square(ct_sub(u, target)));
    mf_loss l = loss_of(t, o);
    assert_close(case_relative(t->c.g, l.per_sample, expected), 0, 1e-11);
    assert_close(case_relative(t->c.g, case_gradient(&t->c, l.log_loss), case_gradient(&t->c, ct_mean_all(ct_log(ct_shift(expected, 0.01))))),
                 0, 1e-11);
    mf_options none = options_with(2, 1, 0.01);
    assert_true(case_relative(t->c.g, l.per_sample, loss_of(t, none).per_sample) > 1e-3);
    case_free(&t->c);
}

static void test_guidance_is_as_written_out(void **state)
{
    (void)state;
    check_guidance(1.5, 0, 0, 1);
    check_guidance(1, 0.5, 0, 1);
    check_guidance(0.2, 0.8, 0, 1);
    check_guidance(0.7, 0.4, 0.5, 0.8);
}

/* A network with one product, no part of which two evaluations could share. */
static ct_var *one_product(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)guidance, (void)config;
    ct_var *shift = ct_add(ct_cast(label, ct_var_dtype(z)), ct_add(ct_scale(t, 0.3), ct_scale(r, 0.2)));
    ct_var *pixels = ct_reshape(ct_add(z, case_rows(shift)), CT_SHAPE(ct_var_dim(z, 0), 16));
    return ct_reshape(nn_linear(s, pixels, 16), ct_var_shape(z));
}

/* What the loss evaluates, in units of one evaluation of all rows. */
static double evaluations_of(mf_objective objective, double omega, double kappa, int64_t equal)
{
    trial *t = trial_new("mlp", equal);
    mf_options o = options_with(equal, 1, 0.01);
    o.objective = objective;
    o.omega = omega;
    o.kappa = kappa;
    t->net = case_net(one_product, NULL);
    t->draw.split = ct_full(t->c.g, CT_F64, CT_SHAPE(BATCH), 0.4);
    t->draw.alpha = ct_scalar(t->c.g, CT_F64, 0.3);
    ct_var *u = mf_flow_apply(t->net, t->c.s, t->x, t->draw.t, t->draw.r, t->draw.label), *loss = loss_of(t, o).loss;
    double n = products_of(t->c.g, 1, &loss).flops / products_of(t->c.g, 1, &u).flops;
    case_free(&t->c);
    return n;
}

/* The network's velocities are evaluated only where their factor is not zero, and the conditional one only where u is not it already: where r != t. */
static void test_guidance_spares_evaluations(void **state)
{
    (void)state;
    const mf_objective objectives[] = {MF_MEANFLOW, MF_IMPROVED, MF_ALPHA, MF_SPLIT, MF_MATCHING};
    /* What the objective itself evaluates on rows with r != t besides u, what guidance by kappa adds there, and the share of rows that it wants
     * the null class for. */
    const double late[] = {NAN, NAN, 1, 2, 0}, own[] = {1, 0, 1, 0, 0}, null[] = {1, 1, 1, 2.0 / 6, 1};
    for (int i = 0; i < 5; i++) {
        double share = objectives[i] == MF_MATCHING ? 0 : 4.0 / 6, none = evaluations_of(objectives[i], 1, 0, 2);
        if (late[i] >= 0)
            assert_close(none, 1 + late[i] * share, 1e-12);
        assert_close(evaluations_of(objectives[i], 0.5, 0.5, 2) - none, own[i] * share, 1e-12);
        assert_close(evaluations_of(objectives[i], 1.5, 0, 2) - none, null[i], 1e-12);
        assert_close(evaluations_of(objectives[i], 1, 0.5, 2) - none, own[i] * share + null[i], 1e-12);
    }
}

/* --- told to the network ------------------------------------------------------------------------------------------------ */

/* The last two rows' times are below and above their intervals. */
static mf_flow_guidance rows_of_guidance(ct_graph *g, mf_flow_guided guided)
{
    mf_flow_guidance out = {.omega = case_row(g, BATCH, (double[]){1.5, 3, 1, 7, 2, 4})};
    if (guided == MF_FLOW_OMEGA_INTERVAL) {
        out.low = case_row(g, BATCH, (double[]){0, 0, 0.1, 0.2, 0.5, 0.3});
        out.high = case_row(g, BATCH, (double[]){1, 1, 0.9, 0.35, 0.99, 0.6});
    }
    return out;
}

static ct_var *as_told(trial *t, mf_flow_guidance guidance, ct_var *r, ct_var *label)
{
    t->net.guidance = guidance;
    return mf_flow_apply(t->net, t->c.s, noisy(t), t->draw.t, r, label);
}

/* 1 where low <= t <= high: the told interval, or one for all. */
static ct_var *in_interval(trial *t, mf_flow_guidance told, const mf_options *o)
{
    ct_var *low = told.low ? told.low : ct_full(t->c.g, CT_F64, CT_SHAPE(BATCH), o->guidance_low);
    ct_var *high = told.high ? told.high : ct_full(t->c.g, CT_F64, CT_SHAPE(BATCH), o->guidance_high);
    return ct_mul(ct_affine(ct_greater(low, t->draw.t), -1, 1), ct_affine(ct_greater(t->draw.t, high), -1, 1));
}

/* own = u(z, t, t | label), null = u(z, t, t | null at scale 1), both told all times, and v + (1 - 1 / omega) (own - null) in rows with a label
 * within the interval. */
static ct_var *explicit_told(trial *t, const mf_options *o, mf_flow_guidance told, ct_var **own)
{
    ct_var *one = ct_ones_like(t->draw.t), *inside = in_interval(t, told, o);
    ct_var *null_label = ct_full(t->c.g, CT_I32, CT_SHAPE(BATCH), CLASSES), *omega = told.omega;
    mf_flow_guidance at_t = {.omega = told.low ? ct_select(inside, omega, one) : omega}, at_null = {.omega = one};
    if (told.low) {
        at_t.low = at_null.low = ct_zeros_like(one);
        at_t.high = at_null.high = one;
    }
    *own = as_told(t, at_t, t->draw.t, t->draw.label);
    ct_var *null = as_told(t, at_null, t->draw.t, null_label), *v = ct_sub(t->draw.e, t->x);
    ct_var *share = ct_mul(ct_mul(t->draw.kept, inside), ct_affine(ct_recip(omega), -1, 1));
    return ct_stop_gradient(ct_add(v, ct_mul(case_rows(share), ct_sub(*own, null))));
}

static void check_told(mf_objective objective, mf_flow_guided guided, double low, double high)
{
    mf_flow_config config = case_config("mlp");
    config.guided = guided;
    trial *t = trial_with(config, 2);
    mf_options o = options_with(2, 1, 0.01);
    o.objective = objective;
    o.omega_max = 8;
    o.guidance_low = low;
    o.guidance_high = high;
    t->draw.kept = case_row(t->c.g, BATCH, some_kept);
    t->draw.guidance = rows_of_guidance(t->c.g, guided);
    if (guided == MF_FLOW_OMEGA_INTERVAL)
        assert_close(case_number(t->c.g, ct_sum_all(in_interval(t, t->draw.guidance, &o))), BATCH - 2, 0);
    ct_var *own, *v = explicit_told(t, &o, t->draw.guidance, &own), *z = noisy(t), *du;
    t->net.guidance = t->draw.guidance;
    ct_var *u = mf_flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.r, t->draw.label), *x[] = {z, t->draw.t, t->draw.r};
    ct_var *dx[] = {objective == MF_IMPROVED ? own : v, ct_ones_like(t->draw.t), NULL};
    assert_ok(ct_jvp(1, &u, 3, x, dx, &du), ct_graph_error(t->c.g));
    ct_var *h = case_rows(ct_sub(t->draw.t, t->draw.r)), *error = ct_sub(ct_add(u, ct_mul(h, ct_stop_gradient(du))), v);
    ct_var *expected = sum_pixels(ct_square(error)), *log_loss = ct_mean_all(ct_log(ct_shift(expected, 0.01)));
    mf_loss l = loss_of(t, o);
    assert_close(case_relative(t->c.g, l.per_sample, expected), 0, 1e-11);
    assert_close(case_relative(t->c.g, case_gradient(&t->c, l.loss), case_gradient(&t->c, log_loss)), 0, 1e-11);
    case_free(&t->c);
}

static void test_guidance_told_to_the_network_is_as_written_out(void **state)
{
    (void)state;
    check_told(MF_IMPROVED, MF_FLOW_OMEGA_INTERVAL, 0, 1);
    check_told(MF_MEANFLOW, MF_FLOW_OMEGA_INTERVAL, 0, 1);
    check_told(MF_IMPROVED, MF_FLOW_OMEGA, 0, 1);
    check_told(MF_IMPROVED, MF_FLOW_OMEGA, 0.4, 0.8);
}

/* What a told network has learnt when all is well, where v is 0.3 for all labels and -0.8 without: omega v + (1 - omega) null. */
static ct_var *learnt_guidance(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)s, (void)t, (void)r, (void)config;
    ct_var *is_null = ct_cast(ct_equal(label, ct_full_like(label, CLASSES)), CT_F64);
    ct_var *guided = ct_affine(guidance.omega, 0.3 + 0.8, -0.8);
    return ct_broadcast(case_rows(ct_select(is_null, ct_full_like(guided, -0.8), guided)), ct_var_shape(z));
}

/* omega is the scale itself: the network above is where its own target is, at any omega. */
static void test_omega_is_the_scale(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", BATCH);
    mf_options o = options_with(BATCH, 1, 0.01);
    o.omega_max = 8;
    t->net = case_net(learnt_guidance, NULL);
    t->draw.label = ct_full(t->c.g, CT_I32, CT_SHAPE(BATCH), 1);
    t->draw.guidance = rows_of_guidance(t->c.g, MF_FLOW_OMEGA);
    t->draw.e = ct_shift(t->x, 0.3);
    mf_loss l = loss_of(t, o);
    assert_close(case_number(t->c.g, l.raw), 0, 1e-28);
    assert_true(case_number(t->c.g, l.velocity) > 1);
    case_free(&t->c);
}

/* Scales: density ~ omega^-power on [1, limit]; parameter: power, limit. */
static double scale_cdf(double x, const double *parameter)
{
    double q = 1 - parameter[0];
    return q == 0 ? log(x) / log(parameter[1]) : (pow(x, q) - 1) / (pow(parameter[1], q) - 1);
}

static mf_draw draw_guidance(model_case *c, const mf_options *o, int64_t rows)
{
    mf_draw d;
    ct_var *x = ct_full(c->g, CT_F64, CT_SHAPE(rows, 1, 1, 1), 0);
    assert_ok(mf_draw_batch(x, case_labels(c->g, rows, 9), 10, o, &d), ct_graph_error(c->g));
    return d;
}

static void test_scales_have_their_distribution(void **state)
{
    (void)state;
    enum { ROWS = 8000 };
    static double x[ROWS];
    const double power[] = {1, 0, 2, -0.5};
    for (int i = 0; i < 4; i++) {
        model_case c = case_new(CT_F64);
        mf_options o = mf_options_default();
        o.omega_max = 8;
        o.omega_power = power[i];
        mf_draw d = draw_guidance(&c, &o, ROWS);
        assert_null(d.guidance.low);
        assert_null(d.guidance.high);
        ct_tensor *t = case_value(c.g, d.guidance.omega);
        for (int64_t j = 0; j < ROWS; j++)
            x[j] = ct_tensor_get(t, j);
        assert_true(ks_distance(x, ROWS, scale_cdf, (double[]){power[i], 8}) < ks_limit(ROWS));
        assert_true(ks_distance(x, ROWS, scale_cdf, (double[]){power[i] + 0.5, 8}) > ks_limit(ROWS));
        ct_tensor_free(t);
        case_free(&c);
    }
}

/* Intervals: [0, 1] in rows with r = t; in the others both ends uniform, on either side of 1/2. */
static void test_intervals_have_their_distribution(void **state)
{
    (void)state;
    enum { ROWS = 8000, EQUAL = 2000 };
    static double low[ROWS - EQUAL], high[ROWS - EQUAL];
    model_case c = case_new(CT_F64);
    mf_options o = mf_options_default();
    o.omega_max = 8;
    o.draw_interval = true;
    o.unequal_share = 0.75;
    mf_draw d = draw_guidance(&c, &o, ROWS);
    ct_tensor *t[2];
    case_values(c.g, 2, (ct_var *[]){d.guidance.low, d.guidance.high}, NULL, t);
    for (int64_t i = 0; i < ROWS; i++) {
        if (i < EQUAL) {
            assert_close(ct_tensor_get(t[0], i), 0, 0);
            assert_close(ct_tensor_get(t[1], i), 1, 0);
        } else {
            low[i - EQUAL] = 2 * ct_tensor_get(t[0], i);
            high[i - EQUAL] = 2 * ct_tensor_get(t[1], i) - 1;
        }
    }
    assert_true(ks_distance(low, ROWS - EQUAL, ks_uniform, NULL) < ks_limit(ROWS - EQUAL));
    assert_true(ks_distance(high, ROWS - EQUAL, ks_uniform, NULL) < ks_limit(ROWS - EQUAL));
    ct_tensor_free(t[0]);
    ct_tensor_free(t[1]);
    case_free(&c);
}

/* The whole way, with the batch drawn: every objective trains a told network, dropped rows and all. */
static void test_every_objective_tells_the_network(void **state)
{
    (void)state;
    for (int i = MF_MEANFLOW; i <= MF_MATCHING; i++) {
        mf_flow_config config = case_config("dit");
        config.guided = MF_FLOW_OMEGA_INTERVAL;
        trial *t = trial_with(config, 2);
        mf_options o = options_with(2, 1, 0.01);
        o.objective = (mf_objective)i;
        o.alpha_end = 100;
        o.omega_max = 4;
        o.draw_interval = true;
        assert_ok(mf_draw_batch(t->x, case_labels(t->c.g, BATCH, CLASSES - 1), CLASSES, &o, &t->draw), ct_graph_error(t->c.g));
        ct_var *gradient = case_gradient(&t->c, loss_of(t, o).loss), *norm = ct_sum_all(ct_square(gradient));
        double n = case_number(t->c.g, norm);
        assert_true(isfinite(n) && n > 0);
        case_free(&t->c);
    }
}

/* A network that is told, and a draw that tells nothing, and the other way round. */
static void test_networks_are_told_what_they_expect(void **state)
{
    (void)state;
    const mf_flow_guided guided[] = {MF_FLOW_UNGUIDED, MF_FLOW_OMEGA, MF_FLOW_OMEGA, MF_FLOW_OMEGA_INTERVAL, MF_FLOW_UNGUIDED};
    const bool draws[] = {true, false, true, true, true}, interval[] = {false, false, true, false, false}, drops[] = {false, false, false, false, true};
    const char *part[] = {"guidance has omega, of which the network is not told", "guidance has no omega",
                          "guidance has low, of which the network is not told", "guidance has no low",
                          "omega_max is 4 and the draw's omega is NULL, expected both or neither"};
    for (int i = 0; i < 5; i++) {
        mf_flow_config config = case_config("mlp");
        config.guided = guided[i];
        trial *t = trial_with(config, 2);
        mf_options o = options_with(2, 1, 0.01);
        mf_loss l;
        o.omega_max = draws[i] ? 4 : 0;
        o.draw_interval = interval[i];
        assert_ok(mf_draw_batch(t->x, case_labels(t->c.g, BATCH, CLASSES - 1), CLASSES, &o, &t->draw), ct_graph_error(t->c.g));
        if (drops[i])
            t->draw.guidance = (mf_flow_guidance){0};
        assert_false(mf_loss_of(t->c.s, t->net, t->x, &t->draw, CLASSES, &o, &l));
        assert_error(ct_graph_error(t->c.g), CT_E_ARGUMENT, part[i]);
        case_free(&t->c);
    }
}

/* --- class dropout ------------------------------------------------------------------------------------------------------ */

/* Labels after dropout: null exactly where `kept` is 0, untouched elsewhere. Returns how many rows were dropped. */
static int64_t check_dropout(const ct_tensor *before, const ct_tensor *after, const ct_tensor *kept, int64_t classes)
{
    int64_t dropped = 0;
    for (int64_t i = 0; i < ct_tensor_count(kept); i++) {
        double k = ct_tensor_get(kept, i);
        assert_true(k == 0 || k == 1);
        dropped += k == 0;
        assert_close(ct_tensor_get(after, i), k == 1 ? ct_tensor_get(before, i) : (double)classes, 0);
    }
    return dropped;
}

static void draw_labels(int64_t batch, const mf_options *o, uint64_t seed, ct_tensor *out[3])
{
    model_case c = case_new(CT_F32);
    ct_var *x = ct_zeros_like(case_constant(c.g, CT_F32, CT_SHAPE(batch, 1, 2, 2), 1, 0, 1)), *label = case_labels(c.g, batch, 9);
    mf_draw d;
    assert_ok(mf_draw_batch(x, label, 10, o, &d), ct_graph_error(c.g));
    case_values(c.g, 3, (ct_var *[]){label, d.label, d.kept}, &(ct_compile_options){.seed = seed}, out);
    case_free(&c);
}

static void test_prefix_dropout_is_a_fixed_count_at_the_front(void **state)
{
    (void)state;
    const double chance[] = {0, 0.1, 0.26, 1};
    const int64_t count[] = {0, 3, 8, 30};
    for (int i = 0; i < 4; i++) {
        mf_options o = mf_options_official();
        o.class_dropout = chance[i];
        ct_tensor *t[3];
        draw_labels(30, &o, 1, t);
        assert_int_equal(check_dropout(t[0], t[1], t[2], 10), count[i]);
        for (int64_t j = 0; j < 30; j++)
            assert_close(ct_tensor_get(t[2], j), j >= count[i], 0);
        for (int j = 0; j < 3; j++)
            ct_tensor_free(t[j]);
    }
}

static void test_dropout_by_chance_has_its_frequency(void **state)
{
    (void)state;
    const double chance[] = {0, 0.1, 0.5, 1};
    enum { ROWS = 4000 };
    for (int i = 0; i < 4; i++) {
        mf_options o = mf_options_default();
        o.class_dropout = chance[i];
        ct_tensor *t[3];
        draw_labels(ROWS, &o, 9, t);
        double share = (double)check_dropout(t[0], t[1], t[2], 10) / ROWS;
        assert_close(share, chance[i], 4 * sqrt(chance[i] * (1 - chance[i]) / ROWS));
        for (int j = 0; j < 3; j++)
            ct_tensor_free(t[j]);
    }
}

/* The share of rows with r != t among those without a label: what the null class learns of intervals. */
static double intervals_of_the_null_class(const mf_options *o)
{
    enum { ROWS = 4000 };
    model_case c = case_new(CT_F64);
    mf_draw d = draw_guidance(&c, o, ROWS);
    ct_var *dropped = ct_affine(d.kept, -1, 1), *unequal = ct_greater(d.t, d.r);
    double n = case_number(c.g, ct_sum_all(ct_mul(dropped, unequal))) / case_number(c.g, ct_sum_all(dropped));
    case_free(&c);
    return n;
}

/* By default a row without a label is as likely to have r != t as any other; in the official form it never has, and one-step samples without a
 * label are untrained. */
static void test_the_null_class_learns_intervals(void **state)
{
    (void)state;
    mf_options o = mf_options_default(), official = mf_options_official();
    assert_close(intervals_of_the_null_class(&o), o.unequal_share, 4 * sqrt(0.25 * 0.75 / 400));
    assert_close(intervals_of_the_null_class(&official), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guidance_is_as_written_out),
        cmocka_unit_test(test_guidance_spares_evaluations),
        cmocka_unit_test(test_guidance_told_to_the_network_is_as_written_out),
        cmocka_unit_test(test_omega_is_the_scale),
        cmocka_unit_test(test_scales_have_their_distribution),
        cmocka_unit_test(test_intervals_have_their_distribution),
        cmocka_unit_test(test_every_objective_tells_the_network),
        cmocka_unit_test(test_networks_are_told_what_they_expect),
        cmocka_unit_test(test_prefix_dropout_is_a_fixed_count_at_the_front),
        cmocka_unit_test(test_dropout_by_chance_has_its_frequency),
        cmocka_unit_test(test_the_null_class_learns_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
