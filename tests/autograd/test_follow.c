/* SPDX-License-Identifier: MIT */
/* Products that run together with the product before them: the bits of unfused steps, and what lies between is never in memory. */
#include "fusion.h"

static ct_var *weight(bench_case *c, int64_t rows, int64_t columns)
{
    ct_var *a = ct_sin(ct_iota(c->g, ct_var_dtype(c->w), rows)), *b = ct_cos(ct_iota(c->g, ct_var_dtype(c->w), columns));
    ct_var *wave = ct_mul(ct_broadcast(ct_reshape(a, CT_SHAPE(rows, 1)), CT_SHAPE(rows, columns)), b);
    return ct_alias(ct_add(ct_scale(wave, 0.3), ct_slice(ct_broadcast(ct_reshape(c->w, CT_SHAPE(1, -1)), CT_SHAPE(rows, ct_var_dim(c->w, 0))), 1, 0, 1, 1)));
}

/* Two layers with an activation between them and a residual. */
static void two_layers(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w1 = weight(c, n, 2 * n), *w2 = weight(c, 2 * n, n);
    keep(c, ct_add(c->x, ct_matmul(ct_tanh(ct_matmul(c->x, w1)), w2)));
}

/* ... of which the second has nothing to do with its rows. */
static void two_layers_and_no_more(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w1 = weight(c, n, n + 5), *w2 = weight(c, n + 5, 48);
    keep(c, ct_matmul(ct_sigmoid(ct_matmul(c->x, w1)), w2));
}

/* What the second multiplies by is made after the first, and has to be made before both. */
static void made_between(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w1 = weight(c, n, 2 * n), *h = ct_tanh(ct_matmul(c->x, w1)), *w2 = weight(c, 2 * n, n);
    keep(c, ct_add(c->x, ct_matmul(h, w2)));
}

/* ... of the first, and cannot be made before it. */
static void made_of_the_first(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w1 = weight(c, n, n), *y = ct_matmul(c->x, w1), *mean = ct_mean(y, CT_AXES(0)), *h = ct_tanh(y);
    keep(c, ct_matmul(h, ct_alias(ct_mul(w1, ct_broadcast(mean, CT_SHAPE(n, n))))));
}

/* Whole rows between the two: a norm. */
static void norm_between(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w1 = weight(c, n, n), *w2 = weight(c, n, 2 * n), *y = ct_matmul(c->x, w1), *centred = ct_sub(y, ct_mean_keep(y, CT_AXES(-1)));
    ct_var *norm = ct_mul(centred, ct_rsqrt(ct_shift(ct_mean_keep(ct_square(centred), CT_AXES(-1)), 1e-3)));
    keep(c, ct_cos(ct_matmul(norm, w2)));
}

/* Two pairs that cannot both be: either's second product needs what the other's first one makes besides. */
static void pairs_that_cross(bench_case *c)
{
    int64_t m = ct_var_dim(c->x, 0), n = ct_var_dim(c->x, 1);
    ct_var *w3 = weight(c, n, m), *y = ct_matmul(c->x, weight(c, n, m)), *h = ct_tanh(y), *wave = ct_sin(y);
    ct_var *q = ct_matmul(c->x, weight(c, n, n)), *r = ct_cos(q), *v = ct_tanh(q);
    keep(c, ct_matmul(h, r));
    keep(c, ct_add(wave, ct_matmul(v, w3)));
}

/* Three in a row, the product of the first kept, with all derivatives. */
static void layers_with_derivatives(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *w1 = weight(c, n, 2 * n), *w2 = weight(c, 2 * n, n), *w3 = weight(c, n, n), *v = ct_cos(c->x), *dy, *grad[3];
    ct_var *y = ct_matmul(c->x, w1), *h = ct_mul(y, ct_sigmoid(y)), *z = ct_matmul(ct_tanh(ct_matmul(h, w2)), w3);
    keep(c, z);
    keep(c, y);
    if (ct_jvp(1, &z, 1, &c->x, &v, &dy))
        keep(c, dy);
    if (ct_grad(ct_sum_all(ct_square(z)), 3, (ct_var *[]){c->x, w1, w2}, grad))
        for (int i = 0; i < 3; i++)
            keep(c, grad[i]);
}

/* What the second multiplies is read elsewhere too, or is an output, or is its right factor: all of it has to be there. */
static void needed_as_a_whole(bench_case *c)
{
    int64_t n = ct_var_dim(c->x, 1);
    ct_var *a = ct_tanh(ct_matmul(c->x, weight(c, n, n))), *b = ct_tanh(ct_matmul(c->x, weight(c, n, n + 1))), *d = ct_exp(ct_matmul(c->x, ct_scale(weight(c, n, n), 0.01)));
    keep(c, ct_matmul(a, weight(c, n, 4)));
    keep(c, a);
    keep(c, ct_add(ct_matmul(b, weight(c, n + 1, 1)), ct_sum_keep(b, CT_AXES(-1))));
    keep(c, ct_matmul(ct_transpose(c->x, 0, 1), d));
}

/* [24, up to 60, n], all of it from x. */
static ct_var *tokens(bench_case *c)
{
    enum { BATCH = 24, MOST = 60 };
    int64_t rows = ct_var_dim(c->x, 0), n = ct_var_dim(c->x, 1), m = rows < MOST ? rows : MOST;
    ct_var *x = ct_slice(c->x, 0, 0, m, 1), *scale = ct_cos(ct_iota(c->g, ct_var_dtype(c->x), BATCH));
    ct_shape all = CT_SHAPE(BATCH, m, n);
    return ct_mul(ct_broadcast(ct_reshape(x, CT_SHAPE(1, m, n)), all), ct_broadcast(ct_reshape(scale, CT_SHAPE(BATCH, 1, 1)), all));
}

static ct_var *attention_of(ct_var *q, ct_var *v)
{
    ct_var *scores = ct_scale(ct_matmul(q, ct_transpose(q, -1, -2)), 0.125), *e = ct_exp(ct_sub(scores, ct_max_keep(scores, CT_AXES(-1))));
    return ct_matmul(ct_mul(e, ct_recip(ct_sum_keep(e, CT_AXES(-1)))), v);
}

/* A batch of small products, softmax, and as many products of that. */
static void attention(bench_case *c)
{
    ct_var *q = tokens(c);
    keep(c, attention_of(q, ct_sin(q)));
}

/* ... the second with a row program of its own, with all derivatives. */
static void attention_with_derivatives(bench_case *c)
{
    ct_var *q = tokens(c), *y = ct_add(q, attention_of(q, ct_sin(q))), *v = ct_cos(c->x), *dy, *grad;
    keep(c, y);
    if (ct_jvp(1, &y, 1, &c->x, &v, &dy))
        keep(c, dy);
    if (ct_grad(ct_sum_all(ct_square(y)), 1, &c->x, &grad))
        keep(c, grad);
}

static const build_fn builds[] = {attention, attention_with_derivatives, two_layers, two_layers_and_no_more, made_between, made_of_the_first, norm_between, pairs_that_cross, layers_with_derivatives, needed_as_a_whole};

static void together_or_apart_the_bits_are_the_same(void **state)
{
    (void)state;
    static const int64_t rows[] = {0, 1, 17, 257, 300, 1009}, columns[] = {1, 7, 48, 100};
    for (size_t b = 0; b < sizeof builds / sizeof *builds; b++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
                compare(builds[b], (r + k) % 2 ? CT_F32 : CT_F64, rows[r], columns[k]);
    compare(two_layers, CT_F32, 700, 300);
    compare(two_layers, CT_F32, 400, 512);  /* rows of 4 KiB, which are pulled apart */
    compare(two_layers, CT_F64, 300, 256);
    compare(layers_with_derivatives, CT_F64, 400, 130);
}

/* How often a program says that something is handed over. */
static int handed_over(build_fn build, int64_t rows, int64_t columns)
{
    return times_printed(build, rows, columns, 2, "[handed over]");
}

static void what_only_the_next_product_reads_is_handed_over(void **state)
{
    (void)state;
    assert_int_equal(handed_over(two_layers, 600, 64), 1);
    assert_int_equal(handed_over(two_layers_and_no_more, 600, 64), 1);
    assert_int_equal(handed_over(made_between, 600, 64), 1);
    assert_int_equal(handed_over(made_of_the_first, 600, 64), 0);
    assert_int_equal(handed_over(norm_between, 600, 64), 1);
    assert_int_equal(handed_over(pairs_that_cross, 600, 64), 1);
    assert_int_equal(handed_over(needed_as_a_whole, 600, 64), 0);
    assert_int_equal(handed_over(attention, 49, 64), 1);
    assert_int_equal(handed_over(two_layers, 40, 64), 0);  /* few rows: columns are shared out */
}

/* Timed apart, two steps that run together share the time, and all the arithmetic is counted. */
static void the_profile_knows_both(void **state)
{
    (void)state;
    bench_case c = new_case(two_layers, CT_F32, 600, 64);
    ct_program *p = run_with(&c, (ct_compile_options){.threads = 2, .profile = true});
    double flops = 0;
    int timed = 0;
    for (int64_t i = 0; i < ct_program_step_count(p); i++) {
        ct_program_time t;
        assert_true(ct_program_step_time(p, i, &t));
        flops += strstr(t.op, "matmul") ? t.flops : 0;
        timed += strstr(t.op, "matmul") && t.seconds > 0;
    }
    assert_int_equal(timed, 2);
    assert_true(flops >= 2.0 * 600 * 64 * 128 * 2);
    ct_program_free(p);
    ct_graph_free(c.g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(together_or_apart_the_bits_are_the_same),
        cmocka_unit_test(what_only_the_next_product_reads_is_handed_over),
        cmocka_unit_test(the_profile_knows_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
