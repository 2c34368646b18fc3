/* SPDX-License-Identifier: MIT */
/* The map functions: accuracy against double precision, special values, and independence of place and length. */
#include "arrays.h"

#include <cotangent/kernels.h>

static double sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

/* In long double, whose exponential keeps what 1 + exp(x) loses. */
static double softplus(double x)
{
    return (double)(x > 0 ? x + log1pl(expl(-(long double)x)) : log1pl(expl(x)));
}

typedef struct function {
    const char *name;
    ct_map_fn f32, f64;
    double (*exact)(double);
    float limit;                /* of |x| in float32 */
} function;

static const function functions[] = {
    {"exp", ct_map_exp_f32, ct_map_exp_f64, exp, INFINITY},
    {"log", ct_map_log_f32, ct_map_log_f64, log, INFINITY},
    {"tanh", ct_map_tanh_f32, ct_map_tanh_f64, tanh, INFINITY},
    {"sigmoid", ct_map_sigmoid_f32, ct_map_sigmoid_f64, sigmoid, INFINITY},
    {"erf", ct_map_erf_f32, ct_map_erf_f64, erf, INFINITY},
    {"erfc", ct_map_erfc_f32, ct_map_erfc_f64, erfc, INFINITY},
    {"softplus", ct_map_softplus_f32, ct_map_softplus_f64, softplus, INFINITY},
    {"sin", ct_map_sin_f32, ct_map_sin_f64, sin, 1e5f},
    {"cos", ct_map_cos_f32, ct_map_cos_f64, cos, 1e5f},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions, BLOCK = 1000 };

/* Distance in units of the last place of a float of that magnitude. */
static double ulps(float got, double exact)
{
    int exponent;
    frexp(exact, &exponent);
    return fabs(got - exact) / ldexp(1, exponent - 24 < -149 ? -149 : exponent - 24);
}

static void check_float(const function *f, float x, float got)
{
    double exact = f->exact(x);
    float nearest = (float)exact;
    bool special = isnan(exact) || isinf(nearest) || isnan(got) || isinf(got);
    bool good = special ? (isnan(exact) && isnan(got)) || got == nearest : ulps(got, exact) <= 2;
    if (!good || (exact == 0 && !signbit(got) != !signbit(exact)))
        fail_msg("%s(%a) is %a, expected %a", f->name, (double)x, (double)got, exact);
}

/* Every 521st float of either sign: all binades, denormals, infinities and NaNs among them. */
static void float32_is_within_two_ulps(void **state)
{
    (void)state;
    for (int i = 0; i < FUNCTIONS; i++) {
        const function *f = &functions[i];
        float x[BLOCK], y[BLOCK];
        const void *in[] = {x};
        for (uint64_t bits = 0; bits < UINT64_C(1) << 32;) {
            int64_t n = 0;
            for (; n < BLOCK && bits < UINT64_C(1) << 32; bits += 521) {
                uint32_t word = (uint32_t)bits;
                memcpy(&x[n], &word, sizeof word);
                n += isnan(x[n]) || fabsf(x[n]) <= f->limit;
            }
            f->f32(n, in, y, NULL);
            for (int64_t j = 0; j < n; j++)
                check_float(f, x[j], y[j]);
        }
    }
}

/* Where the argument's cases meet, and what Annex F says of the ends. */
static void float32_special_values(void **state)
{
    (void)state;
    const float at[] = {
        0, -0.0f, 1, -1, INFINITY, -INFINITY, NAN, 1e-45f, -1e-45f, 1.1754944e-38f, 0.5f, -0.5f, 0.6f, 0.92f, 4, 10.05f, 10.06f, 10.1f, -10.1f, 88.72284f, 88.7229f,
        -87.33655f, -103.97f, -103.98f, 89, -104, 1e5f, -1e5f, 3.4e38f, 0.70710677f, 0.70710678f, 1.4142135f,
    };
    enum { COUNT = sizeof at / sizeof *at };
    for (int i = 0; i < FUNCTIONS; i++)
        for (int j = 0; j < COUNT; j++) {
            float y;
            const void *in[] = {&at[j]};
            functions[i].f32(1, in, &y, NULL);
            check_float(&functions[i], at[j], y);
        }
}

static void float64_is_the_library_s(void **state)
{
    (void)state;
    support_rng rng = {21};
    for (int i = 0; i < FUNCTIONS; i++)
        for (int j = 0; j < 2000; j++) {
            double x = support_uniform(&rng, -30, 30), y;
            const void *in[] = {&x};
            functions[i].f64(1, in, &y, NULL);
            double exact = functions[i].exact(x);
            if (!(fabs(y - exact) <= 4e-16 * fabs(exact)) && !(isnan(y) && isnan(exact)))
                fail_msg("%s(%.17g) is %.17g, expected %.17g", functions[i].name, x, y, exact);
        }
}

/* Any function on any run gives the bits it gives on the elements alone, in place too. */
static void check_invariance(const char *name, ct_map_fn fn, const void *attr, int inputs, support_rng *rng)
{
    enum { N = 133 };
    float x[3][N], alone[N], y[N];
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < N; i++)
            x[k][i] = i % 41 == 7 ? NAN : (float)(support_uniform(rng, -1, 1) * exp(support_uniform(rng, -20, 20)));
    for (int i = 0; i < N; i++) {
        const void *in[] = {&x[0][i], &x[1][i], &x[2][i]};
        fn(1, in, &alone[i], attr);
    }
    for (int start = 0; start < 20; start++)
        for (int n = 0; n <= N - start; n += n < 40 ? 1 : 23) {
            const void *in[] = {x[0] + start, x[1] + start, x[2] + start};
            fn(n, in, y, attr);
            if (memcmp(y, alone + start, (size_t)n * sizeof *y) != 0)
                fail_msg("%s: a run of %d from %d differs from its elements alone", name, n, start);
            for (int k = 0; k < inputs; k++) {
                float copy[N];
                memcpy(copy, x[k] + start, (size_t)n * sizeof *copy);
                const void *same[] = {in[0], in[1], in[2]};
                same[k] = copy;
                fn(n, same, copy, attr);
                if (memcmp(copy, alone + start, (size_t)n * sizeof *copy) != 0)
                    fail_msg("%s: in place of operand %d, %d elements from %d, differs", name, k, n, start);
            }
        }
}

static void a_value_depends_on_its_operands_alone(void **state)
{
    (void)state;
    support_rng rng = {22};
    for (int i = 0; i < FUNCTIONS; i++)
        check_invariance(functions[i].name, functions[i].f32, NULL, 1, &rng);
    ct_affine_attr affine = {1.7, -0.3};
    check_invariance("affine", ct_map_affine_f32, &affine, 1, &rng);
    check_invariance("recip", ct_map_recip_f32, NULL, 1, &rng);
    check_invariance("add", ct_map_add_f32, NULL, 2, &rng);
    check_invariance("mul", ct_map_mul_f32, NULL, 2, &rng);
    check_invariance("mul_no_nan", ct_map_mul_no_nan_f32, NULL, 2, &rng);
    check_invariance("div", ct_map_div_f32, NULL, 2, &rng);
    check_invariance("abs", ct_map_abs_f32, NULL, 1, &rng);
    check_invariance("minimum", ct_map_minimum_f32, NULL, 2, &rng);
    check_invariance("maximum", ct_map_maximum_f32, NULL, 2, &rng);
    check_invariance("greater", ct_map_greater_f32, NULL, 2, &rng);
    check_invariance("equal", ct_map_equal_f32, NULL, 2, &rng);
    check_invariance("select", ct_map_select_f32, NULL, 3, &rng);
    const double powers[] = {0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.7};
    for (int i = 0; i < 9; i++)
        check_invariance("pow", ct_map_pow_f32, &(ct_pow_attr){powers[i]}, 1, &rng);
}

static void check_pow(double p, double x)
{
    float x32 = (float)x, y32;
    double y64, exact = pow(x, p), exact32 = pow(x32, p);
    const void *in32[] = {&x32}, *in64[] = {&x};
    ct_map_pow_f32(1, in32, &y32, &(ct_pow_attr){p});
    ct_map_pow_f64(1, in64, &y64, &(ct_pow_attr){p});
    bool special = isnan(exact) || isinf((float)exact32) || exact == 0;
    bool good = special ? (isnan(exact) && isnan(y32) && isnan(y64)) || (y32 == (float)exact32 && y64 == exact)
                        : ulps(y32, exact32) <= 2.5 && fabs(y64 - exact) <= 5e-16 * fabs(exact);
    if (!good || (exact == 0 && (!signbit(y32) != !signbit(exact) || !signbit(y64) != !signbit(exact))))
        fail_msg("%a ^ %g is %a in float32, %a in float64, expected %a", x, p, (double)y32, y64, exact);
}

static void pow_agrees_with_the_library(void **state)
{
    (void)state;
    support_rng rng = {23};
    const double powers[] = {0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, -2.5, 4}, edges[] = {0.0, -0.0, 1, -1, INFINITY,
        -INFINITY, NAN};
    for (int i = 0; i < 11; i++) {
        for (int j = 0; j < 7; j++)
            check_pow(powers[i], edges[j]);
        for (int j = 0; j < 500; j++)
            check_pow(powers[i], (float)(support_uniform(&rng, -1, 3) * exp(support_uniform(&rng, -8, 8))));
    }
}

#define ONE(type, call, ...)                               \
    do {                                                   \
        type operands[] = {__VA_ARGS__};                   \
        const void *in[] = {operands, operands + 1, operands + 2}; \
        call(1, in, &out, attr);                           \
    } while (0)

static void arithmetic_and_comparisons(void **state)
{
    (void)state;
    float out;
    const void *attr = NULL;
    ONE(float, ct_map_maximum_f32, NAN, 1, 0);
    assert_true(isnan(out));
    ONE(float, ct_map_maximum_f32, 1, NAN, 0);
    assert_true(isnan(out));
    ONE(float, ct_map_maximum_f32, 2, -INFINITY, 0);
    assert_true(out == 2);
    ONE(float, ct_map_greater_f32, 2, 1, 0);
    assert_true(out == 1);
    ONE(float, ct_map_greater_f32, NAN, 1, 0);
    assert_true(out == 0);
    ONE(float, ct_map_equal_f32, 0.0f, -0.0f, 0);
    assert_true(out == 1);
    ONE(float, ct_map_select_f32, -0.5f, 3, 4);
    assert_true(out == 3);
    ONE(float, ct_map_select_f32, 0, 3, 4);
    assert_true(out == 4);
    ONE(float, ct_map_minimum_f32, NAN, 1, 0);
    assert_true(isnan(out));
    ONE(float, ct_map_minimum_f32, 1, NAN, 0);
    assert_true(isnan(out));
    ONE(float, ct_map_minimum_f32, 2, -INFINITY, 0);
    assert_true(out == -INFINITY);
    ONE(float, ct_map_abs_f32, -0.0f, 0, 0);
    assert_true(out == 0 && !signbit(out));
    ONE(float, ct_map_abs_f32, 0.0f, 0, 0);
    assert_true(out == 0 && !signbit(out));
    ONE(float, ct_map_abs_f32, -INFINITY, 0, 0);
    assert_true(out == INFINITY);
    ONE(float, ct_map_div_f32, 110, 55, 0);
    assert_true(out == 2);
    ONE(float, ct_map_div_f32, 1, 0, 0);
    assert_true(out == INFINITY);
    ONE(float, ct_map_mul_no_nan_f32, INFINITY, 0, 0);
    assert_true(out == 0);
    ONE(float, ct_map_mul_no_nan_f32, 0, INFINITY, 0);
    assert_true(isnan(out));
    ONE(float, ct_map_recip_f32, -0.0f, 0, 0);
    assert_true(out == -INFINITY);
    attr = &(ct_affine_attr){-1, 0};
    ONE(float, ct_map_affine_f32, 0, 0, 0);
    assert_true(out == 0 && signbit(out));
    attr = &(ct_affine_attr){3, 0.25};
    ONE(float, ct_map_affine_f32, 2, 0, 0);
    assert_true(out == 6.25f);
}

static void integers_wrap(void **state)
{
    (void)state;
    int32_t out;
    const void *attr = NULL;
    ONE(int32_t, ct_map_add_i32, INT32_MAX, 1, 0);
    assert_int_equal(out, INT32_MIN);
    ONE(int32_t, ct_map_mul_i32, 65536, 65537, 0);
    assert_int_equal(out, 65536);
    ONE(int32_t, ct_map_maximum_i32, -5, 3, 0);
    assert_int_equal(out, 3);
    ONE(int32_t, ct_map_minimum_i32, INT32_MIN, 5, 0);
    assert_int_equal(out, INT32_MIN);
    ONE(int32_t, ct_map_abs_i32, -5, 0, 0);
    assert_int_equal(out, 5);
    ONE(int32_t, ct_map_abs_i32, INT32_MIN, 0, 0);
    assert_int_equal(out, INT32_MIN);
    ONE(int32_t, ct_map_greater_i32, -5, 3, 0);
    assert_int_equal(out, 0);
    ONE(int32_t, ct_map_equal_i32, 4, 4, 0);
    assert_int_equal(out, 1);
    ONE(int32_t, ct_map_select_i32, 0, 4, 9);
    assert_int_equal(out, 9);
    attr = &(ct_affine_attr){-3, 7};
    ONE(int32_t, ct_map_affine_i32, 5, 0, 0);
    assert_int_equal(out, -8);
    attr = &(ct_affine_attr){2, 4294967297.0};
    ONE(int32_t, ct_map_affine_i32, INT32_MIN, 0, 0);
    assert_int_equal(out, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(float32_is_within_two_ulps), cmocka_unit_test(float32_special_values),
        cmocka_unit_test(float64_is_the_library_s), cmocka_unit_test(a_value_depends_on_its_operands_alone),
        cmocka_unit_test(pow_agrees_with_the_library), cmocka_unit_test(arithmetic_and_comparisons),
        cmocka_unit_test(integers_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
