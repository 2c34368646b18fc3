/* SPDX-License-Identifier: MIT */
/* Initialisers: their moments and bounds, the fans, and that a value is a function of seed and name alone. */
#include "nn_support.h"

enum { N = 200 * 300 };

typedef struct moments {
    double mean, deviation, low, high;
} moments;

static moments moments_of(const ct_tensor *t)
{
    moments m = {0, 0, INFINITY, -INFINITY};
    int64_t n = ct_tensor_count(t);
    for (int64_t i = 0; i < n; i++) {
        double x = ct_tensor_get(t, i);
        m.mean += x / (double)n;
        m.low = fmin(m.low, x);
        m.high = fmax(m.high, x);
    }
    for (int64_t i = 0; i < n; i++)
        m.deviation += pow(ct_tensor_get(t, i) - m.mean, 2) / (double)n;
    m.deviation = sqrt(m.deviation);
    return m;
}

static ct_tensor *filled(nn_init init, ct_dtype dtype, ct_shape shape, const char *name, uint64_t seed)
{
    ct_error err;
    ct_tensor *t = ct_tensor_new(dtype, shape, &err);
    assert_ok(t, &err);
    assert_ok(nn_init_fill(init, t, name, seed, &err), &err);
    return t;
}

/* Mean and deviation within five standard errors; the extremes within `bound` of the mean and, as N is large, near it when `reached`. */
static void check_moments(nn_init init, ct_shape shape, double mean, double deviation, double bound, bool reached)
{
    for (int dtype = CT_F32; dtype <= CT_F64; dtype++) {
        ct_tensor *t = filled(init, (ct_dtype)dtype, shape, "w", 1);
        moments m = moments_of(t);
        double error = 5 * deviation / sqrt((double)ct_tensor_count(t));
        assert_close(m.mean, mean, error);
        assert_close(m.deviation, deviation, error);
        assert_true(m.low >= mean - bound * (1 + 1e-6) && m.high <= mean + bound * (1 + 1e-6));
        if (reached) {
            assert_close(m.low, mean - bound, 0.01 * bound);
            assert_close(m.high, mean + bound, 0.01 * bound);
        }
        ct_tensor_free(t);
    }
}

static void constant_is_everywhere(void **state)
{
    (void)state;
    ct_tensor *t = filled((nn_init){NN_INIT_CONSTANT, 2.5, 0}, CT_F32, CT_SHAPE(7), "w", 1);
    moments m = moments_of(t);
    assert_close(m.low, 2.5, 0);
    assert_close(m.high, 2.5, 0);
    ct_tensor_free(t);
}

static void simple_kinds_have_their_moments(void **state)
{
    (void)state;
    check_moments((nn_init){NN_INIT_NORMAL, 3, 0.5}, CT_SHAPE(N), 3, 0.5, 3, false);
    check_moments(NN_UNIFORM(-1, 3), CT_SHAPE(N), 1, 4 / sqrt(12), 2, true);
}

/* A normal cut at two deviations has variance 1 - 4 phi(2) / (2 Phi(2) - 1). */
static void truncated_normal_has_its_moments(void **state)
{
    (void)state;
    double density = exp(-2) / sqrt(2 * 3.14159265358979323846), variance = 1 - 4 * density / erf(sqrt(2));
    check_moments((nn_init){NN_INIT_TRUNCATED_NORMAL, 1, 0.1}, CT_SHAPE(N), 1, 0.1 * sqrt(variance), 0.2, true);
}

/* The share of values below z is that of the distribution: (Phi(z) - Phi(-2)) / (Phi(2) - Phi(-2)). */
static void truncated_normal_has_its_distribution(void **state)
{
    (void)state;
    ct_tensor *t = filled(NN_TRUNCATED_NORMAL(1), CT_F64, CT_SHAPE(N), "w", 1);
    for (double z = -1.75; z < 2; z += 0.25) {
        double below = 0, expected = (1 + erf(z / sqrt(2)) / erf(sqrt(2))) / 2;
        for (int64_t i = 0; i < N; i++)
            below += doubles(t)[i] < z;
        assert_close(below / N, expected, 5 * sqrt(expected * (1 - expected) / N));
    }
    ct_tensor_free(t);
}

/* fan_in and fan_out of [200, 300] are 300 and 200; of [20, 30, 10, 10] they are 3000 and 2000. */
static void fans_are_pytorchs(void **state)
{
    (void)state;
    const struct { ct_shape shape; double in, out; } cases[] = {{{2, {200, 300}}, 300, 200}, {{4, {20, 30, 10, 10}}, 3000, 2000}};
    for (int i = 0; i < 2; i++) {
        double in = cases[i].in, both = in + cases[i].out;
        check_moments(NN_XAVIER_UNIFORM, cases[i].shape, 0, sqrt(2 / both), sqrt(6 / both), true);
        check_moments(NN_KAIMING_UNIFORM(sqrt(2)), cases[i].shape, 0, sqrt(2 / in), sqrt(6 / in), true);
        check_moments(NN_XAVIER_NORMAL, cases[i].shape, 0, sqrt(2 / both), 1, false);
        check_moments(NN_KAIMING_NORMAL(sqrt(2)), cases[i].shape, 0, sqrt(2 / in), 1, false);
    }
}

/* Linear and convolution start as PyTorch's: everything uniform in (-1/sqrt(fan_in), 1/sqrt(fan_in)). */
static void layers_start_as_pytorchs(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    nn_linear(nn_at(b.root, "linear"), ct_input(b.graph, "x", CT_F32, CT_SHAPE(1, 400)), 3000);
    nn_conv2d(nn_at(b.root, "conv"), ct_input(b.graph, "i", CT_F32, CT_SHAPE(1, 200, 8, 8)), 3000, 2, (nn_conv2d_options){.groups = 2});
    const char *names[] = {"linear.weight", "linear.bias", "conv.weight", "conv.bias"};
    assert_null(ct_graph_error(b.graph));
    for (int i = 0; i < 4; i++) {
        moments m = moments_of(nn_params_find(b.params, names[i]));
        double bound = 1 / sqrt(400);
        assert_close(m.low, -bound, 0.01 * bound);
        assert_close(m.high, bound, 0.01 * bound);
    }
    bench_close(&b);
}

static void order_of_creation_does_not_matter(void **state)
{
    (void)state;
    bench a = bench_open(CT_F32), b = bench_open(CT_F32);
    const char *names[] = {"first", "second", "third"};
    for (int i = 0; i < 3; i++) {
        nn_param(nn_at(a.root, "%s", names[i]), "weight", CT_SHAPE(5, 5), NN_NORMAL(1));
        nn_param(nn_at(b.root, "%s", names[2 - i]), "weight", CT_SHAPE(5, 5), NN_NORMAL(1));
    }
    for (int i = 0; i < 3; i++)
        assert_tensors_close(nn_params_tensor(a.params, i), nn_params_tensor(b.params, 2 - i), 0);
    bench_close(&a);
    bench_close(&b);
}

static bool equal(const ct_tensor *a, const ct_tensor *b)
{
    return memcmp(ct_tensor_data(a), ct_tensor_data(b), ct_tensor_bytes(a)) == 0;
}

static void seed_and_name_choose_the_values(void **state)
{
    (void)state;
    for (nn_init_kind kind = NN_INIT_NORMAL; kind <= NN_INIT_KAIMING_NORMAL; kind++) {
        nn_init init = {kind, -0.5, 0.5};
        ct_tensor *t = filled(init, CT_F32, CT_SHAPE(4, 4), "a", 1), *again = filled(init, CT_F32, CT_SHAPE(4, 4), "a", 1);
        ct_tensor *name = filled(init, CT_F32, CT_SHAPE(4, 4), "b", 1), *seed = filled(init, CT_F32, CT_SHAPE(4, 4), "a", 2);
        assert_true(equal(t, again));
        assert_false(equal(t, name));
        assert_false(equal(t, seed));
        ct_tensor_free(t);
        ct_tensor_free(again);
        ct_tensor_free(name);
        ct_tensor_free(seed);
    }
}

static void misuse_is_refused(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *vector = ct_tensor_new(CT_F32, CT_SHAPE(3), &err), *whole = ct_tensor_new(CT_I32, CT_SHAPE(3), &err);
    assert_false(nn_init_fill(NN_XAVIER_UNIFORM, vector, "enc.bias", 0, &err));
    assert_error(&err, CT_E_SHAPE, "'enc.bias'");
    assert_false(nn_init_fill((nn_init){0}, vector, "enc.bias", 0, &err));
    assert_error(&err, CT_E_ARGUMENT, "NN_INIT_DEFAULT");
    assert_false(nn_init_fill(NN_NORMAL(NAN), vector, "enc.bias", 0, &err));
    assert_error(&err, CT_E_ARGUMENT, "finite");
    assert_false(nn_init_fill(NN_ZEROS, whole, "enc.bias", 0, &err));
    assert_error(&err, CT_E_ARGUMENT, "float32 or float64");
    ct_tensor_free(vector);
    ct_tensor_free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_is_everywhere),
        cmocka_unit_test(simple_kinds_have_their_moments),
        cmocka_unit_test(truncated_normal_has_its_moments),
        cmocka_unit_test(truncated_normal_has_its_distribution),
        cmocka_unit_test(fans_are_pytorchs),
        cmocka_unit_test(layers_start_as_pytorchs),
        cmocka_unit_test(order_of_creation_does_not_matter),
        cmocka_unit_test(seed_and_name_choose_the_values),
        cmocka_unit_test(misuse_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
