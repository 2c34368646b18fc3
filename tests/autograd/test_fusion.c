/* SPDX-License-Identifier: MIT */
/* Row programs: fused steps give the bits of unfused ones for every shape, and what should become one step does. */
#include "fusion.h"

/* --- functions to fuse ----------------------------------------------------------------------------------------------- */

static ct_var *layer_norm(ct_var *x, ct_var *w)
{
    ct_var *centred = ct_sub(x, ct_mean_keep(x, CT_AXES(-1)));
    ct_var *variance = ct_mean_keep(ct_square(centred), CT_AXES(-1));
    return ct_mul(ct_mul(centred, ct_rsqrt(ct_shift(variance, 1e-6))), ct_shift(w, 1));
}

static ct_var *softmax(ct_var *x)
{
    ct_var *e = ct_exp(ct_sub(x, ct_stop_gradient(ct_max_keep(x, CT_AXES(-1)))));
    return ct_div(e, ct_sum_keep(e, CT_AXES(-1)));
}

static void norms(bench_case *c)
{
    keep(c, layer_norm(c->x, c->w));
}

static void softmaxes(bench_case *c)
{
    keep(c, softmax(ct_mul(softmax(c->x), c->w)));
}

/* A value, its tangent, its gradient, and the tangent of that: all in one program. */
static void derivatives(bench_case *c)
{
    ct_var *y = ct_add(layer_norm(c->x, c->w), softmax(c->x)), *v = ct_cos(c->x), *dy, *grad, *hv;
    ct_var *phi = ct_sum_all(ct_mul(y, ct_sin(y)));
    keep(c, y);
    if (ct_jvp(1, &y, 1, &c->x, &v, &dy))
        keep(c, dy);
    if (ct_grad(phi, 1, &c->x, &grad))
        keep(c, grad);
    if (ct_hvp(phi, 1, &c->x, &v, &hv))
        keep(c, hv);
}

/* Sums of rows that are read again as full values, as rows, and outside. */
static void rows_in_many_roles(bench_case *c)
{
    ct_var *s = ct_sum_keep(c->x, CT_AXES(-1)), *r = ct_tanh(s);
    keep(c, ct_mul(c->x, r));
    keep(c, r);
    keep(c, ct_add(ct_reshape(ct_mul(s, r), CT_SHAPE(ct_var_dim(c->x, 0))), ct_sum(ct_mul(c->x, c->x), CT_AXES(-1))));
    keep(c, ct_sum(ct_mul(c->x, ct_exp(ct_scale(r, 0.1))), CT_AXES(0)));
    keep(c, ct_transpose(ct_add(c->x, r), 0, 1));
}

/* Contractions between, so that values are computed again in later segments. */
static void through_products(bench_case *c)
{
    ct_var *h = c->x, *grad, *dy, *v = ct_cos(c->x);
    for (int i = 0; i < 3; i++) {
        ct_var *a = ct_matmul(h, ct_scale(ct_matmul(ct_transpose(c->x, 0, 1), c->x), 0.001));
        h = ct_add(ct_mul(a, ct_tanh(ct_add(a, ct_mul(ct_square(a), a)))), layer_norm(a, c->w));
    }
    keep(c, h);
    if (ct_jvp(1, &h, 1, &c->x, &v, &dy))
        keep(c, dy);
    if (ct_grad(ct_sum_all(ct_square(h)), 1, &c->x, &grad))
        keep(c, grad);
}

static void elementwise_only(bench_case *c)
{
    ct_var *y = c->x;
    for (int i = 0; i < 90; i++)
        y = ct_add(ct_tanh(y), ct_mul(c->x, i % 3 ? y : c->w));
    keep(c, y);
}

/* What is copied to registers first, read twice, written between or of another level is not part of what reads it. */
static void sums_of_products(bench_case *c)
{
    ct_var *a = ct_affine(c->x, 0.9, 0.1), *b = ct_mul(c->x, c->w), *t = ct_tanh(ct_add(a, b)), *d = ct_scale(t, -0.0);
    keep(c, ct_add(ct_mul(a, t), ct_affine(ct_mul(t, ct_transpose(ct_transpose(d, 0, 1), 0, 1)), 2, 1)));
    keep(c, d);
    keep(c, ct_mul(ct_sub(t, d), ct_add(ct_scale(b, 3), ct_scale(ct_sum_keep(b, CT_AXES(-1)), 0.5))));
    keep(c, ct_square(ct_affine(ct_affine(b, 3, -1), 0.3, 0)));
}

static const build_fn builds[] = {norms, softmaxes, derivatives, rows_in_many_roles, through_products, elementwise_only, sums_of_products};
enum { BUILDS = sizeof builds / sizeof *builds };

/* --- fused against unfused -------------------------------------------------------------------------------------------- */

/* Shifts and scales that are the same for all tokens of a batch's row, as adaptive norms have them: they stay in registers from block to block, until the next row. */
static void same_for_many_rows(bench_case *c)
{
    enum { TOKENS = 49 };
    int64_t rows = ct_var_dim(c->x, 0), columns = ct_var_dim(c->x, 1);
    ct_var *x = ct_reshape(c->x, CT_SHAPE(rows / TOKENS, TOKENS, columns)), *scale = ct_slice(x, 1, 3, 4, 1), *shift = ct_slice(x, 1, 7, 8, 1), *grad;
    ct_var *y = ct_add(ct_mul(layer_norm(x, c->w), scale), ct_add(shift, c->w));
    keep(c, y);
    keep(c, ct_add(ct_mul(x, scale), shift));
    if (ct_grad(ct_sum_all(ct_mul(y, ct_sin(y))), 1, &c->x, &grad))
        keep(c, grad);
}

static void what_rows_share_is_right_in_every_block(void **state)
{
    (void)state;
    static const int64_t columns[] = {3, 84, 100, 256, 1024, 1500};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        compare(same_for_many_rows, CT_F32, 5 * 49, columns[i]);
        compare(same_for_many_rows, CT_F64, 3 * 49, columns[i]);
    }
}

static void fused_and_unfused_give_the_same_bits(void **state)
{
    (void)state;
    static const int64_t rows[] = {1, 2, 7, 65}, columns[] = {1, 2, 3, 16, 49, 255, 256, 1024, 1025};
    for (int b = 0; b < BUILDS; b++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
                compare(builds[b], (r + k) % 2 ? CT_F32 : CT_F64, rows[r], columns[k]);
}

static void many_rows_on_many_threads(void **state)
{
    (void)state;
    for (int b = 0; b < BUILDS; b++)
        compare(builds[b], CT_F32, 3000, 49);
}

static void empty_batches_are_fine(void **state)
{
    (void)state;
    for (int b = 0; b < BUILDS; b++) {
        compare(builds[b], CT_F32, 0, 5);
        compare(builds[b], CT_F64, 0, 1);
    }
}

/* --- what becomes one step ------------------------------------------------------------------------------------------- */

static void value_tangent_and_gradient_of_norm(bench_case *c)
{
    ct_var *y = layer_norm(c->x, c->w), *v = ct_cos(c->x), *dy, *grad;
    assert_true(ct_jvp(1, &y, 1, &c->x, &v, &dy));
    assert_true(ct_vjp(1, &y, &v, 1, &c->x, &grad));
    keep(c, y);
    keep(c, dy);
    keep(c, grad);
}

static void norms_and_softmaxes_are_one_step(void **state)
{
    (void)state;
    assert_int_equal(steps_of(norms, 64, 256) - 1, 1);  /* besides 1 + w, which is a row of its own size */
    assert_int_equal(steps_of(softmaxes, 64, 49), 1);
    assert_int_equal(steps_of(value_tangent_and_gradient_of_norm, 64, 256) - 1, 1);
}

/* x (1 + tanh(a (x + b x^3))) / 2, whose reverse pass reads x, x^2, x^3, the tanh and more. */
static ct_var *gelu(ct_var *x)
{
    ct_var *inner = ct_scale(ct_add(x, ct_scale(ct_mul(ct_square(x), x), 0.044715)), 0.7978845608);
    return ct_scale(ct_mul(x, ct_shift(ct_tanh(inner), 1)), 0.5);
}

/* Passes over a block for elementwise functions, as ct_program_print tells of them. */
static int map_instructions(const ct_program *p)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    ct_program_print(p, f);
    rewind(f);
    char word[64];
    int n = 0;
    while (fscanf(f, "%63s", word) == 1)
        n += strncmp(word, "map(", 4) == 0 || strncmp(word, "maps(", 5) == 0;
    fclose(f);
    return n;
}

/* The moments, the parameter and its average: one step, four results, no memory but the states'. */
static void an_optimizer_is_one_step(void **state)
{
    (void)state;
    ct_error err = {0};
    ct_graph *g = ct_graph_new();
    ct_tensor *t[4];
    ct_var *s[4], *grad = ct_input(g, "gradient", CT_F32, CT_SHAPE(100, 30));
    for (int i = 0; i < 4; i++) {
        t[i] = ct_tensor_new(CT_F32, CT_SHAPE(100, 30), &err);
        s[i] = ct_state(g, NULL, t[i]);
    }
    ct_var *m = ct_add(ct_scale(s[1], 0.9), ct_scale(grad, 0.1)), *v = ct_add(ct_scale(s[2], 0.99), ct_scale(ct_square(grad), 0.01));
    ct_var *p = ct_sub(s[0], ct_scale(ct_div(m, ct_shift(ct_sqrt(v), 1e-8)), 0.01)), *ema = ct_add(ct_scale(s[3], 0.999), ct_scale(p, 0.001));
    ct_var *out[] = {ct_assign(s[0], p), ct_assign(s[1], m), ct_assign(s[2], v), ct_assign(s[3], ema)};
    ct_program *program = ct_compile(g, 4, out, NULL, &err);
    assert_ok(program, &err);
    ct_program_stats stats = ct_program_get_stats(program);
    assert_int_equal(stats.steps, 1);
    assert_int_equal(map_instructions(program), 9);
    assert_close(stats.flops, 16.0 * 100 * 30, 0);
    assert_true(stats.planned_bytes - stats.scratch_bytes <= 100 * 30 * sizeof(float) + 64);
    assert_ok(ct_program_set_scalar(program, grad, 2, &err) && ct_program_run(program, &err), &err);
    assert_close(ct_tensor_get(t[1], 7), 0.2, 1e-7);
    assert_close(ct_tensor_get(t[0], 7), -0.01 * 0.2 / 0.2, 1e-6);
    ct_program_free(program);
    ct_graph_free(g);
    for (int i = 0; i < 4; i++)
        ct_tensor_free(t[i]);
}

static void one_gelu(bench_case *c)
{
    keep(c, gelu(c->x));
}

/* x x x, x + b u, a u, tanh, x (1 + u) and u / 2: six passes for nine functions, which are all counted as work. */
static void arithmetic_shares_passes(void **state)
{
    (void)state;
    bench_case c = new_case(one_gelu, CT_F32, 64, 50);
    ct_program *p = run_with(&c, (ct_compile_options){0});
    assert_int_equal(map_instructions(p), 6);
    assert_close(ct_program_get_stats(p).flops, 9.0 * 64 * 50, 0);
    ct_program_free(p);
    ct_graph_free(c.g);
}

/* --- what is computed again --------------------------------------------------------------------------------------------- */

/* Besides what the products read (their operands h, for the gradients of the weights), each layer keeps one array: the product itself. */
static void elementwise_parts_are_not_kept(void **state)
{
    (void)state;
    enum { LAYERS = 8, ROWS = 128, WIDTH = 64 };
    ct_error err = {0};
    ct_graph *g = ct_graph_new();
    ct_var *h = ct_input(g, "x", CT_F32, CT_SHAPE(ROWS, WIDTH)), *w[LAYERS], *out[LAYERS + 1];
    for (int i = 0; i < LAYERS; i++) {
        char name[8] = {'w', (char)('0' + i)};
        w[i] = ct_input(g, name, CT_F32, CT_SHAPE(WIDTH, WIDTH));
        h = gelu(ct_matmul(h, w[i]));
    }
    out[LAYERS] = ct_sum_all(ct_square(h));
    assert_true(ct_grad(out[LAYERS], LAYERS, w, out));
    ct_program *p = ct_compile(g, LAYERS + 1, out, &(ct_compile_options){.threads = 1}, &err);
    ct_program *q = ct_compile(g, LAYERS + 1, out, &(ct_compile_options){.threads = 1, .no_fuse = true}, &err);
    assert_ok(p && q, &err);
    ct_program_stats kept = ct_program_get_stats(p), all = ct_program_get_stats(q);
    double activation = ROWS * WIDTH * sizeof(float), weights = 2.0 * LAYERS * WIDTH * WIDTH * sizeof(float);
    double arrays = ((double)(kept.planned_bytes - kept.scratch_bytes) - weights) / activation;
    if (arrays > 2 * LAYERS + 4 || kept.planned_bytes >= all.planned_bytes)
        fail_msg("%g arrays of a layer's size are kept for %d layers, in %zu bytes against %zu", arrays, LAYERS, kept.planned_bytes, all.planned_bytes);
    assert_ok(set_inputs_to_zero(p, g, &err) && set_inputs_to_zero(q, g, &err) && ct_program_run(p, &err) && ct_program_run(q, &err), &err);
    ct_program_free(p);
    ct_program_free(q);
    ct_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fused_and_unfused_give_the_same_bits),
        cmocka_unit_test(what_rows_share_is_right_in_every_block),
        cmocka_unit_test(many_rows_on_many_threads),
        cmocka_unit_test(empty_batches_are_fine),
        cmocka_unit_test(norms_and_softmaxes_are_one_step),
        cmocka_unit_test(an_optimizer_is_one_step),
        cmocka_unit_test(arithmetic_shares_passes),
        cmocka_unit_test(elementwise_parts_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
