/* SPDX-License-Identifier: MIT */
/* What memory a program has in use, step by step, against lifetimes found by hand. */
#include "printed.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 32, BYTES = SIDE * SIDE * sizeof(float), MOST = 256 };

static ct_program *compile(ct_graph *g, int n, ct_var *const *outputs, bool no_fuse)
{
    ct_error err = {0};
    ct_program *p = ct_compile(g, n, outputs, &(ct_compile_options){.threads = 1, .no_fuse = no_fuse}, &err);
    assert_ok(p, &err);
    return p;
}

static size_t sum_of(const ct_program_buffer *list, int64_t n)
{
    size_t sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += list[i].bytes;
    return sum;
}

static void check_piece(const ct_program_buffer *b, const char *op, size_t bytes, int64_t first, int64_t last)
{
    assert_string_equal(b->op, op);
    assert_int_equal(b->bytes, bytes);
    assert_int_equal(b->first, first);
    assert_int_equal(b->last, last);
}

/* The pieces at a step without scratch, of which products may have some. */
static int64_t values_at(const ct_program *p, int64_t step, ct_program_buffer list[MOST])
{
    int64_t n = ct_program_live(p, step, MOST, list), kept = 0;
    for (int64_t i = 0; i < n; i++)
        if (strcmp(list[i].op, "scratch") != 0)
            list[kept++] = list[i];
    return kept;
}

/* a is there all the time, h1 until step 2, the others until the step after. */
static void products_live_until_they_are_read(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *a = ct_input(g, "a", CT_F32, CT_SHAPE(SIDE, SIDE)), *h1 = ct_name(ct_matmul(a, a), "h1"), *h2 = ct_matmul(h1, a);
    ct_var *h3 = ct_matmul(h2, h1), *h4 = ct_matmul(h3, h3);
    ct_program *p = compile(g, 1, &h4, true);
    ct_program_buffer list[MOST];
    ct_program_stats s = ct_program_get_stats(p);
    assert_int_equal(s.peak_step, 2);
    assert_int_equal(s.peak_bytes, 4 * BYTES + s.scratch_bytes);
    assert_true(s.planned_bytes >= s.peak_bytes && s.planned_bytes < s.peak_bytes + 64);
    assert_int_equal(values_at(p, 2, list), 4);
    check_piece(&list[0], "input", BYTES, 0, 4);
    check_piece(&list[1], "matmul", BYTES, 0, 2);
    check_piece(&list[2], "matmul", BYTES, 1, 2);
    check_piece(&list[3], "matmul", BYTES, 2, 3);
    assert_string_equal(list[1].name, "h1");
    assert_int_equal(list[1].dtype, CT_F32);
    assert_true(ct_shape_equal(list[1].shape, CT_SHAPE(SIDE, SIDE)));
    assert_non_null(strstr(list[1].at.file, "test_peak.c"));
    assert_int_equal(list[1].index, ct_var_index(h1));
    assert_int_equal(values_at(p, 0, list), 2);
    assert_int_equal(values_at(p, 1, list), 3);
    assert_int_equal(values_at(p, 3, list), 3);
    check_piece(&list[2], "matmul", BYTES, 3, 4);
    ct_program_free(p);
    ct_graph_free(g);
}

/* Equal ones in the order of creation. */
static void the_largest_come_first(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *a = ct_input(g, "a", CT_F32, CT_SHAPE(SIDE, 8)), *b = ct_input(g, "b", CT_F32, CT_SHAPE(SIDE, 16));
    ct_var *c = ct_exp(b), *d = ct_tanh(a);
    ct_program *p = compile(g, 2, (ct_var *[]){c, d}, true);
    ct_program_buffer list[MOST] = {{.bytes = 7}}, two[3] = {[2] = {.bytes = 77}};
    size_t small = SIDE * 8 * sizeof(float), large = 2 * small;
    assert_int_equal(ct_program_live(p, 1, MOST, list), 4);
    check_piece(&list[0], "input", large, 0, 2);
    check_piece(&list[1], "exp", large, 0, 2);
    check_piece(&list[2], "input", small, 0, 2);
    check_piece(&list[3], "tanh", small, 1, 2);
    assert_int_equal(ct_program_live(p, 1, 2, two), 4);
    check_piece(&two[0], "input", large, 0, 2);
    check_piece(&two[1], "exp", large, 0, 2);
    assert_int_equal(two[2].bytes, 77);
    assert_int_equal(ct_program_live(p, 1, 0, NULL), 4);
    assert_int_equal(ct_program_live(p, 2, MOST, list), 0);
    assert_int_equal(ct_program_live(p, -1, MOST, list), 0);
    assert_int_equal(ct_program_get_stats(p).peak_bytes, 2 * large + 2 * small);
    assert_int_equal(ct_program_get_stats(p).peak_step, 1);
    ct_program_free(p);
    ct_graph_free(g);
}

/* tanh takes over the memory of exp: one piece, which holds first the one and then the other. */
static void memory_that_is_taken_over_counts_once(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(SIDE, SIDE)), *y = ct_tanh(ct_exp(x));
    ct_program *p = compile(g, 1, &y, true);
    ct_program_buffer list[MOST];
    assert_int_equal(ct_program_get_stats(p).peak_bytes, 2 * BYTES);
    assert_int_equal(ct_program_get_stats(p).peak_step, 0);
    assert_int_equal(ct_program_live(p, 0, MOST, list), 2);
    check_piece(&list[1], "exp", BYTES, 0, 2);
    assert_int_equal(ct_program_live(p, 1, MOST, list), 2);
    check_piece(&list[1], "tanh", BYTES, 0, 2);
    ct_program_free(p);
    ct_graph_free(g);
}

/* A convolution works on columns that it lays out first. */
static void scratch_is_named(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(1, 4, 16, 16)), *w = ct_input(g, "w", CT_F32, CT_SHAPE(8, 4, 3, 3));
    ct_var *y = ct_conv2d(x, w, (ct_conv2d_attr){.stride = {1, 1}, .pad = {1, 1}, .dilation = {1, 1}, .groups = 1});
    ct_program *p = compile(g, 1, &y, false);
    ct_program_stats s = ct_program_get_stats(p);
    ct_program_buffer list[MOST];
    int64_t n = ct_program_live(p, 0, MOST, list), k = 0;
    assert_int_equal(n, 4);
    while (k < n && strcmp(list[k].op, "scratch") != 0)
        k++;
    assert_true(k < n);
    check_piece(&list[k], "scratch", s.scratch_bytes, 0, 0);
    assert_string_equal(list[k].name, "conv2d");
    assert_int_equal(s.peak_bytes, (4 * 16 * 16 + 8 * 4 * 3 * 3 + 8 * 16 * 16) * sizeof(float) + s.scratch_bytes);
    ct_program_free(p);
    ct_graph_free(g);
}

/* A small network's training step, that has all kinds of pieces. */
static ct_program *training(ct_graph *g, bool no_fuse)
{
    ct_var *h = ct_input(g, "x", CT_F32, CT_SHAPE(48, SIDE)), *w[5], *out[6];
    for (int i = 0; i < 5; i++) {
        w[i] = ct_input(g, ct_graph_text(g, "w%d", i), CT_F32, CT_SHAPE(SIDE, SIDE));
        h = ct_add(h, ct_tanh(ct_matmul(ct_div(h, ct_shift(ct_sum_keep(ct_square(h), CT_AXES(-1)), 1)), w[i])));
    }
    out[5] = ct_mean_all(ct_square(h));
    assert_true(ct_grad(out[5], 5, w, out));
    return compile(g, 6, out, no_fuse);
}

static void the_peak_is_the_largest_sum(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        ct_graph *g = ct_graph_new();
        ct_program *p = training(g, k);
        ct_program_stats s = ct_program_get_stats(p);
        size_t most = 0;
        int64_t at = -1;
        for (int64_t i = 0; i < s.steps; i++) {
            ct_program_buffer list[MOST];
            int64_t n = ct_program_live(p, i, MOST, list);
            assert_in_range(n, 1, MOST);
            for (int64_t j = 1; j < n; j++)
                assert_true(list[j].bytes <= list[j - 1].bytes && list[j].first <= i && list[j].last >= i);
            size_t sum = sum_of(list, n);
            at = sum > most ? i : at;
            most = sum > most ? sum : most;
        }
        assert_int_equal(s.peak_bytes, most);
        assert_int_equal(s.peak_step, at);
        assert_true(s.planned_bytes >= s.peak_bytes);
        ct_program_free(p);
        ct_graph_free(g);
    }
}

static void nothing_needs_no_memory(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_program *p = compile(g, 0, NULL, false);
    assert_int_equal(ct_program_get_stats(p).peak_step, -1);
    assert_int_equal(ct_program_get_stats(p).peak_bytes, 0);
    assert_int_equal(ct_program_live(p, 0, 0, NULL), 0);
    ct_program_free(p);
    ct_graph_free(g);
}

/* --- as text --------------------------------------------------------------------------------------------------------------- */

/* Sum of the first words of the lines between two texts, the rest that is "in N more" included. */
static size_t sum_between(const char *text, const char *from, const char *to)
{
    size_t sum = 0;
    const char *line = strstr(text, from), *end = line ? strstr(line, to) : NULL;
    assert_non_null(end);
    for (line = strchr(line, '\n') + 1; line < end; line = strchr(line, '\n') + 1)
        sum += strtoull(line, NULL, 10);
    return sum;
}

static void the_printed_pieces_add_up(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_program *p = training(g, true);
    ct_program_stats s = ct_program_get_stats(p);
    char *text = printed_program(p), expected[128];
    snprintf(expected, sizeof expected, "most is in use at step %lld, ", (long long)s.peak_step);
    assert_non_null(strstr(text, expected));
    snprintf(expected, sizeof expected, ": %zu bytes in %lld pieces, ", s.peak_bytes, (long long)ct_program_live(p, s.peak_step, 0, NULL));
    assert_non_null(strstr(text, expected));
    assert_int_equal(sum_between(text, "pieces  op\n", "       bytes  share          steps"), s.peak_bytes);
    assert_int_equal(sum_between(text, "node  value\n", "\n    0 "), s.peak_bytes);
    assert_non_null(strstr(text, "test_peak.c:"));
    assert_int_equal(ct_program_live(p, s.peak_step, 0, NULL) > 24, strstr(text, " more\n") != NULL);
    free(text);
    ct_program_free(p);
    ct_graph_free(g);
}

static void a_long_list_is_cut(void **state)
{
    (void)state;
    enum { INPUTS = 40 };
    ct_graph *g = ct_graph_new();
    ct_var *sum = NULL;
    for (int i = 0; i < INPUTS; i++) {
        ct_var *x = ct_input(g, ct_graph_text(g, "x%d", i), CT_F32, CT_SHAPE(16));
        sum = sum ? ct_add(sum, x) : x;
    }
    ct_program *p = compile(g, 1, &sum, true);
    char *text = printed_program(p), expected[64];
    ct_program_stats s = ct_program_get_stats(p);
    assert_int_equal(s.peak_bytes, 64 * (INPUTS + 1));
    snprintf(expected, sizeof expected, "%d  41.5%% in %d more\n", 64 * 17, 17);
    assert_non_null(strstr(text, expected));
    assert_int_equal(sum_between(text, "node  value\n", "\n    0 "), s.peak_bytes);
    free(text);
    ct_program_free(p);
    ct_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_live_until_they_are_read),
        cmocka_unit_test(the_largest_come_first),
        cmocka_unit_test(memory_that_is_taken_over_counts_once),
        cmocka_unit_test(scratch_is_named),
        cmocka_unit_test(the_peak_is_the_largest_sum),
        cmocka_unit_test(nothing_needs_no_memory),
        cmocka_unit_test(the_printed_pieces_add_up),
        cmocka_unit_test(a_long_list_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
