/* SPDX-License-Identifier: MIT */
/* What runs on the rows of matrix products while they are in cache, and sums down columns: the bits of unfused steps, and the number of steps there should be. */
#include "fusion.h"

static ct_var *weight(bench_case *c, int64_t rows, int64_t columns)
{
    ct_var *x = ct_slice(ct_broadcast(ct_reshape(c->w, CT_SHAPE(1, -1)), CT_SHAPE(rows, ct_var_dim(c->w, 0))), 1, 0, 1, 1);
    ct_var *row = ct_cos(ct_iota(c->g, ct_var_dtype(c->w), columns));
    return ct_add(ct_mul(ct_broadcast(x, CT_SHAPE(rows, columns)), row), ct_scale(row, 0.1));
}

/* Bias, activation and residual behind products, with all derivatives: the biases' gradients are sums down columns. */
static void layers(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *h = c->x, *bias = ct_alias(c->w), *w1 = ct_alias(weight(c, n, n + 3)), *w2 = ct_alias(weight(c, n + 3, n)), *v = ct_cos(c->x), *dy;
    ct_var *in[] = {c->x, bias, w1, w2}, *grad[4];
    h = ct_matmul(ct_tanh(ct_matmul(h, w1)), w2);
    h = ct_add(c->x, ct_mul(ct_add(h, bias), ct_sigmoid(ct_add(h, bias))));
    keep(c, h);
    if (ct_jvp(1, &h, 1, &c->x, &v, &dy))
        keep(c, dy);
    if (ct_grad(ct_sum_all(ct_square(h)), 4, in, grad))
        for (int i = 0; i < 4; i++)
            keep(c, grad[i]);
}

/* softmax(x x^T) x for a batch of two, its tangent and its gradient: the softmax works on rows of scores. */
static void attention(bench_case *c)
{
    ct_shape two = CT_SHAPE(2, ct_var_dim(c->x, 0), ct_var_dim(c->x, 1));
    ct_var *x = ct_reshape(ct_concat(2, (ct_var *[]){c->x, ct_sin(c->x)}, 0), two), *v = ct_cos(c->x), *dy, *grad;
    ct_var *scores = ct_scale(ct_matmul(x, ct_transpose(x, 1, 2)), 0.1);
    ct_var *e = ct_exp(ct_sub(scores, ct_stop_gradient(ct_max_keep(scores, CT_AXES(-1)))));
    ct_var *y = ct_matmul(ct_div(e, ct_sum_keep(e, CT_AXES(-1))), x);
    keep(c, y);
    if (ct_jvp(1, &y, 1, &c->x, &v, &dy))
        keep(c, dy);
    if (ct_grad(ct_sum_all(ct_mul(y, ct_sin(y))), 1, &c->x, &grad))
        keep(c, grad);
}

/* Sums over the first axis, over the middle one, and over both, of values that are read in other ways too. */
static void column_sums(bench_case *c)
{
    int64_t rows = ct_var_dim(c->x, 0), columns = ct_var_dim(c->x, 1);
    ct_var *a = ct_exp(ct_mul(c->x, c->w)), *b = ct_mul(a, ct_mean_keep(a, CT_AXES(-1)));
    ct_var *three = ct_reshape(ct_concat(5, (ct_var *[]){a, b, a, b, a}, 0), CT_SHAPE(5, rows, columns)), *s = ct_tanh(three);
    keep(c, ct_sum(a, CT_AXES(0)));
    keep(c, ct_sum(b, CT_AXES(0)));
    keep(c, ct_tanh(ct_sum(ct_mul(a, b), CT_AXES(0))));
    keep(c, ct_sum(s, CT_AXES(1)));
    keep(c, ct_sum(ct_mul(s, three), CT_AXES(0, 1)));
    keep(c, ct_sum(ct_square(s), CT_AXES(0)));
    keep(c, b);
}

/* A sum down columns that is read again by what it was computed beside. */
static void sums_read_again(bench_case *c)
{
    ct_var *a = ct_tanh(c->x), *centred = ct_sub(a, ct_mean_keep(a, CT_AXES(0)));
    keep(c, ct_mul(centred, ct_rsqrt(ct_shift(ct_mean_keep(ct_square(centred), CT_AXES(0)), 1e-3))));
    keep(c, ct_sum(ct_mul(a, centred), CT_AXES(0)));
}

/* Several products with one right-hand side, of few rows and of many, and products that are added. */
static void shared_and_added(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w = ct_alias(weight(c, n, 2 * n)), *a = ct_matmul(ct_sin(c->x), w), *b = ct_matmul(ct_cos(c->x), w);
    keep(c, ct_add(ct_mul(a, b), ct_matmul(c->x, w)));
    keep(c, ct_matmul(ct_transpose(a, 0, 1), b));
    keep(c, ct_tanh(b));
}

static const build_fn builds[] = {layers, attention, column_sums, sums_read_again, shared_and_added};
enum { BUILDS = sizeof builds / sizeof *builds };

static void fused_and_unfused_give_the_same_bits(void **state)
{
    (void)state;
    static const int64_t rows[] = {1, 2, 17, 49, 64, 130}, columns[] = {1, 2, 16, 49, 100};
    for (int b = 0; b < BUILDS; b++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
                compare(builds[b], (r + k) % 2 ? CT_F32 : CT_F64, rows[r], columns[k]);
}

static void many_rows_on_many_threads(void **state)
{
    (void)state;
    for (int b = 0; b < BUILDS; b++)
        if (builds[b] != attention)
            compare(builds[b], CT_F32, 3136, 48);
    compare(column_sums, CT_F32, 1100, 7);
    compare(column_sums, CT_F64, 49, 1030);
    compare(column_sums, CT_F32, 65, 2048);
    compare(column_sums, CT_F32, 65, 2049);
}

static void empty_batches_are_fine(void **state)
{
    (void)state;
    for (int b = 0; b < BUILDS; b++)
        if (builds[b] != sums_read_again)  /* means of nothing are NaN */
            compare(builds[b], CT_F32, 0, 5);
}

/* --- where blocks, tiles and batches end --------------------------------------------------------------------------------- */

/* What follows a product over no terms works on zeros. */
static void over_no_terms(bench_case *c)
{
    ct_var *none = ct_slice(c->x, 1, 0, 0, 1), *y = ct_matmul(none, ct_slice(ct_transpose(c->x, 0, 1), 0, 0, 0, 1)), *h = ct_tanh(ct_shift(y, 0.5));
    keep(c, h);
    keep(c, ct_sum(h, CT_AXES(0)));
}

/* Row programs and sums down columns behind a batch of products; the sums are over each product's rows, and over the batch too. */
static void batch_of_products(bench_case *c)
{
    int64_t rows = ct_var_dim(c->x, 0), n = ct_var_dim(c->x, 1);
    ct_var *x = ct_reshape(ct_concat(3, (ct_var *[]){c->x, ct_sin(c->x), ct_cos(c->x)}, 0), CT_SHAPE(3, rows, n));
    ct_var *y = ct_matmul(x, ct_broadcast(ct_alias(weight(c, n, n + 1)), CT_SHAPE(3, n, n + 1))), *h = ct_tanh(y);
    keep(c, ct_mul(h, ct_sum_keep(h, CT_AXES(-1))));
    keep(c, ct_sum(h, CT_AXES(1)));
    keep(c, ct_sum(ct_square(h), CT_AXES(0, 1)));
}

/* Rows of the row program that are several rows of the product, and parts of one. */
static void other_rows(bench_case *c)
{
    int64_t rows = ct_var_dim(c->x, 0), n = ct_var_dim(c->x, 1);
    ct_var *y = ct_matmul(c->x, ct_alias(weight(c, n, 6))), *part = ct_exp(ct_reshape(y, CT_SHAPE(rows * 3, 2)));
    keep(c, ct_div(part, ct_sum_keep(part, CT_AXES(-1))));
    keep(c, ct_sum(part, CT_AXES(0)));
    ct_var *whole = ct_tanh(ct_reshape(ct_matmul(ct_sin(c->x), ct_alias(weight(c, n, 5))), CT_SHAPE(1, -1)));
    keep(c, ct_mul(whole, ct_max_keep(whole, CT_AXES(-1))));
}

static void blocks_end_anywhere(void **state)
{
    (void)state;
    static const int64_t rows[] = {1, 2, 15, 16, 17, 48, 49, 50, 63, 64, 65, 129, 1023, 1024, 1025};
    const build_fn edges[] = {layers, column_sums, sums_read_again, batch_of_products, other_rows};
    for (size_t b = 0; b < sizeof edges / sizeof *edges; b++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            compare(edges[b], r % 2 ? CT_F32 : CT_F64, rows[r], 1);
            compare(edges[b], r % 2 ? CT_F64 : CT_F32, rows[r], 7);
            compare(edges[b], CT_F32, rows[r], 33);
        }
}

/* Products that threads share out by rows, by columns and by products, of extents that fit no tile. */
static void products_are_cut_anywhere(void **state)
{
    (void)state;
    const build_fn edges[] = {layers, batch_of_products, shared_and_added, other_rows};
    for (size_t b = 0; b < sizeof edges / sizeof *edges; b++) {
        compare(edges[b], CT_F32, 1, 1030);
        compare(edges[b], CT_F32, 127, 131);
        compare(edges[b], CT_F64, 257, 101);
        compare(edges[b], CT_F32, 785, 97);
    }
}

static void products_over_no_terms(void **state)
{
    (void)state;
    static const int64_t rows[] = {0, 1, 17, 130};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        compare(over_no_terms, CT_F32, rows[r], 3);
        compare(over_no_terms, CT_F64, rows[r], 3);
    }
}

/* --- how many steps ---------------------------------------------------------------------------------------------------- */

static void bias_and_activation(bench_case *c)
{
    ct_var *w = ct_input(c->g, "weights", CT_F32, CT_SHAPE(ct_var_dim(c->x, 1), ct_var_dim(c->x, 1)));
    keep(c, ct_tanh(ct_add(ct_matmul(c->x, w), c->w)));
}

/* The gradient of the activation's input, of the bias, and of x's own bias. */
static void gradients_of_a_layer(bench_case *c)
{
    ct_var *h = ct_matmul(ct_tanh(c->x), ct_input(c->g, "weights", CT_F32, CT_SHAPE(ct_var_dim(c->x, 1), ct_var_dim(c->x, 1))));
    ct_var *y = ct_tanh(ct_add(h, c->w)), *grad[2];
    assert_true(ct_grad(ct_sum_all(ct_square(y)), 2, (ct_var *[]){c->x, c->w}, grad));
    keep(c, grad[0]);
    keep(c, grad[1]);
    keep(c, ct_sum(grad[0], CT_AXES(0)));
}

static void scores(bench_case *c)
{
    ct_var *s = ct_matmul(c->x, ct_transpose(c->x, 0, 1)), *e = ct_exp(ct_sub(s, ct_max_keep(s, CT_AXES(-1))));
    keep(c, ct_div(e, ct_sum_keep(e, CT_AXES(-1))));
}

/* An adaptive norm: its scale and shift come from a small product, made first or last, that needs nothing of the product that is normed. */
static void build_adaptive_norm(bench_case *c, bool first)
{
    ct_dtype dtype = ct_var_dtype(c->x);
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w = ct_alias(weight(c, n, n)), *wide = ct_alias(weight(c, n, 2 * n)), *row = ct_reshape(c->w, CT_SHAPE(1, n));
    ct_var *condition = first ? ct_matmul(row, wide) : NULL, *h = ct_matmul(c->x, w);
    condition = first ? condition : ct_matmul(row, wide);
    ct_var *scale = ct_shift(ct_slice(condition, 1, 0, n, 1), 1), *shift = ct_slice(condition, 1, n, 2 * n, 1);
    ct_var *centred = ct_sub(h, ct_mean_keep(h, CT_AXES(-1)));
    keep(c, ct_add(ct_mul(ct_mul(centred, ct_rsqrt(ct_shift(ct_mean_keep(ct_square(centred), CT_AXES(-1)), 1e-6))), scale), shift));
    keep(c, ct_matmul(ct_add(c->out[0], ct_scalar(c->g, dtype, 1)), w));
}

static void adaptive_norm(bench_case *c)
{
    build_adaptive_norm(c, false);
}

static void adaptive_norm_made_in_order(bench_case *c)
{
    build_adaptive_norm(c, true);
}

/* A small product that does depend on the one before it stays where it is. */
static void norm_by_its_own_sum(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w = ct_alias(weight(c, n, n)), *h = ct_matmul(c->x, w), *own = ct_matmul(ct_sum_keep(h, CT_AXES(0)), w);
    keep(c, ct_mul(h, ct_tanh(own)));
}

static void a_small_product_runs_before_what_waits_for_it(void **state)
{
    (void)state;
    static const int64_t rows[] = {1, 9, 40, 700}, columns[] = {1, 17, 64, 1024};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
            compare(adaptive_norm, (r + k) % 2 ? CT_F32 : CT_F64, rows[r], k == 3 ? 70 : columns[k]);
            compare(norm_by_its_own_sum, CT_F32, rows[r], k == 3 ? 70 : columns[k]);
        }
    assert_int_equal(steps_of(adaptive_norm, 300, 64), steps_of(adaptive_norm_made_in_order, 300, 64));
}

/* Rows of 4 KiB that are not kept lie further apart, whether the code works on rows or on elements. */
static void wide_rows(bench_case *c)
{
    ct_var *h = ct_matmul(ct_reshape(ct_slice(c->x, 1, 0, 8, 1), CT_SHAPE(-1, 8)), weight(c, 8, ct_var_dim(c->x, 1)));
    keep(c, ct_tanh(ct_add(h, c->w)));
    keep(c, ct_mul(ct_matmul(ct_sin(ct_slice(c->x, 1, 0, 8, 1)), weight(c, 8, ct_var_dim(c->x, 1))), ct_mean_keep(ct_cos(c->x), CT_AXES(-1))));
}

static void rows_a_power_of_two_apart(void **state)
{
    (void)state;
    static const int64_t columns[] = {512, 1024, 2048, 3072, 4096};
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
        compare(wide_rows, CT_F32, 61, columns[k]);
        compare(wide_rows, CT_F64, 150, columns[k]);
    }
}

static void products_and_what_follows_are_one_step(void **state)
{
    (void)state;
    assert_int_equal(steps_of(bias_and_activation, 300, 64), 1);
    assert_int_equal(steps_of(scores, 300, 64), 1);
    /* tanh(x); the product, its activation, the cotangent and the bias's gradient; the other product with what follows it. */
    assert_int_equal(steps_of(gradients_of_a_layer, 300, 64), 3);
}

/* The gradient of a weight is a product that the optimizer's update follows: no gradient is ever in memory. */
static void an_update_follows_its_gradient(void **state)
{
    (void)state;
    enum { ROWS = 8, WIDTH = 256 };
    ct_error err = {0};
    ct_graph *g = ct_graph_new();
    ct_tensor *t = ct_tensor_new(CT_F32, CT_SHAPE(WIDTH, WIDTH), &err);
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(ROWS, WIDTH)), *w = ct_state(g, "w", t), *grad;
    assert_true(ct_grad(ct_sum_all(ct_square(ct_matmul(x, ct_add(w, ct_ones_like(w))))), 1, &w, &grad));
    ct_var *out = ct_assign(w, ct_sub(w, ct_scale(grad, 0.5)));
    ct_program *p = ct_compile(g, 1, &out, &(ct_compile_options){.threads = 1}, &err);
    assert_ok(p, &err);
    ct_program_stats stats = ct_program_get_stats(p);
    assert_true(stats.planned_bytes - stats.scratch_bytes < 2 * WIDTH * WIDTH * sizeof(float));
    assert_ok(ct_program_set_scalar(p, x, 0.25, &err) && ct_program_run(p, &err), &err);
    /* y = WIDTH / 4 everywhere, dL/dw = 2 y / 4 for each of the rows. */
    assert_close(ct_tensor_get(t, 5), -0.5 * ROWS * 2 * (WIDTH / 4.0) / 4, 1e-3);
    ct_program_free(p);
    ct_graph_free(g);
    ct_tensor_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fused_and_unfused_give_the_same_bits),
        cmocka_unit_test(many_rows_on_many_threads),
        cmocka_unit_test(empty_batches_are_fine),
        cmocka_unit_test(blocks_end_anywhere),
        cmocka_unit_test(products_are_cut_anywhere),
        cmocka_unit_test(products_over_no_terms),
        cmocka_unit_test(products_and_what_follows_are_one_step),
        cmocka_unit_test(a_small_product_runs_before_what_waits_for_it),
        cmocka_unit_test(rows_a_power_of_two_apart),
        cmocka_unit_test(an_update_follows_its_gradient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
