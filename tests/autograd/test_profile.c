/* SPDX-License-Identifier: MIT */
/* What the profile says of a step's work: arithmetic and bytes by hand, where its operands lie, and the time it would need at a machine's limits. */
#include "inputs.h"
#include "printed.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 32, ARRAY = N * N * sizeof(float) };

static ct_program *compile(ct_graph *g, ct_var *output, bool fuse, bool profile)
{
    ct_error err = {0};
    ct_program *p = ct_compile(g, 1, &output, &(ct_compile_options){.threads = 1, .no_fuse = !fuse, .profile = profile}, &err);
    assert_ok(p, &err);
    return p;
}

/* The only step of a program. */
static void check_work(ct_graph *g, ct_var *output, bool fuse, double flops, double bytes)
{
    ct_program *p = compile(g, output, fuse, false);
    ct_program_time t;
    assert_int_equal(ct_program_step_count(p), 1);
    assert_true(ct_program_step_time(p, 0, &t));
    assert_close(t.flops, flops, 0);
    assert_close(t.bytes, bytes, 0);
    assert_int_equal(t.dtype, ct_var_dtype(output));
    assert_close(ct_program_get_stats(p).flops, flops, 0);
    ct_program_free(p);
}

/* --- counting -------------------------------------------------------------------------------------------------------------- */

static void operands_and_results_count_once(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(N, N)), *y = ct_input(g, "y", CT_F32, CT_SHAPE(N, N));
    ct_var *row = ct_input(g, "row", CT_F32, CT_SHAPE(N)), *wide = ct_input(g, "wide", CT_F32, CT_SHAPE(N, 3 * N));
    ct_var *part = ct_slice(wide, 1, 0, N, 1), *one_row = ct_broadcast(ct_slice(wide, 0, 0, 1, 1), CT_SHAPE(N, 3 * N));
    for (int fuse = 0; fuse < 2; fuse++) {
        check_work(g, ct_mul(part, part), fuse, N * N, 2 * ARRAY);
        check_work(g, ct_matmul(part, part), fuse, 2.0 * N * N * N, 2 * ARRAY);
        check_work(g, ct_exp(one_row), fuse, 3 * N * N, 3 * ARRAY + 3 * N * 4);
        check_work(g, ct_add(x, y), fuse, N * N, 3 * ARRAY);
        check_work(g, ct_mul(x, x), fuse, N * N, 2 * ARRAY);
        check_work(g, ct_add(x, row), fuse, N * N, 2 * ARRAY + N * 4);
        check_work(g, ct_exp(ct_slice(wide, 1, N, 2 * N, 1)), fuse, N * N, 2 * ARRAY);
        check_work(g, ct_add(x, ct_transpose(x, 0, 1)), fuse, N * N, 2 * ARRAY);
        check_work(g, ct_add(ct_slice(wide, 1, 0, N, 1), ct_slice(wide, 1, N, 2 * N, 1)), fuse, N * N, 3 * ARRAY);
        check_work(g, ct_matmul(x, y), fuse, 2.0 * N * N * N, 3 * ARRAY);
        check_work(g, ct_matmul(x, ct_transpose(x, 0, 1)), fuse, 2.0 * N * N * N, 2 * ARRAY);
        check_work(g, ct_matmul(x, part), fuse, 2.0 * N * N * N, 3 * ARRAY);
        check_work(g, ct_sum(x, CT_AXES(0)), fuse, N * N, ARRAY + N * 4);
    }
    ct_graph_free(g);
}

static void a_fused_step_counts_its_functions(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(N, N)), *row = ct_input(g, "row", CT_F32, CT_SHAPE(N));
    check_work(g, ct_tanh(ct_exp(x)), true, 2 * N * N, 2 * ARRAY);
    /* exp, a sum of each row, its log, and the product with the log spread along the row */
    ct_var *e = ct_exp(x);
    check_work(g, ct_mul(e, ct_log(ct_sum_keep(e, CT_AXES(1)))), true, 3 * N * N + N, 2 * ARRAY);
    check_work(g, ct_mul(ct_tanh(x), row), true, 2 * N * N, 2 * ARRAY + N * 4);
    ct_graph_free(g);
}

/* Fusing changes what goes through memory, not what is computed. */
static void fusing_changes_no_arithmetic(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(N, N)), *c = ct_sub(x, ct_mean_keep(x, CT_AXES(-1)));
    ct_var *norm = ct_mul(c, ct_rsqrt(ct_shift(ct_mean_keep(ct_square(c), CT_AXES(-1)), 1e-5)));
    ct_var *e = ct_exp(ct_matmul(norm, x)), *y = ct_div(e, ct_sum_keep(e, CT_AXES(-1)));
    ct_program *p = compile(g, y, true, false), *q = compile(g, y, false, false);
    double bytes[2] = {0, 0};
    ct_program_time t;
    for (int64_t i = 0; ct_program_step_time(p, i, &t); i++)
        bytes[0] += t.bytes;
    for (int64_t i = 0; ct_program_step_time(q, i, &t); i++)
        bytes[1] += t.bytes;
    assert_true(ct_program_step_count(p) < ct_program_step_count(q));
    assert_close(ct_program_get_stats(p).flops, ct_program_get_stats(q).flops, 0);
    assert_true(bytes[0] < bytes[1]);
    ct_program_free(p);
    ct_program_free(q);
    ct_graph_free(g);
}

/* --- where operands lie ---------------------------------------------------------------------------------------------------- */

/* Bytes that take 1, 100 and 10000 seconds each; arithmetic is free. */
static ct_machine slow_memory(size_t core, size_t shared)
{
    return (ct_machine){.threads = 1, .flops_f32 = 1e300, .flops_f64 = 1e300,
                        .bandwidth = {{.capacity = core, .best = 1}, {.capacity = shared, .best = 1e-2}, {.capacity = SIZE_MAX, .best = 1e-4}}};
}

static void check_limit(const ct_program *p, int64_t i, ct_machine m, double seconds, ct_limit limit)
{
    ct_limit binds = CT_LIMITS;
    assert_close(ct_program_step_limit(p, i, &m, &binds), seconds, 1e-9 * seconds);
    assert_int_equal(binds, limit);
}

/* h1 = a a, h2 = h1 h1, h3 = h2 h2, h4 = h3 a: when a is read at step 3, the steps since have touched h1 and h2 (which lay beside it at step 0), and h3 and h4
 * are what the step itself touches. At step 0 of the next run, nothing but what step 3 touched besides a has come since. */
static void operands_lie_where_they_fit_since_their_last_use(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *a = ct_input(g, "a", CT_F32, CT_SHAPE(N, N)), *h1 = ct_matmul(a, a), *h2 = ct_matmul(h1, h1), *h3 = ct_matmul(h2, h2), *h4 = ct_matmul(h3, a);
    ct_program *p = compile(g, h4, true, true), *unprofiled = compile(g, h4, true, false);
    const double x = ARRAY;
    assert_int_equal(ct_program_step_count(p), 4);
    check_limit(p, 3, slow_memory(5 * ARRAY, 9 * ARRAY), 3 * x, CT_LIMIT_CORE);
    check_limit(p, 3, slow_memory(5 * ARRAY - 1, 9 * ARRAY), 2 * x + 100 * x, CT_LIMIT_SHARED);
    check_limit(p, 3, slow_memory(4 * ARRAY, 5 * ARRAY - 1), 2 * x + 10000 * x, CT_LIMIT_MEMORY);
    check_limit(p, 3, slow_memory(3 * ARRAY, 5 * ARRAY), 1 * x + 200 * x, CT_LIMIT_SHARED);
    check_limit(p, 0, slow_memory(4 * ARRAY, 9 * ARRAY), 2 * x, CT_LIMIT_CORE);
    check_limit(p, 0, slow_memory(4 * ARRAY - 1, 9 * ARRAY), x + 100 * x, CT_LIMIT_SHARED);
    check_limit(unprofiled, 3, slow_memory(3 * ARRAY, 9 * ARRAY), 3 * x, CT_LIMIT_CORE);
    check_limit(unprofiled, 3, slow_memory(3 * ARRAY - 1, 9 * ARRAY), 300 * x, CT_LIMIT_SHARED);
    assert_true(isnan(ct_program_step_limit(p, 4, &(ct_machine){0}, NULL)));
    assert_true(isnan(ct_program_step_limit(p, -1, &(ct_machine){0}, NULL)));
    ct_program_free(p);
    ct_program_free(unprofiled);
    ct_graph_free(g);
}

/* --- the tables ------------------------------------------------------------------------------------------------------------ */

static char *printed(const ct_program *p, const ct_machine *limits)
{
    FILE *f = page();
    ct_program_profile(p, limits, f);
    return text_of(f);
}

static void run(ct_program *p, const ct_graph *g, int times)
{
    ct_error err = {0};
    assert_ok(set_inputs_to_zero(p, g, &err), &err);
    for (int i = 0; i < times; i++)
        assert_ok(ct_program_run(p, &err), &err);
}

/* One fused step and one product, on a machine whose arithmetic takes long and where elementwise work waits for memory. */
static void shares_of_the_limits_are_printed(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(256, 256)), *h = ct_tanh(ct_exp(x)), *y = ct_matmul(h, h);
    ct_program *p = compile(g, y, true, true);
    ct_machine m = {.threads = 1, .flops_f32 = 1e12, .flops_f64 = 1e12,
                    .bandwidth = {{.capacity = 1, .best = 1e12}, {.capacity = 2, .best = 1e12}, {.capacity = SIZE_MAX, .best = 4e11}}};
    double needed[2] = {2.0 * 256 * 256 * 4 / 4e11, 2.0 * 256 * 256 * 256 / 1e12}, total = 0;
    const char *const limit[] = {"memory", "compute"};
    run(p, g, 3);
    char *text = printed(p, &m), expected[64];
    for (int i = 0; i < 2; i++) {
        ct_program_time t;
        assert_true(ct_program_step_time(p, i, &t));
        assert_true(t.seconds > 0);
        total += t.seconds;
        snprintf(expected, sizeof expected, " %7.1f%% %s", 100 * needed[i] * 3 / t.seconds, limit[i]);
        const char *first = strstr(text, expected);
        assert_non_null(first);
        assert_non_null(strstr(first + 1, expected));  /* in the table of ops and in that of steps */
    }
    snprintf(expected, sizeof expected, "at the machine's limits %.3f ms, %.1f%%\n", 1e3 * (needed[0] + needed[1]), 300 * (needed[0] + needed[1]) / total);
    assert_non_null(strstr(text, expected));
    assert_non_null(strstr(text, "3 runs"));
    assert_int_equal(ct_program_runs_timed(p), 3);
    free(text);
    text = printed(p, NULL);
    assert_null(strstr(text, "limit"));
    assert_non_null(strstr(text, "GFLOP/s"));
    free(text);
    ct_program_profile_reset(p);
    assert_int_equal(ct_program_runs_timed(p), 0);
    ct_program_free(p);
    ct_graph_free(g);
}

/* On the machine itself: a step needs some time at the limits, and took longer than a tenth of that. */
static void shares_of_this_machine_are_sane(void **state)
{
    (void)state;
    ct_error err = {0};
    ct_machine m;
    assert_ok(ct_machine_measure(1, &m, &err), &err);
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(256, 256)), *y = ct_sum_all(ct_tanh(ct_exp(ct_matmul(x, x))));
    ct_program *p = compile(g, y, true, true);
    run(p, g, 3);
    ct_program_time t;
    for (int64_t i = 0; ct_program_step_time(p, i, &t); i++) {
        ct_limit binds;
        double share = ct_program_step_limit(p, i, &m, &binds) * 3 / t.seconds;
        assert_true(share > 0 && share < 10);
        assert_true(binds > CT_LIMIT_NONE && binds < CT_LIMITS);
    }
    ct_program_free(p);
    ct_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operands_and_results_count_once),
        cmocka_unit_test(a_fused_step_counts_its_functions),
        cmocka_unit_test(fusing_changes_no_arithmetic),
        cmocka_unit_test(operands_lie_where_they_fit_since_their_last_use),
        cmocka_unit_test(shares_of_the_limits_are_printed),
        cmocka_unit_test(shares_of_this_machine_are_sane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
