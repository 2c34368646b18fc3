/* SPDX-License-Identifier: MIT */
/* The two times of a row: their distribution, their order, and in how many rows they are equal. */
#include "ks.h"
#include "model_case.h"

static void draw_times(ct_dtype dtype, int64_t batch, const mf_options *o, uint64_t seed, ct_tensor *out[3])
{
    model_case c = case_new(dtype);
    ct_var *x = ct_full(c.g, dtype, CT_SHAPE(batch, 1, 1, 1), 0);
    mf_draw d;
    assert_ok(mf_draw_batch(x, case_labels(c.g, batch, 9), 10, o, &d), ct_graph_error(c.g));
    case_values(c.g, 3, (ct_var *[]){d.t, d.r, d.e}, &(ct_compile_options){.seed = seed}, out);
    case_free(&c);
}

static void free_times(ct_tensor *t[3])
{
    for (int i = 0; i < 3; i++)
        ct_tensor_free(t[i]);
}

/* With r != t everywhere, t and r together are the numbers drawn. Returns their distance to the distribution. */
static double distance(ct_dtype dtype, const mf_options *o, double (*cdf)(double, const double *), const double *parameter)
{
    enum { ROWS = 8000 };
    static double x[2 * ROWS];
    ct_tensor *t[3];
    draw_times(dtype, ROWS, o, 17, t);
    for (int64_t i = 0; i < ROWS; i++) {
        x[i] = ct_tensor_get(t[0], i);
        x[ROWS + i] = ct_tensor_get(t[1], i);
    }
    free_times(t);
    return ks_distance(x, 2 * ROWS, cdf, parameter) / ks_limit(2 * ROWS);
}

static void test_logit_normal(void **state)
{
    (void)state;
    const double parameter[][2] = {{-0.4, 1}, {0, 1}, {-1.2, 1.2}, {0.5, 0.3}}, other[] = {-0.3, 1};
    mf_options o = mf_options_default();
    o.unequal_share = 1;
    for (int i = 0; i < 4; i++) {
        o.t = (mf_time){MF_LOGIT_NORMAL, parameter[i][0], parameter[i][1]};
        assert_in_range((int64_t)(1000 * distance(CT_F32, &o, ks_logit_normal, parameter[i])), 0, 1000);
        assert_in_range((int64_t)(1000 * distance(CT_F64, &o, ks_logit_normal, parameter[i])), 0, 1000);
    }
    o.t = (mf_time){MF_LOGIT_NORMAL, -0.4, 1};
    assert_true(distance(CT_F32, &o, ks_logit_normal, other) > 1);
}

static void test_uniform(void **state)
{
    (void)state;
    mf_options o = mf_options_default();
    o.unequal_share = 1;
    assert_true(distance(CT_F32, &o, ks_uniform, NULL) > 1);
    o.t.kind = MF_UNIFORM;
    assert_in_range((int64_t)(1000 * distance(CT_F32, &o, ks_uniform, NULL)), 0, 1000);
    assert_in_range((int64_t)(1000 * distance(CT_F64, &o, ks_uniform, NULL)), 0, 1000);
}

/* The distribution function of the larger of two uniform numbers. */
static double larger_of_two(double x, const double *parameter)
{
    (void)parameter;
    return x * x;
}

static void test_t_is_the_larger_of_two_draws(void **state)
{
    (void)state;
    enum { ROWS = 8000 };
    static double x[ROWS];
    ct_tensor *t[3];
    mf_options o = mf_options_default();
    o.t.kind = MF_UNIFORM;
    o.unequal_share = 0.5;
    draw_times(CT_F64, ROWS, &o, 3, t);
    for (int64_t i = 0; i < ROWS; i++)
        x[i] = ct_tensor_get(t[0], i);
    assert_true(ks_distance(x, ROWS, larger_of_two, NULL) < ks_limit(ROWS));
    free_times(t);
}

/* parameter: kind, mean and deviation of one time, then of the other. The larger of the two is below x when both are; the smaller is above when
 * both are. */
static double one_time(double x, const double *parameter)
{
    return parameter[0] == MF_UNIFORM ? ks_uniform(x, NULL) : ks_logit_normal(x, parameter + 1);
}

static double larger(double x, const double *parameter)
{
    return one_time(x, parameter) * one_time(x, parameter + 3);
}

static double smaller(double x, const double *parameter)
{
    return 1 - (1 - one_time(x, parameter)) * (1 - one_time(x, parameter + 3));
}

/* Distance of t (i = 0) or r (i = 1), drawn for all rows, in units of what chance allows. */
static double distance_of(const mf_options *o, int i, double (*cdf)(double, const double *), const double *parameter)
{
    enum { ROWS = 8000 };
    static double x[ROWS];
    ct_tensor *t[3];
    draw_times(CT_F32, ROWS, o, 21, t);
    for (int64_t j = 0; j < ROWS; j++)
        x[j] = ct_tensor_get(t[i], j);
    free_times(t);
    return ks_distance(x, ROWS, cdf, parameter) / ks_limit(ROWS);
}

static void test_t_and_r_with_distributions_of_their_own(void **state)
{
    (void)state;
    const mf_time uniform = {.kind = MF_UNIFORM}, early = {MF_LOGIT_NORMAL, -1, 0.7}, late = {MF_LOGIT_NORMAL, 1.2, 0.5};
    const mf_time times[][2] = {{late, early}, {uniform, early}, {late, uniform}, {early, late}};
    mf_options o = mf_options_default();
    o.unequal_share = 1;
    for (int i = 0; i < 4; i++) {
        o.t = times[i][0];
        o.r = times[i][1];
        const double parameter[] = {o.t.kind, o.t.mean, o.t.deviation, o.r.kind, o.r.mean, o.r.deviation};
        assert_true(distance_of(&o, 0, larger, parameter) < 1);
        assert_true(distance_of(&o, 1, smaller, parameter) < 1);
        assert_true(distance_of(&o, 1, larger, parameter) > 2);
    }
}

/* Flow matching draws one time a row, from t's distribution itself, and not the larger of two. */
static void test_flow_matching_draws_t_alone(void **state)
{
    (void)state;
    const double parameter[] = {-0.4, 1};
    mf_options o = mf_options_default();
    o.objective = MF_MATCHING;
    o.unequal_share = 0.5;
    assert_int_equal(mf_equal_rows(&o, 9), 9);
    assert_true(distance_of(&o, 0, ks_logit_normal, parameter) < 1);
    assert_true(distance_of(&o, 1, ks_logit_normal, parameter) < 1);
    o.t.kind = MF_UNIFORM;
    assert_true(distance_of(&o, 0, ks_uniform, NULL) < 1);
}

/* SplitMeanFlow's point between, uniform, and drawn for no other objective. */
static void test_the_point_between(void **state)
{
    (void)state;
    enum { ROWS = 8000 };
    static double x[ROWS];
    mf_options o = mf_options_default();
    for (int i = 0; i < 2; i++) {
        model_case c = case_new(CT_F32);
        ct_var *z = ct_full(c.g, CT_F32, CT_SHAPE(ROWS, 1, 1, 1), 0);
        o.objective = i ? MF_SPLIT : MF_MEANFLOW;
        mf_draw d;
        assert_ok(mf_draw_batch(z, case_labels(c.g, ROWS, 9), 10, &o, &d), ct_graph_error(c.g));
        assert_int_equal(d.split != NULL, i);
        ct_tensor *t = i ? case_value(c.g, d.split) : NULL;
        for (int64_t j = 0; t && j < ROWS; j++)
            x[j] = ct_tensor_get(t, j);
        ct_tensor_free(t);
        case_free(&c);
    }
    assert_true(ks_distance(x, ROWS, ks_uniform, NULL) < ks_limit(ROWS));
}

/* Rows with r = t are the first ones, exactly as many as said; in the others r < t. */
static void check_share(int64_t batch, double share, int64_t equal)
{
    mf_options o = mf_options_default();
    o.unequal_share = share;
    assert_int_equal(mf_equal_rows(&o, batch), equal);
    ct_tensor *t[3];
    draw_times(CT_F32, batch, &o, 5, t);
    for (int64_t i = 0; i < batch; i++) {
        double late = ct_tensor_get(t[0], i), early = ct_tensor_get(t[1], i);
        assert_true(early > 0 && late < 1);
        assert_true(i < equal ? early == late : early < late);
    }
    free_times(t);
}

static void test_share_is_exact(void **state)
{
    (void)state;
    check_share(128, 0.25, 96);
    check_share(10, 0.25, 7);
    check_share(7, 0.5, 3);
    check_share(1, 0.25, 1);
    check_share(9, 0, 9);
    check_share(9, 1, 0);
}

static void test_draws_follow_seed_and_step(void **state)
{
    (void)state;
    mf_options o = mf_options_default();
    ct_tensor *a[3], *b[3], *c[3];
    double scale;
    draw_times(CT_F32, 64, &o, 1, a);
    draw_times(CT_F32, 64, &o, 1, b);
    draw_times(CT_F32, 64, &o, 2, c);
    for (int i = 0; i < 3; i++) {
        assert_close(case_distance(a[i], b[i], &scale), 0, 0);
        assert_true(case_distance(a[i], c[i], &scale) > 0.01);
    }
    free_times(a);
    free_times(b);
    free_times(c);
}

/* Noise is normal, and no copy of the times' numbers. */
static double normal_cdf(double x, const double *parameter)
{
    (void)parameter;
    return 0.5 * erfc(-x / sqrt(2));
}

static void test_noise_is_normal(void **state)
{
    (void)state;
    enum { ROWS = 8000 };
    static double x[ROWS];
    double product = 0;
    ct_tensor *t[3];
    mf_options o = mf_options_default();
    o.unequal_share = 1;
    draw_times(CT_F32, ROWS, &o, 11, t);
    for (int64_t i = 0; i < ROWS; i++) {
        x[i] = ct_tensor_get(t[2], i);
        product += x[i] * (ct_tensor_get(t[0], i) - ct_tensor_get(t[1], i)) / ROWS;
    }
    assert_true(ks_distance(x, ROWS, normal_cdf, NULL) < ks_limit(ROWS));
    assert_close(product, 0, 4 / sqrt(ROWS));
    free_times(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logit_normal),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_t_is_the_larger_of_two_draws),
        cmocka_unit_test(test_t_and_r_with_distributions_of_their_own),
        cmocka_unit_test(test_flow_matching_draws_t_alone),
        cmocka_unit_test(test_the_point_between),
        cmocka_unit_test(test_share_is_exact),
        cmocka_unit_test(test_draws_follow_seed_and_step),
        cmocka_unit_test(test_noise_is_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
