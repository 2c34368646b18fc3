/* SPDX-License-Identifier: MIT */
/* The samplers: what is exact, how fast the others converge, what new noise does, and what is refused. */
#include "closed_forms.h"
#include "ks.h"

static ct_var *renoise_by_chance(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time)
{
    return mf_sample_renoise(s, net, z, label, n, time, NULL);
}

static const mf_sampler samplers[] = {mf_sample, mf_sample_euler, mf_sample_heun, renoise_by_chance};
static const char *const sampler_names[] = {"mf_sample", "mf_sample_euler", "mf_sample_heun", "mf_sample_renoise"};
enum { SAMPLERS = 4 };

/* Every list of steps leads from any noise to the one datum there is, with every sampler: u = (z - x0) / t whatever r, and Euler's last step goes
 * all the way. (Heun's needs u at t = 0, where there is none.) */
static void test_point_mass_is_exact_for_any_steps(void **state)
{
    (void)state;
    static const double two[] = {1, 0.37, 0}, four[] = {1, 0.9, 0.2, 0.1, 0};
    const double *lists[] = {NULL, NULL, two, four};
    const int n[] = {1, 7, 2, 4};
    double x0 = 0.3;
    for (int i = 0; i < 4 * SAMPLERS; i++) {
        if (samplers[i / 4] == mf_sample_heun)
            continue;
        model_case c = case_new(CT_F64);
        ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(2, 1, 3, 3), 1, -3, 3);
        ct_var *x = samplers[i / 4](c.s, case_net(point_mass, &x0), z, case_labels(c.g, 2, 3), n[i % 4], lists[i % 4]);
        ct_tensor *t = case_value(c.g, x);
        for (int64_t j = 0; j < ct_tensor_count(t); j++)
            assert_close(ct_tensor_get(t, j), x0, 1e-14);
        ct_tensor_free(t);
        case_free(&c);
    }
}

/* Largest error of a sampler in n equal steps on the normal distribution, whose samples are mean + deviation e. */
static double gaussian_error(mf_sampler sampler, int n, const double *time)
{
    gaussian d = {0.4, 0.6};
    model_case c = case_new(CT_F64);
    ct_var *e = case_constant(c.g, CT_F64, CT_SHAPE(3, 1, 2, 2), 9, -2, 2);
    ct_var *x = sampler(c.s, case_net(gaussian_flow, &d), e, case_labels(c.g, 3, 3), n, time);
    double error = case_relative(c.g, x, ct_affine(e, d.deviation, d.mean));
    case_free(&c);
    return error;
}

static void test_jumps_are_exact(void **state)
{
    (void)state;
    assert_true(gaussian_error(mf_sample, 1, NULL) < 1e-14);
    assert_true(gaussian_error(mf_sample, 3, NULL) < 1e-14);
    assert_true(gaussian_error(mf_sample, 3, (double[]){1, 0.8, 0.05, 0}) < 1e-14);
}

/* Twice the steps, half the error (Euler) or a quarter (Heun). */
static void check_order(mf_sampler sampler, double ratio)
{
    double error[3];
    for (int i = 0; i < 3; i++)
        error[i] = gaussian_error(sampler, 32 << i, NULL);
    assert_true(error[0] > 1e-9);
    assert_close(error[0] / error[1], ratio, 0.1 * ratio);
    assert_close(error[1] / error[2], ratio, 0.05 * ratio);
}

static void test_euler_is_of_first_order_and_heun_of_second(void **state)
{
    (void)state;
    check_order(mf_sample_euler, 2);
    check_order(mf_sample_heun, 4);
}

/* Steps of unequal length are taken at their own length: an odd list converges as well as equal steps do. */
static void test_lists_of_times(void **state)
{
    (void)state;
    double time[65];
    for (int i = 0; i <= 64; i++)
        time[i] = pow(1 - i / 64.0, 1.5);
    assert_true(gaussian_error(mf_sample_euler, 64, time) < 4 * gaussian_error(mf_sample_euler, 64, NULL));
    assert_true(gaussian_error(mf_sample_heun, 64, time) < 4 * gaussian_error(mf_sample_heun, 64, NULL));
    assert_true(gaussian_error(mf_sample_heun, 64, time) < 1e-3);
}

static ct_var *count_evaluations(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)s, (void)t, (void)r, (void)label, (void)guidance;
    ++**(int *const *)config;
    return ct_scale(z, 0.5);
}

static void test_evaluations_of_the_network(void **state)
{
    (void)state;
    const int expected[] = {5, 5, 10, 5};
    for (int i = 0; i < SAMPLERS; i++) {
        int calls = 0, *counter = &calls;
        model_case c = case_new(CT_F64);
        ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(2, 1, 3, 3), 1, -3, 3);
        assert_ok(samplers[i](c.s, case_net(count_evaluations, &counter), z, case_labels(c.g, 2, 3), 5, NULL), ct_graph_error(c.g));
        assert_int_equal(calls, expected[i]);
        case_free(&c);
    }
}

/* NULL that no earlier error explains is named: by samplers, draws and networks. */
static void test_null_is_named(void **state)
{
    (void)state;
    static const char *const message[] = {"mf_sample 'net': label is NULL", "mf_sample_renoise 'net': label is NULL", "mf_sample_euler 'net': label is NULL",
                                          "mf_sample_heun 'net': label is NULL", "mf_draw_batch: label is NULL",
                                          "mf_mlp_flow 'net': z, t, r or label is NULL, expected all of them"};
    int found = 0;
    for (int i = 0; i < SAMPLERS + 2; i++) {
        int calls = 0, *counter = &calls;
        model_case c = case_new(CT_F32);
        nn_scope s = nn_at(c.s, "net");
        ct_var *z = case_constant(c.g, CT_F32, CT_SHAPE(2, 1, 4, 4), 1, -3, 3);
        mf_options o = mf_options_default();
        mf_draw draw;
        mf_flow_config config;
        ct_error err;
        assert_ok(mf_flow_config_default(&config, "mlp", &err), &err);
        if (i < SAMPLERS)
            assert_null(samplers[i](s, case_net(count_evaluations, &counter), z, NULL, 5, NULL));
        else if (i == SAMPLERS)
            assert_false(mf_draw_batch(z, NULL, 3, &o, &draw));
        else
            assert_null(mf_mlp_flow(s, z, NULL, NULL, NULL, (mf_flow_guidance){0}, &config));
        const ct_error *wrong = ct_graph_error(c.g);
        assert_non_null(wrong);
        for (size_t k = 0; k < sizeof message / sizeof *message; k++)
            found += strstr(wrong->message, message[k]) != NULL;
        case_free(&c);
    }
    assert_int_equal(found, SAMPLERS + 2);
}

/* On the normal distribution each jump is x = mean + s / sigma_t (z - (1 - t) mean), each re-noising z = (1 - t) x + t e. */
static void test_renoising_with_given_noise(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.6};
    const double time[] = {1, 0.7, 0.2, 0};
    model_case c = case_new(CT_F64);
    ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(3, 1, 2, 2), 9, -2, 2), *noise = case_constant(c.g, CT_F64, CT_SHAPE(2, 3, 1, 2, 2), 8, -2, 2);
    ct_var *label = case_labels(c.g, 3, 3);
    ct_var *x = mf_sample_renoise(c.s, case_net(gaussian_flow, &d), z, label, 3, time, noise), *expected = ct_affine(z, d.deviation, d.mean);
    for (int i = 1; i < 3; i++) {
        double t = time[i], spread = hypot((1 - t) * d.deviation, t);
        ct_var *e = ct_reshape(ct_slice(noise, 0, i - 1, i, 1), CT_SHAPE(3, 1, 2, 2));
        ct_var *from = ct_add(ct_scale(expected, 1 - t), ct_scale(e, t));
        expected = ct_shift(ct_scale(ct_shift(from, -(1 - t) * d.mean), d.deviation / spread), d.mean);
    }
    assert_true(case_relative(c.g, x, expected) < 1e-13);
    assert_true(case_relative(c.g, x, mf_sample(c.s, case_net(gaussian_flow, &d), z, label, 3, time)) > 0.1);
    case_free(&c);
}

static double normal_cdf(double x, const double *parameter)
{
    return 0.5 * erfc(-(x - parameter[0]) / (parameter[1] * sqrt(2)));
}

/* The marginals are the flow's own, so new noise leaves the samples' distribution as it is; and it is new in each step. */
static void test_renoising_keeps_the_distribution(void **state)
{
    (void)state;
    enum { NUMBERS = 8000 };
    static double x[NUMBERS];
    gaussian d = {0.4, 0.6};
    model_case c = case_new(CT_F64);
    ct_var *z = ct_normal(c.g, CT_F64, CT_SHAPE(NUMBERS, 1, 1, 1));
    ct_var *label = ct_full(c.g, CT_I32, CT_SHAPE(NUMBERS), 0);
    ct_tensor *t = case_value(c.g, mf_sample_renoise(c.s, case_net(gaussian_flow, &d), z, label, 4, NULL, NULL));
    for (int64_t i = 0; i < NUMBERS; i++)
        x[i] = ct_tensor_get(t, i);
    assert_true(ks_distance(x, NUMBERS, normal_cdf, (double[]){d.mean, d.deviation}) < ks_limit(NUMBERS));
    ct_tensor_free(t);
    case_free(&c);
}

static void test_samplers_refuse_times(void **state)
{
    (void)state;
    double x0 = 0;
    const double rising[] = {1, 0.2, 0.5, 0}, short_of[] = {1, 0.5, 0.1}, late[] = {0.9, 0.5, 0}, nan[] = {1, NAN, 0};
    const double *lists[] = {rising, short_of, late, NULL, nan};
    const int n[] = {3, 2, 2, 0, 2};
    const char *part[] = {"times 1 and 2 are 0.2 and 0.5, expected falling ones", "from 1 to 0.1, expected 1 to 0",
                          "from 0.9 to 0, expected 1 to 0", "0 steps, expected at least 1", "times 0 and 1 are 1 and nan"};
    for (int i = 0; i < 5 * SAMPLERS; i++) {
        model_case c = case_new(CT_F64);
        ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(2, 1, 3, 3), 1, -3, 3);
        assert_null(samplers[i / 5](c.s, case_net(point_mass, &x0), z, case_labels(c.g, 2, 3), n[i % 5], lists[i % 5]));
        assert_non_null(ct_graph_error(c.g));
        assert_error(ct_graph_error(c.g), CT_E_ARGUMENT, part[i % 5]);
        assert_error(ct_graph_error(c.g), CT_E_ARGUMENT, sampler_names[i / 5]);
        case_free(&c);
    }
}

static void test_renoising_refuses_noise_that_does_not_fit(void **state)
{
    (void)state;
    double x0 = 0;
    const ct_shape shapes[] = {CT_SHAPE(3, 2, 1, 3, 3), CT_SHAPE(2, 1, 3, 3)};
    for (int i = 0; i < 2; i++) {
        model_case c = case_new(CT_F64);
        ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(2, 1, 3, 3), 1, -3, 3), *noise = case_constant(c.g, CT_F64, shapes[i], 1, -3, 3);
        assert_null(mf_sample_renoise(c.s, case_net(point_mass, &x0), z, case_labels(c.g, 2, 3), 3, NULL, noise));
        assert_error(ct_graph_error(c.g), CT_E_SHAPE, "expected float64 [2, 2, 1, 3, 3] for 3 steps");
        case_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_point_mass_is_exact_for_any_steps),
        cmocka_unit_test(test_jumps_are_exact),
        cmocka_unit_test(test_euler_is_of_first_order_and_heun_of_second),
        cmocka_unit_test(test_lists_of_times),
        cmocka_unit_test(test_evaluations_of_the_network),
        cmocka_unit_test(test_null_is_named),
        cmocka_unit_test(test_renoising_with_given_noise),
        cmocka_unit_test(test_renoising_keeps_the_distribution),
        cmocka_unit_test(test_samplers_refuse_times),
        cmocka_unit_test(test_renoising_refuses_noise_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
