/* SPDX-License-Identifier: MIT */
/* The functions made of ops: their values against closed forms, their derivatives by differences, and what they refuse. */
#include <cotangent/gradcheck.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <string.h>

#include "support.h"

/* n numbers as a constant of rank 1. */
static ct_var *numbers(ct_graph *g, int64_t n, const double *x)
{
    ct_tensor *t = ct_tensor_from(CT_F64, CT_SHAPE(n), x, NULL);
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}

static ct_var *indices(ct_graph *g, ct_shape shape, const int32_t *x)
{
    ct_tensor *t = ct_tensor_from(CT_I32, shape, x, NULL);
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}

/* The value of v, and the end of its graph. */
static ct_tensor *value_of(ct_graph *g, ct_var *v)
{
    ct_error err;
    ct_program *p = ct_compile(g, 1, &v, NULL, &err);
    assert_ok(p, &err);
    assert_ok(ct_program_run(p, &err), &err);
    ct_tensor *value = ct_tensor_cast(ct_program_get(p, v), ct_var_dtype(v), &err);
    assert_ok(value, &err);
    ct_program_free(p);
    ct_graph_free(g);
    return value;
}

static void check_value(ct_graph *g, ct_var *v, ct_shape shape, const double *expected, double tol)
{
    ct_tensor *value = value_of(g, v);
    assert_true(ct_shape_equal(ct_tensor_shape(value), shape));
    for (int64_t i = 0; i < ct_tensor_count(value); i++)
        assert_close(ct_tensor_get(value, i), expected[i], tol * fmax(1, fabs(expected[i])));
    ct_tensor_free(value);
}

/* --- elementwise --------------------------------------------------------------------------------------------------- */

static const double xs[] = {-3.5, -1, -0.25, 0, 0.5, 1, 2.75, 30};
static const double ys[] = {2, -0.5, -0.25, 4, 0.25, -1, 8, 30};
enum { N = sizeof xs / sizeof *xs };

typedef struct unary_case {
    ct_var *(*build)(ct_var *x);
    double (*expected)(double x);
} unary_case;

static ct_var *build_square(ct_var *x) { return ct_square(x); }
static ct_var *build_abs(ct_var *x) { return ct_abs(x); }
static ct_var *build_relu(ct_var *x) { return ct_relu(x); }
static ct_var *build_clamp(ct_var *x) { return ct_clamp(x, -1.5, 2); }
static ct_var *build_neg(ct_var *x) { return ct_neg(x); }
static double square(double x) { return x * x; }
static double relu(double x) { return x > 0 ? x : 0; }
static double clamp(double x) { return x < -1.5 ? -1.5 : x > 2 ? 2 : x; }
static double neg(double x) { return -x; }

static void unary_values(void **state)
{
    static const unary_case cases[] = {
        {build_square, square}, {build_abs, fabs}, {build_relu, relu}, {build_clamp, clamp}, {build_neg, neg},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_graph *g = ct_graph_new();
        double expected[N];
        for (int k = 0; k < N; k++)
            expected[k] = cases[i].expected(xs[k]);
        check_value(g, cases[i].build(numbers(g, N, xs)), CT_SHAPE(N), expected, 0);
    }
}

typedef struct binary_case {
    ct_var *(*build)(ct_var *x, ct_var *y);
    double (*expected)(double x, double y);
    double tol;
} binary_case;

static ct_var *build_sub(ct_var *x, ct_var *y) { return ct_sub(x, y); }
static ct_var *build_div(ct_var *x, ct_var *y) { return ct_div(x, y); }
static ct_var *build_minimum(ct_var *x, ct_var *y) { return ct_minimum(x, y); }
static double sub(double x, double y) { return x - y; }
static double divide(double x, double y) { return x / y; }

static void binary_values(void **state)
{
    static const binary_case cases[] = {{build_sub, sub, 0}, {build_div, divide, 0}, {build_minimum, fmin, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_graph *g = ct_graph_new();
        double expected[N];
        for (int k = 0; k < N; k++)
            expected[k] = cases[i].expected(xs[k], ys[k]);
        check_value(g, cases[i].build(numbers(g, N, xs), numbers(g, N, ys)), CT_SHAPE(N), expected, cases[i].tol);
    }
}

/* Derivative of y in x, where every element of y depends on its own element of x alone. */
static ct_var *slope(ct_var *y, ct_var *x)
{
    ct_var *dx = ct_ones_like(x), *dy;
    ct_jvp(1, &y, 1, &x, &dx, &dy);
    return ct_or_zeros(dy, y);
}

/* log(1 + exp(x)) and its first two derivatives, at 0 and far out, where exp(x) overflows or 1 + exp(x) is 1. */
static void softplus_is_exact(void **state)
{
    const double x[] = {-700, -40, -20, -1, -1e-8, 0, 1e-8, 0.5, 20, 40, 700};
    enum { COUNT = sizeof x / sizeof *x };
    double expected[3][COUNT];
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        double e = exp(-fabs(x[i])), s = x[i] > 0 ? 1 / (1 + e) : e / (1 + e);
        expected[0][i] = fmax(x[i], 0) + log1p(e);
        expected[1][i] = s;
        expected[2][i] = e / ((1 + e) * (1 + e));
    }
    for (int order = 0; order < 3; order++) {
        ct_graph *g = ct_graph_new();
        ct_var *v = numbers(g, COUNT, x), *y = ct_softplus(v);
        for (int i = 0; i < order; i++)
            y = slope(y, v);
        check_value(g, y, CT_SHAPE(COUNT), expected[order], 1e-12);
    }
}

/* Relative to its size: below, it is exp(x) to the last bits; at the ends it is 0 with slope 0, and infinity with slope 1, in both modes and dtypes. */
static void softplus_keeps_its_size(void **state)
{
    const double x[] = {-INFINITY, -80, -50, -20, -15, -1, 0, 1, 20, 1e30, INFINITY};
    enum { COUNT = sizeof x / sizeof *x };
    (void)state;
    for (int dtype = CT_F32; dtype <= CT_F64; dtype++)
        for (int what = 0; what < 3; what++) {  /* the value, the slope forwards, the slope backwards */
            ct_graph *g = ct_graph_new();
            ct_var *v = ct_cast(numbers(g, COUNT, x), (ct_dtype)dtype), *y = ct_softplus(v), *bar = y;
            if (what == 2)
                assert_true(ct_grad(ct_sum_all(y), 1, &v, &bar));
            ct_tensor *t = value_of(g, what == 1 ? slope(y, v) : bar);
            for (int i = 0; i < COUNT; i++) {
                double e = exp(-fabs(x[i])), value = fmax(x[i], 0) + log1p(e), s = (x[i] > 0 ? 1 : e) / (1 + e);
                double expected = what ? s : value, got = ct_tensor_get(t, i);
                if (got != expected)
                    assert_close(got, expected, (dtype == CT_F32 ? 3e-7 : 5e-16) * expected);
            }
            ct_tensor_free(t);
        }
}

#define CHECK_INTEGERS(dtype, expression, n, ...)                        \
    do {                                                                 \
        ct_graph *g = ct_graph_new();                                    \
        ct_var *v = indices(g, CT_SHAPE(3, 2), x), *y = (expression);    \
        (void)v;                                                         \
        assert_int_equal(ct_var_dtype(y), dtype);                        \
        check_value(g, y, CT_SHAPE(n), ((double[]){__VA_ARGS__}), 0);    \
    } while (0)

/* Sums of int32 and uint8 are int32, and wrap; a maximum has the operand's dtype, and over nothing is the smallest number. */
static void integers_are_reduced(void **state)
{
    const int32_t x[] = {INT32_MAX, -7, 1, 5, 200, 100};
    (void)state;
    CHECK_INTEGERS(CT_I32, ct_sum(v, CT_AXES(0)), 2, INT32_MIN + 200.0, 98);
    CHECK_INTEGERS(CT_I32, ct_sum(ct_transpose(v, 0, 1), CT_AXES(1)), 2, INT32_MIN + 200.0, 98);
    CHECK_INTEGERS(CT_I32, ct_max(v, CT_AXES(0)), 2, INT32_MAX, 100);
    CHECK_INTEGERS(CT_I32, ct_max(ct_scale(v, -1), CT_AXES(1)), 3, 7, -1, -100);
    CHECK_INTEGERS(CT_I32, ct_sum(ct_cast(v, CT_U8), CT_AXES(0)), 2, 255 + 1 + 200, 0 + 5 + 100);
    CHECK_INTEGERS(CT_U8, ct_max(ct_cast(v, CT_U8), CT_AXES(0)), 2, 255, 100);
    CHECK_INTEGERS(CT_I32, ct_max(ct_slice(v, 0, 0, 0, 1), CT_AXES(0)), 2, INT32_MIN, INT32_MIN);
    CHECK_INTEGERS(CT_U8, ct_max(ct_cast(ct_slice(v, 0, 0, 0, 1), CT_U8), CT_AXES(0)), 2, 0, 0);
    CHECK_INTEGERS(CT_I32, ct_sum(ct_slice(v, 0, 0, 0, 1), CT_AXES(0)), 2, 0, 0);
    CHECK_INTEGERS(CT_I32, ct_sum(ct_full(g, CT_I32, CT_SHAPE(3, 2), 1 << 30), CT_AXES(0)), 2, -1073741824, -1073741824);
}

/* A number that an integer dtype does not hold is refused, and named. */
static void integers_refuse_other_numbers(void **state)
{
    const double bad[] = {0.5, 2.5, -0.25, 1e10, -2147483649.0, 2147483648.0, INFINITY, NAN};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (int what = 0; what < 4; what++) {
            ct_graph *g = ct_graph_new();
            ct_var *v = ct_iota(g, CT_I32, 4);
            assert_null(what == 0 ? ct_scale(v, bad[i]) : what == 1 ? ct_shift(v, bad[i]) : what == 2 ? ct_scalar(g, CT_I32, bad[i])
                        : ct_full_like(ct_cast(v, CT_U8), bad[i]));
            assert_error(ct_graph_error(g), CT_E_ARGUMENT, "whole numbers from");
            ct_graph_free(g);
        }
    ct_graph *g = ct_graph_new();
    const double ends[] = {INT32_MIN, INT32_MAX};
    check_value(g, ct_concat(2, ((ct_var *[]){ct_full(g, CT_I32, CT_SHAPE(1), INT32_MIN), ct_full(g, CT_I32, CT_SHAPE(1), INT32_MAX)}), 0),
                CT_SHAPE(2), ends, 0);
    g = ct_graph_new();
    assert_null(ct_mean_all(ct_iota(g, CT_I32, 4)));
    assert_error(ct_graph_error(g), CT_E_DTYPE, "mean: expects float32 or float64");
    ct_graph_free(g);
}

/* On ties the derivative of max is shared: the gradient is the mean over the winners. */
static void ties_share_the_gradient(void **state)
{
    const double x[] = {1, 3, 3, 2}, expected[] = {0, 0.5, 0.5, 0};
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *v = numbers(g, 4, x), *bar;
    ct_grad(ct_max(v, CT_AXES(0)), 1, &v, &bar);
    check_value(g, bar, CT_SHAPE(4), expected, 0);
}

/* --- reductions and shapes ------------------------------------------------------------------------------------------ */

static ct_var *table(ct_graph *g)
{
    const double x[] = {1, 2, 3, 4, 5, 7};
    return ct_reshape(numbers(g, 6, x), CT_SHAPE(2, 3));
}

static ct_var *row_sums(ct_var *x) { return ct_sum_keep(x, CT_AXES(-1)); }
static ct_var *column_means(ct_var *x) { return ct_mean(x, CT_AXES(0)); }
static ct_var *row_means(ct_var *x) { return ct_mean_keep(x, CT_AXES(1)); }
static ct_var *whole_sum(ct_var *x) { return ct_sum_all(x); }
static ct_var *whole_mean(ct_var *x) { return ct_mean_all(x); }
static ct_var *row_maxima(ct_var *x) { return ct_max_keep(x, CT_AXES(-1)); }
static ct_var *transposed(ct_var *x) { return ct_transpose(x, 0, -1); }

static void reduction_values(void **state)
{
    static const struct { ct_var *(*build)(ct_var *x); ct_shape shape; double expected[6]; } cases[] = {
        {row_sums, {2, {2, 1}}, {6, 16}},
        {column_means, {1, {3}}, {2.5, 3.5, 5}},
        {row_means, {2, {2, 1}}, {2, 16.0 / 3}},
        {whole_sum, {0, {0}}, {22}},
        {whole_mean, {0, {0}}, {22.0 / 6}},
        {row_maxima, {2, {2, 1}}, {3, 7}},
        {transposed, {2, {3, 2}}, {1, 4, 2, 5, 3, 7}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_graph *g = ct_graph_new();
        check_value(g, cases[i].build(table(g)), cases[i].shape, cases[i].expected, 1e-15);
    }
}

static void chunks_are_slices(void **state)
{
    const double expected[] = {2, 5};
    ct_var *part[3];
    (void)state;
    ct_graph *g = ct_graph_new();
    assert_true(ct_chunk(table(g), 3, 1, part));
    check_value(g, part[1], CT_SHAPE(2, 1), expected, 0);
}

static void chunk_refuses(void **state)
{
    static const struct { int n, axis; const char *error; } cases[] = {
        {2, 1, "extent 3 of axis 1 cannot be cut into 2 equal parts"},
        {0, 0, "cannot be cut into 0 equal parts"},
        {1, 2, "there is no axis 2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_graph *g = ct_graph_new();
        ct_var *part[2] = {table(g), table(g)};
        assert_false(ct_chunk(table(g), cases[i].n, cases[i].axis, part));
        assert_true(cases[i].n < 1 || !part[0]);
        assert_true(cases[i].n < 2 || !part[1]);
        assert_error(ct_graph_error(g), ct_graph_error(g)->code, cases[i].error);
        ct_graph_free(g);
    }
    ct_var *part[2] = {(ct_var *)1, (ct_var *)1};
    assert_false(ct_chunk(NULL, 2, 0, part));
    assert_true(!part[0] && !part[1]);
}

static void refusals(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    assert_null(ct_clamp(table(g), 2, 1));
    assert_error(ct_graph_error(g), CT_E_ARGUMENT, "clamp: 2..1 is no range");
    ct_graph_free(g);
    g = ct_graph_new();
    assert_null(ct_transpose(table(g), 0, 2));
    assert_error(ct_graph_error(g), CT_E_SHAPE, "transpose: there is no axis 2");
    ct_graph_free(g);
    g = ct_graph_new();
    assert_null(ct_one_hot(table(g), 3, CT_F32));
    assert_error(ct_graph_error(g), CT_E_DTYPE, "one_hot: the index must be int32");
    ct_graph_free(g);
    g = ct_graph_new();
    ct_var *named = ct_name(table(g), "activations");
    assert_null(ct_sub(named, ct_name(ct_full(g, CT_F64, CT_SHAPE(2, 4), 1), "bias")));
    assert_error(ct_graph_error(g), CT_E_SHAPE, "\"activations\" float64 [2, 3]");
    assert_error(ct_graph_error(g), CT_E_SHAPE, "[2, 4]");
    ct_graph_free(g);
}

/* Without an operand there is nothing to record an error in: NULL goes through every function. */
static void null_goes_through(void **state)
{
    (void)state;
    assert_null(ct_sub(NULL, NULL));
    assert_null(ct_div(NULL, NULL));
    assert_null(ct_minimum(NULL, NULL));
    assert_null(ct_square(NULL));
    assert_null(ct_abs(NULL));
    assert_null(ct_relu(NULL));
    assert_null(ct_softplus(NULL));
    assert_null(ct_clamp(NULL, 0, 1));
    assert_null(ct_sum_keep(NULL, CT_AXES(0)));
    assert_null(ct_sum_all(NULL));
    assert_null(ct_mean(NULL, CT_AXES(0)));
    assert_null(ct_mean_all(NULL));
    assert_null(ct_max_keep(NULL, CT_AXES(0)));
    assert_null(ct_transpose(NULL, 0, 1));
    assert_null(ct_one_hot(NULL, 3, CT_F32));
    assert_null(ct_broadcast(NULL, CT_SHAPE(2, 2)));
    assert_null(ct_concat(0, NULL, 0));
    assert_null(ct_matmul(NULL, NULL));
}

/* --- indexing ------------------------------------------------------------------------------------------------------- */

static void one_hot_values(void **state)
{
    const int32_t index[] = {2, 0, -1, 3};  /* the last two are no classes */
    const double expected[] = {0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *v = ct_one_hot(indices(g, CT_SHAPE(2, 2), index), 3, CT_F64);
    check_value(g, v, CT_SHAPE(2, 2, 3), expected, 0);
}

/* An index out of range reads as 0 and is not added anywhere. */
static void indices_out_of_range(void **state)
{
    const int32_t index[] = {1, -1, 2, 0};
    const double read[] = {4, 5, 7, 0, 0, 0, 0, 0, 0, 1, 2, 3}, added[] = {1, 0};
    (void)state;
    ct_graph *g = ct_graph_new();
    check_value(g, ct_gather(table(g), indices(g, CT_SHAPE(4), index), 0), CT_SHAPE(4, 3), read, 0);
    g = ct_graph_new();
    ct_var *ones = ct_reshape(ct_full(g, CT_F64, CT_SHAPE(4), 1), CT_SHAPE(4));
    ct_var *sum = ct_slice(ct_scatter_add(ones, indices(g, CT_SHAPE(4), index), 0, 2), 0, 0, 1, 1);
    check_value(g, sum, CT_SHAPE(1), added, 0);
}

/* --- derivatives ---------------------------------------------------------------------------------------------------- */

static ct_var *all_smooth(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *ratio = ct_div(ct_square(x[0]), ct_shift(ct_square(x[1]), 1));
    ct_var *mean = ct_mean_keep(ct_softplus(x[0]), CT_AXES(1));
    ct_var *part[3];
    if (!ct_chunk(ct_transpose(ratio, 0, 1), 3, 0, part))
        return NULL;
    ct_var *centred = ct_sub(x[1], ct_sum_keep(x[1], CT_AXES(0)));
    return ct_add(ct_mul(centred, mean), ct_mul(part[2], ct_mean_all(part[0])));
}

static ct_var *all_kinked(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *low = ct_minimum(x[0], ct_abs(x[1])), *high = ct_max_keep(x[0], CT_AXES(1));
    return ct_add(ct_mul(ct_relu(low), high), ct_clamp(ct_mul(x[0], x[1]), -0.5, 0.75));
}

static ct_var *scaled(ct_var *x) { return ct_scale(x, 2); }
static ct_var *reshaped(ct_var *x) { return ct_reshape(x, CT_SHAPE(ct_var_dim(x, 1), ct_var_dim(x, 0))); }
static ct_var *repeated(ct_var *x) { return ct_broadcast(x, CT_SHAPE(2, 3)); }

/* An op applied twice must not look through the first application: someone may differentiate with respect to it. */
static void nodes_between_stay(void **state)
{
    ct_var *(*const ops[])(ct_var *) = {scaled, reshaped, transposed, repeated};
    const double expected[] = {2, 1, 1, 1};
    (void)state;
    for (int i = 0; i < 4; i++) {
        ct_graph *g = ct_graph_new();
        ct_var *between = ops[i](ct_slice(table(g), 0, 0, i == 3 ? 1 : 2, 1)), *bar = NULL;
        assert_true(ct_grad(ct_sum_all(ops[i](between)), 1, &between, &bar));
        check_value(g, ct_slice(ct_reshape(bar, CT_SHAPE(6)), 0, 0, 1, 1), CT_SHAPE(1), &expected[i], 0);
    }
}

static void check_gradients(ct_gradcheck_fn f, ct_shape shape)
{
    support_rng rng = {5};
    ct_tensor *x[2] = {support_tensor(CT_F64, shape, &rng, -2, 2), support_tensor(CT_F64, shape, &rng, -2, 2)};
    ct_gradcheck_options options = {.modes = CT_CHECK_ALL};
    ct_gradcheck_result result;
    ct_error err = {CT_OK, ""};
    bool ok = ct_gradcheck(f, NULL, 2, x, &options, &result, &err);
    if (!ok)
        fail_msg("%s%s (%d compared, %d inconclusive)", err.message, result.first, result.compared, result.inconclusive);
    assert_true(result.compared > 20);
    ct_tensor_free(x[0]);
    ct_tensor_free(x[1]);
}

static void smooth_gradients(void **state)
{
    (void)state;
    check_gradients(all_smooth, CT_SHAPE(3, 3));
}

static void kinked_gradients(void **state)
{
    (void)state;
    check_gradients(all_kinked, CT_SHAPE(2, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unary_values),         cmocka_unit_test(binary_values),   cmocka_unit_test(softplus_is_exact),
        cmocka_unit_test(softplus_keeps_its_size), cmocka_unit_test(integers_are_reduced), cmocka_unit_test(integers_refuse_other_numbers),
       
             cmocka_unit_test(ties_share_the_gradient),
        cmocka_unit_test(reduction_values),     cmocka_unit_test(chunks_are_slices), cmocka_unit_test(chunk_refuses),
        cmocka_unit_test(refusals),             cmocka_unit_test(null_goes_through), cmocka_unit_test(one_hot_values),
        cmocka_unit_test(indices_out_of_range), cmocka_unit_test(nodes_between_stay), cmocka_unit_test(smooth_gradients),
        cmocka_unit_test(kinked_gradients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
