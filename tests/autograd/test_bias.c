/* SPDX-License-Identifier: MIT */
/* Biases behind products: the bits of unfused steps, whoever adds them, and that products do where they can. */
#include "fusion.h"

/* [rows, columns] of numbers that differ, made from w. */
static ct_var *weight(bench_case *c, int64_t rows, int64_t columns)
{
    ct_var *x = ct_broadcast(ct_reshape(ct_slice(c->w, 0, 0, 1, 1), CT_SHAPE(1, 1)), CT_SHAPE(rows, columns));
    ct_var *place = ct_reshape(ct_iota(c->g, ct_var_dtype(c->w), rows * columns), CT_SHAPE(rows, columns));
    return ct_alias(ct_scale(ct_cos(ct_add(ct_scale(place, 0.7), x)), 0.3));
}

static ct_var *linear(bench_case *c, ct_var *x, ct_var *bias)
{
    return ct_add(ct_matmul(x, weight(c, ct_var_dim(x, -1), ct_var_dim(bias, 0))), bias);
}

static ct_var *vector(bench_case *c, int64_t n)
{
    return ct_alias(ct_sin(ct_add(ct_iota(c->g, ct_var_dtype(c->w), n), ct_slice(c->w, 0, 0, 1, 1))));
}

/* --- all of these are added by their products ------------------------------------------------------------------------------ */

static void alone(bench_case *c)
{
    keep(c, linear(c, c->x, c->w));
}

static void one_after_the_other(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    keep(c, linear(c, linear(c, c->x, vector(c, n + 3)), c->w));
}

/* The bias is on the left, and a part of something longer. */
static void on_the_left(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    keep(c, ct_add(ct_slice(vector(c, n + 5), 0, 2, n + 2, 1), ct_matmul(c->x, weight(c, n, n))));
}

static void for_a_batch(bench_case *c)
{
    int64_t rows = ct_var_dim(c->x, 0), n = ct_var_dim(c->x, 1);
    ct_var *x = ct_reshape(ct_alias(ct_concat(3, (ct_var *[]){c->x, ct_sin(c->x), ct_cos(c->x)}, 0)), CT_SHAPE(3, rows, n));
    keep(c, ct_add(ct_matmul(x, ct_broadcast(weight(c, n, n), CT_SHAPE(3, n, n))), c->w));
}

/* The product's rows in other shapes. */
static void reshaped(bench_case *c)
{
    int64_t rows = ct_var_dim(c->x, 0), n = ct_var_dim(c->x, 1);
    keep(c, ct_add(ct_reshape(ct_matmul(c->x, weight(c, n, n)), CT_SHAPE(1, rows, 1, n)), c->w));
}

static const build_fn added_by_products[] = {alone, one_after_the_other, on_the_left, for_a_batch, reshaped};
enum { ADDED = sizeof added_by_products / sizeof *added_by_products };

/* --- others ---------------------------------------------------------------------------------------------------------------- */

/* The sum is kept and read on, in several ways. */
static void read_on(bench_case *c)
{
    ct_var *h = linear(c, c->x, c->w);
    keep(c, h);
    keep(c, ct_mul(ct_tanh(h), h));
    keep(c, ct_sum(h, CT_AXES(0)));
    keep(c, ct_mul(h, ct_mean_keep(h, CT_AXES(-1))));
}

/* So is the product itself. */
static void product_is_kept(bench_case *c)
{
    ct_var *y = ct_matmul(c->x, weight(c, ct_var_dim(c->x, 1), ct_var_dim(c->x, 1)));
    keep(c, y);
    keep(c, ct_tanh(ct_add(y, c->w)));
}

static void bias_is_read_on(bench_case *c)
{
    ct_var *h = linear(c, c->x, c->w);
    keep(c, ct_mul(ct_tanh(h), ct_sub(c->w, h)));
}

static void two_biases(bench_case *c)
{
    ct_var *y = ct_matmul(c->x, weight(c, ct_var_dim(c->x, 1), ct_var_dim(c->x, 1)));
    keep(c, ct_mul(ct_add(y, c->w), ct_add(y, vector(c, ct_var_dim(c->x, 1)))));
    keep(c, ct_add(linear(c, c->x, c->w), vector(c, ct_var_dim(c->x, 1))));
}

/* What is added is one number for each row, one number, twice the product, or other for every product of a batch. */
static void not_biases(bench_case *c)
{
    int64_t rows = ct_var_dim(c->x, 0), n = ct_var_dim(c->x, 1);
    ct_var *w = weight(c, n, n), *y = ct_matmul(c->x, w), *pairs = ct_reshape(ct_alias(ct_concat(2, (ct_var *[]){c->x, ct_sin(c->x)}, 0)), CT_SHAPE(rows, 2, n));
    ct_var *batch = ct_matmul(pairs, ct_broadcast(w, CT_SHAPE(rows, n, n)));
    keep(c, ct_add(ct_matmul(ct_sin(c->x), w), ct_mean_keep(c->x, CT_AXES(-1))));
    keep(c, ct_shift(ct_matmul(ct_cos(c->x), w), 0.5));
    keep(c, ct_add(y, y));
    keep(c, ct_add(batch, ct_reshape(c->x, CT_SHAPE(rows, 1, n))));
}

static void over_no_terms(bench_case *c)
{
    ct_var *none = ct_slice(c->x, 1, 0, 0, 1), *nothing = ct_slice(weight(c, ct_var_dim(c->x, 1), ct_var_dim(c->x, 1)), 0, 0, 0, 1);
    keep(c, ct_add(ct_matmul(none, nothing), c->w));
    keep(c, ct_tanh(ct_add(ct_matmul(none, nothing), vector(c, ct_var_dim(c->x, 1)))));
}

/* Values that are computed again from the sum, the tangent of a part of the rows, and all gradients. */
static void with_derivatives(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *b1 = vector(c, n + 9), *h = linear(c, c->x, b1), *g = ct_mul(h, ct_tanh(ct_mul(h, ct_square(h)))), *y = linear(c, g, c->w), *v = ct_cos(c->x), *dy;
    ct_var *z = linear(c, ct_tanh(linear(c, ct_tanh(y), b1)), c->w), *grad[3];
    keep(c, z);
    if (ct_jvp(1, &z, 1, &c->x, &v, &dy))
        keep(c, dy);
    if (ct_grad(ct_sum_all(ct_square(z)), 3, (ct_var *[]){c->x, c->w, b1}, grad))
        for (int i = 0; i < 3; i++)
            keep(c, grad[i]);
}

static const build_fn others[] = {read_on, bias_is_read_on, product_is_kept, two_biases, not_biases, over_no_terms, with_derivatives};
enum { OTHERS = sizeof others / sizeof *others };

/* --- tests ----------------------------------------------------------------------------------------------------------------- */

static void compare_all(build_fn build)
{
    static const int64_t rows[] = {0, 1, 17, 700}, columns[] = {1, 7, 130};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            if (rows[r] > 0 || build != read_on)  /* a mean of nothing is NaN */
                compare(build, (r + k) % 2 ? CT_F32 : CT_F64, rows[r], columns[k]);
    compare(build, CT_F32, 40, 1030);
}

static void fused_and_unfused_give_the_same_bits(void **state)
{
    (void)state;
    for (int b = 0; b < ADDED; b++)
        compare_all(added_by_products[b]);
    for (int b = 0; b < OTHERS; b++)
        compare_all(others[b]);
}

/* No code is left behind the products. */
static void products_add_them(void **state)
{
    (void)state;
    for (int b = 0; b < ADDED; b++) {
        assert_true(times_printed(added_by_products[b], 300, 64, 1, "matmul ") > 0);
        assert_int_equal(times_printed(added_by_products[b], 300, 64, 1, "matmul+fused"), 0);
    }
}

/* A state that is a bias, and gets a new value in the same run, is read by all rows first. */
static void a_bias_that_changes(void **state)
{
    (void)state;
    enum { ROWS = 3, WIDTH = 5 };
    for (int64_t rows = 1; rows <= ROWS; rows++) {
        ct_error err = {0};
        ct_graph *g = ct_graph_new();
        ct_tensor *t = ct_tensor_new(CT_F32, CT_SHAPE(WIDTH), &err);
        ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(rows, 2)), *w = ct_input(g, "w", CT_F32, CT_SHAPE(2, WIDTH)), *b = ct_state(g, "b", t);
        ct_var *y = ct_add(ct_matmul(x, w), b), *out[] = {ct_assign(b, ct_add(b, ct_reshape(ct_slice(y, 0, 0, 1, 1), CT_SHAPE(WIDTH)))), y};
        ct_program *p = ct_compile(g, 2, out, NULL, &err);
        assert_ok(p, &err);
        assert_ok(ct_program_set_scalar(p, x, 0.5, &err) && ct_program_set_scalar(p, w, 2, &err) && ct_program_run(p, &err), &err);
        for (int64_t i = 0; i < rows * WIDTH; i++)
            assert_close(ct_tensor_get(ct_program_get(p, y), i), 2, 0);
        assert_ok(ct_program_run(p, &err), &err);
        for (int64_t i = 0; i < rows * WIDTH; i++)
            assert_close(ct_tensor_get(ct_program_get(p, y), i), 4, 0);
        assert_close(ct_tensor_get(t, WIDTH - 1), 6, 0);
        ct_program_free(p);
        ct_graph_free(g);
        ct_tensor_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fused_and_unfused_give_the_same_bits),
        cmocka_unit_test(products_add_them),
        cmocka_unit_test(a_bias_that_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
