/* SPDX-License-Identifier: MIT */
/* What the ops compute, against their definitions written as plain loops: derivatives that agree with each other prove nothing about that. */
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <math.h>

#include "support.h"

/* Up to four axes, seen as exactly four: shorter shapes get extents of 1 in front. */
typedef struct grid {
    int64_t dim[4];
    double at[512];
} grid;

static grid grid_make(int64_t a, int64_t b, int64_t c, int64_t d)
{
    grid x = {{a, b, c, d}, {0}};
    assert_true(a * b * c * d <= 512);
    return x;
}

static grid grid_draw(int64_t a, int64_t b, int64_t c, int64_t d, uint64_t seed)
{
    support_rng rng = {seed};
    grid x = grid_make(a, b, c, d);
    for (int64_t i = 0; i < a * b * c * d; i++)
        x.at[i] = support_uniform(&rng, -2, 2);
    return x;
}

static double *cell(grid *x, int64_t a, int64_t b, int64_t c, int64_t d)
{
    return &x->at[((a * x->dim[1] + b) * x->dim[2] + c) * x->dim[3] + d];
}

static ct_var *node(ct_graph *g, const grid *x)
{
    ct_tensor *t = ct_tensor_from(CT_F64, ct_shape_of(4, x->dim), x->at, NULL);
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}

/* v has as many elements as `expected`, in the same order, and those values. Ends the graph. */
static void check(ct_graph *g, ct_var *v, const grid *expected, double tol)
{
    ct_error err;
    ct_program *p = ct_compile(g, 1, &v, NULL, &err);
    assert_ok(p, &err);
    assert_ok(ct_program_run(p, &err), &err);
    const ct_tensor *value = ct_program_get(p, v);
    assert_int_equal(ct_tensor_count(value), expected->dim[0] * expected->dim[1] * expected->dim[2] * expected->dim[3]);
    for (int64_t i = 0; i < ct_tensor_count(value); i++)
        assert_close(ct_tensor_get(value, i), expected->at[i], tol * fmax(1, fabs(expected->at[i])));
    ct_program_free(p);
    ct_graph_free(g);
}

#define EACH(x, a, b, c, d)                          \
    for (int64_t a = 0; a < (x).dim[0]; a++)         \
        for (int64_t b = 0; b < (x).dim[1]; b++)     \
            for (int64_t c = 0; c < (x).dim[2]; c++) \
                for (int64_t d = 0; d < (x).dim[3]; d++)

/* --- elementwise ---------------------------------------------------------------------------------------------------- */

typedef struct elementwise_case {
    const char *name;
    ct_var *(*build)(ct_var *x, ct_var *y);
    double (*expected)(double x, double y);
} elementwise_case;

#define UNARY(name, graph, c)                                                     \
    static ct_var *build_##name(ct_var *x, ct_var *y) { (void)y; return graph; }  \
    static double value_##name(double x, double y) { (void)y; return c; }
#define BINARY(name, graph, c)                                                    \
    static ct_var *build_##name(ct_var *x, ct_var *y) { return graph; }           \
    static double value_##name(double x, double y) { return c; }
UNARY(affine, ct_affine(x, -1.5, 0.25), -1.5 * x + 0.25)
UNARY(recip, ct_recip(x), 1 / x)
UNARY(exp, ct_exp(x), exp(x))
UNARY(log, ct_log(ct_exp(ct_sin(x))), log(exp(sin(x))))
UNARY(pow, ct_pow(ct_exp(x), 1.7), pow(exp(x), 1.7))
UNARY(tanh, ct_tanh(x), tanh(x))
UNARY(sigmoid, ct_sigmoid(x), 1 / (1 + exp(-x)))
UNARY(erf, ct_erf(x), erf(x))
UNARY(erfc, ct_erfc(x), erfc(x))
UNARY(softplus, ct_softplus(x), log1p(exp(x)))
UNARY(sin, ct_sin(x), sin(x))
UNARY(cos, ct_cos(x), cos(x))
UNARY(cast, ct_cast(ct_cast(x, CT_I32), CT_F64), trunc(x))
UNARY(add_zero, ct_add(ct_zeros_like(x), x), x)
UNARY(add_splat, ct_add(x, ct_full_like(x, 0.75)), x + 0.75)
UNARY(mul_one, ct_mul(x, ct_ones_like(x)), x)
UNARY(mul_splat, ct_mul(ct_full_like(x, -3), x), -3 * x)
UNARY(mul_zero, ct_mul(x, ct_zeros_like(x)), 0 * x)
UNARY(scale_twice, ct_scale(ct_scale(x, 3), 0.5), 1.5 * x)
UNARY(stop_gradient, ct_stop_gradient(x), x)
UNARY(alias, ct_alias(x), x)
BINARY(add, ct_add(x, y), x + y)
BINARY(mul, ct_mul(x, y), x * y)
BINARY(maximum, ct_maximum(x, y), x > y ? x : y)
BINARY(minimum, ct_minimum(x, y), x < y ? x : y)
BINARY(div, ct_div(x, y), x / y)
BINARY(mul_no_nan, ct_mul_no_nan(x, y), x * y)
UNARY(abs, ct_abs(x), fabs(x))
UNARY(div_splat, ct_div(x, ct_full_like(x, 3)), x / 3)
UNARY(div_power, ct_div(x, ct_full_like(x, -8)), x / -8)
BINARY(greater, ct_greater(x, y), x > y)
BINARY(equal, ct_equal(ct_maximum(x, y), x), x >= y)
BINARY(select, ct_select(ct_greater(x, y), x, ct_scale(y, 2)), x > y ? x : 2 * y)

static void elementwise_ops(void **state)
{
#define CASE(name) {#name, build_##name, value_##name}
    static const elementwise_case cases[] = {
        CASE(affine), CASE(recip), CASE(exp), CASE(log), CASE(pow), CASE(tanh), CASE(sigmoid), CASE(erf), CASE(erfc), CASE(softplus), CASE(sin), CASE(cos), CASE(cast),
        CASE(add_zero), CASE(add_splat), CASE(mul_one), CASE(mul_splat), CASE(mul_zero), CASE(scale_twice), CASE(stop_gradient), CASE(alias),
        CASE(add), CASE(mul), CASE(maximum), CASE(minimum), CASE(div), CASE(mul_no_nan), CASE(abs), CASE(div_splat), CASE(div_power), CASE(greater), CASE(equal), CASE(select),
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        grid x = grid_draw(1, 1, 5, 7, 1), y = grid_draw(1, 1, 5, 7, 2), expected = x;
        for (int k = 0; k < 35; k++)
            expected.at[k] = cases[i].expected(x.at[k], y.at[k]);
        ct_graph *g = ct_graph_new();
        check(g, cases[i].build(node(g, &x), node(g, &y)), &expected, 1e-14);
    }
}

/* int32: index arithmetic. */
static void integer_ops(void **state)
{
    grid x = grid_make(1, 1, 1, 4), expected = x;
    const int32_t n[] = {-7, 0, 3, 100000};
    (void)state;
    for (int i = 0; i < 4; i++)
        expected.at[i] = (n[i] > 3 ? 3 * n[i] + 1 : n[i]) * 2;
    ct_graph *g = ct_graph_new();
    ct_tensor *t = ct_tensor_from(CT_I32, CT_SHAPE(4), n, NULL);
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    ct_var *three = ct_full_like(v, 3);
    check(g, ct_scale(ct_select(ct_greater(v, three), ct_affine(v, 3, 1), v), 2), &expected, 0);
}

/* --- reductions and shapes ------------------------------------------------------------------------------------------ */

static void reductions(void **state)
{
    grid x = grid_draw(2, 3, 4, 5, 3), sum = grid_make(1, 3, 1, 5), most = sum;
    (void)state;
    for (int i = 0; i < 15; i++)
        most.at[i] = -INFINITY;
    EACH(x, a, b, c, d) {
        *cell(&sum, 0, b, 0, d) += *cell(&x, a, b, c, d);
        *cell(&most, 0, b, 0, d) = fmax(*cell(&most, 0, b, 0, d), *cell(&x, a, b, c, d));
    }
    ct_graph *g = ct_graph_new();
    check(g, ct_sum(node(g, &x), CT_AXES(2, 0)), &sum, 1e-15);
    g = ct_graph_new();
    check(g, ct_max(node(g, &x), CT_AXES(0, -2)), &most, 0);
}

static void permutations(void **state)
{
    grid x = grid_draw(2, 3, 4, 5, 4), expected = grid_make(4, 2, 5, 3);
    (void)state;
    EACH(x, a, b, c, d)
        *cell(&expected, c, a, d, b) = *cell(&x, a, b, c, d);
    ct_graph *g = ct_graph_new();
    check(g, ct_permute(node(g, &x), CT_AXES(2, 0, 3, 1)), &expected, 0);
}

static void broadcasts(void **state)
{
    grid x = grid_draw(1, 3, 1, 5, 5), expected = grid_make(2, 3, 4, 5);
    (void)state;
    EACH(expected, a, b, c, d)
        *cell(&expected, a, b, c, d) = *cell(&x, 0, b, 0, d);
    ct_graph *g = ct_graph_new();
    check(g, ct_broadcast(node(g, &x), CT_SHAPE(2, 3, 4, 5)), &expected, 0);
    g = ct_graph_new();
    check(g, ct_broadcast(ct_reshape(node(g, &x), CT_SHAPE(3, 1, -1)), CT_SHAPE(2, 3, 4, 5)), &expected, 0);
}

/* Slices that start from the end and take every second entry; pads that put them back. */
static void slices_and_pads(void **state)
{
    grid x = grid_draw(2, 3, 7, 2, 6), taken = grid_make(2, 3, 3, 2), padded = grid_make(2, 3, 8, 2);
    (void)state;
    EACH(taken, a, b, c, d) {
        *cell(&taken, a, b, c, d) = *cell(&x, a, b, 1 + 2 * c, d);
        *cell(&padded, a, b, 2 + 2 * c, d) = *cell(&taken, a, b, c, d);
    }
    ct_graph *g = ct_graph_new();
    check(g, ct_slice(node(g, &x), 2, -6, 7, 2), &taken, 0);
    g = ct_graph_new();
    check(g, ct_pad(ct_slice(node(g, &x), -2, 1, -1, 2), 2, 2, 1, 1), &padded, 0);
}

static void concatenations(void **state)
{
    grid x = grid_draw(2, 3, 2, 2, 7), y = grid_draw(2, 1, 2, 2, 8), expected = grid_make(2, 4, 2, 2);
    (void)state;
    EACH(expected, a, b, c, d)
        *cell(&expected, a, b, c, d) = b < 3 ? *cell(&x, a, b, c, d) : *cell(&y, a, b - 3, c, d);
    ct_graph *g = ct_graph_new();
    check(g, ct_concat(2, ((ct_var *[]){node(g, &x), node(g, &y)}), -3), &expected, 0);
}

static void gathers_and_scatters(void **state)
{
    const int32_t index[] = {3, 0, 3, 9};
    grid x = grid_draw(2, 4, 3, 1, 9), read = grid_make(2, 4, 3, 1), added = grid_make(2, 4, 3, 1);
    (void)state;
    EACH(read, a, i, c, d)
        if (index[i] < 4) {
            *cell(&read, a, i, c, d) = *cell(&x, a, index[i], c, d);
            *cell(&added, a, index[i], c, d) += *cell(&x, a, i, c, d);
        }
    for (int scatter = 0; scatter < 2; scatter++) {
        ct_graph *g = ct_graph_new();
        ct_tensor *t = ct_tensor_from(CT_I32, CT_SHAPE(4), index, NULL);
        ct_var *i = ct_constant(g, t), *v = node(g, &x);
        ct_tensor_free(t);
        check(g, scatter ? ct_scatter_add(v, i, 1, 4) : ct_gather(v, i, 1), scatter ? &added : &read, 0);
    }
}

/* --- contractions --------------------------------------------------------------------------------------------------- */

static void matrix_products(void **state)
{
    grid a = grid_draw(2, 1, 3, 4, 10), b = grid_draw(1, 3, 4, 5, 11), c = grid_draw(1, 1, 4, 5, 12);
    grid batched = grid_make(2, 3, 3, 5), stacked = grid_make(2, 1, 3, 5);
    (void)state;
    EACH(batched, i, j, m, n)
        for (int64_t k = 0; k < 4; k++)
            *cell(&batched, i, j, m, n) += *cell(&a, i, 0, m, k) * *cell(&b, 0, j, k, n);
    EACH(stacked, i, j, m, n)
        for (int64_t k = 0; k < 4; k++)
            *cell(&stacked, i, j, m, n) += *cell(&a, i, j, m, k) * *cell(&c, 0, 0, k, n);
    ct_graph *g = ct_graph_new();
    check(g, ct_matmul(node(g, &a), node(g, &b)), &batched, 1e-14);
    g = ct_graph_new();
    check(g, ct_matmul(node(g, &a), ct_reshape(node(g, &c), CT_SHAPE(4, 5))), &stacked, 1e-14);
}

/* Each product of the convolution, by definition, goes to y, to the gradient of x and to that of w. */
static void accumulate(const ct_conv2d_attr *conv, grid *x, grid *w, grid *u, grid *y, grid *dx, grid *dw)
{
    int64_t per_group = w->dim[0] / conv->groups;
    EACH(*u, n, o, i, j)
        for (int64_t c = 0; c < w->dim[1]; c++)
            for (int64_t p = 0; p < w->dim[2]; p++)
                for (int64_t q = 0; q < w->dim[3]; q++) {
                    int64_t h = i * conv->stride[0] + p * conv->dilation[0] - conv->pad[0];
                    int64_t v = j * conv->stride[1] + q * conv->dilation[1] - conv->pad[1], from = o / per_group * w->dim[1] + c;
                    if (h < 0 || h >= x->dim[2] || v < 0 || v >= x->dim[3])
                        continue;
                    *cell(y, n, o, i, j) += *cell(x, n, from, h, v) * *cell(w, o, c, p, q);
                    *cell(dx, n, from, h, v) += *cell(u, n, o, i, j) * *cell(w, o, c, p, q);
                    *cell(dw, o, c, p, q) += *cell(u, n, o, i, j) * *cell(x, n, from, h, v);
                }
}

static void convolutions(void **state)
{
    const ct_conv2d_attr conv = {{2, 1}, {1, 2}, {1, 2}, 2};
    grid x = grid_draw(2, 4, 5, 6, 13), w = grid_draw(6, 2, 3, 2, 14), u = grid_draw(2, 6, 3, 8, 15);
    grid y = grid_make(2, 6, 3, 8), dx = grid_make(2, 4, 5, 6), dw = grid_make(6, 2, 3, 2);
    (void)state;
    accumulate(&conv, &x, &w, &u, &y, &dx, &dw);
    ct_graph *g = ct_graph_new();
    check(g, ct_conv2d(node(g, &x), node(g, &w), conv), &y, 1e-14);
    g = ct_graph_new();
    check(g, ct_conv2d_dx(node(g, &u), node(g, &w), conv, 5, 6), &dx, 1e-14);
    g = ct_graph_new();
    check(g, ct_conv2d_dw(node(g, &x), node(g, &u), conv, 3, 2), &dw, 1e-14);
}

/* Quotients and means are rounded once: what divides evenly gives the whole number. */
static void whole_quotients(void **state)
{
    static const double pairs[][2] = {{110, 55}, {41, 41}, {49, 49}, {3, 3}, {1e6, 1e3}, {47, 47}, {98, 98}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int k = 0; k < 4; k++) {
            ct_graph *g = ct_graph_new();
            ct_dtype dtype = k < 2 ? CT_F32 : CT_F64;
            grid expected = grid_make(1, 1, 1, 1);
            expected.at[0] = pairs[i][0] / pairs[i][1];
            ct_var *x = ct_scalar(g, dtype, pairs[i][0]), *y = ct_alias(ct_scalar(g, dtype, pairs[i][1]));
            ct_var *whole = ct_cast(ct_cast(ct_div(x, k % 2 ? y : ct_scalar(g, dtype, pairs[i][1])), CT_I32), CT_F64);
            check(g, ct_reshape(whole, CT_SHAPE(1, 1, 1, 1)), &expected, 0);
        }
}

static void means_of_equal_numbers(void **state)
{
    static const struct { int count; double value; } rows[] = {{49, 1}, {7, 1000}, {7, 1e6}, {98, 0.5}, {3, 5}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int wide = 0; wide < 2; wide++) {
            ct_graph *g = ct_graph_new();
            grid expected = grid_make(1, 1, 1, 1);
            expected.at[0] = rows[i].value;
            ct_var *x = ct_full(g, wide ? CT_F64 : CT_F32, CT_SHAPE(rows[i].count), rows[i].value);
            ct_var *mean = ct_mean_all(i % 2 ? x : ct_add(x, ct_cast(ct_iota(g, CT_I32, 1), ct_var_dtype(x))));
            check(g, ct_reshape(ct_cast(mean, CT_F64), CT_SHAPE(1, 1, 1, 1)), &expected, 0);
        }
}

/* The smallest integer has no negative: nothing may go through one. */
static void extreme_integers(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *least = ct_cast(ct_alias(ct_scalar(g, CT_I32, INT32_MIN)), CT_I32), *five = ct_scalar(g, CT_I32, 5);
    ct_var *values[] = {ct_minimum(least, five), ct_maximum(least, five), ct_clamp(least, INT32_MIN, 100), ct_abs(least)};
    grid expected = grid_make(1, 1, 1, 4);
    const double right[] = {INT32_MIN, 5, INT32_MIN, INT32_MIN};
    for (int i = 0; i < 4; i++) {
        expected.at[i] = right[i];
        values[i] = ct_reshape(values[i], CT_SHAPE(1, 1, 1, 1));
    }
    check(g, ct_cast(ct_concat(4, values, 3), CT_F64), &expected, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elementwise_ops), cmocka_unit_test(integer_ops), cmocka_unit_test(whole_quotients), cmocka_unit_test(means_of_equal_numbers),
        cmocka_unit_test(extreme_integers),     cmocka_unit_test(reductions),
        cmocka_unit_test(permutations),    cmocka_unit_test(broadcasts),      cmocka_unit_test(slices_and_pads),
        cmocka_unit_test(concatenations),  cmocka_unit_test(gathers_and_scatters),
        cmocka_unit_test(matrix_products), cmocka_unit_test(convolutions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
