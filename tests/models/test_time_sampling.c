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
        o.time_mean = parameter[i][0];
        o.time_deviation = parameter[i][1];
        assert_in_range((int64_t)(1000 * distance(CT_F32, &o, ks_logit_normal, parameter[i])), 0, 1000);
        assert_in_range((int64_t)(1000 * distance(CT_F64, &o, ks_logit_normal, parameter[i])), 0, 1000);
    }
    o.time_mean = -0.4;
    o.time_deviation = 1;
    assert_true(distance(CT_F32, &o, ks_logit_normal, other) > 1);
}

static void test_uniform(void **state)
{
    (void)state;
    mf_options o = mf_options_default();
    o.unequal_share = 1;
    assert_true(distance(CT_F32, &o, ks_uniform, NULL) > 1);
    o.time = MF_UNIFORM;
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
    o.time = MF_UNIFORM;
    o.unequal_share = 0.5;
    draw_times(CT_F64, ROWS, &o, 3, t);
    for (int64_t i = 0; i < ROWS; i++)
        x[i] = ct_tensor_get(t[0], i);
    assert_true(ks_distance(x, ROWS, larger_of_two, NULL) < ks_limit(ROWS));
    free_times(t);
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
        cmocka_unit_test(test_share_is_exact),
        cmocka_unit_test(test_draws_follow_seed_and_step),
        cmocka_unit_test(test_noise_is_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
