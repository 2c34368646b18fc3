/* SPDX-License-Identifier: MIT */
/* Programs: inputs and outputs, states and assignments, the step and the seed, cut nodes, what a run can be asked to watch, and what can be printed. */
#include "inputs.h"
#include "printed.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ct_tensor *vector(int64_t n, double first, double step)
{
    ct_tensor *t = ct_tensor_new(CT_F64, CT_SHAPE(n), NULL);
    for (int64_t i = 0; i < n; i++)
        ct_tensor_set(t, i, first + step * (double)i);
    return t;
}

static ct_program *compile(ct_graph *g, int n, ct_var *const *outputs, ct_compile_options options)
{
    ct_error err = {0};
    ct_program *p = ct_compile(g, n, outputs, &options, &err);
    assert_ok(p, &err);
    return p;
}

static void run(ct_program *p)
{
    ct_error err = {0};
    assert_ok(ct_program_run(p, &err), &err);
}

/* All the ways of compiling: results must not tell them apart. */
static const ct_compile_options ways[] = {{.threads = 1}, {.threads = 2}, {.no_fuse = true, .threads = 1}, {.no_merge = true}, {.poison = true},
                                          {.no_fuse = true, .poison = true}};
enum { WAYS = sizeof ways / sizeof *ways };

/* --- inputs and outputs ------------------------------------------------------------------------------------------- */

static void inputs_stay_until_set_again(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(3)), *y = ct_affine(x, 2, 1);
    ct_program *p = compile(g, 1, &y, (ct_compile_options){0});
    assert_ok(ct_program_set_data(p, x, (double[]){5, 6, 7}, &err), &err);
    for (int i = 0; i < 3; i++) {
        run(p);
        assert_close(ct_tensor_get(ct_program_get(p, y), 2), 15, 0);
    }
    ct_tensor *single = ct_tensor_from(CT_F32, CT_SHAPE(3), (float[]){1, 2, 3}, &err);
    assert_ok(ct_program_set(p, x, single, &err), &err);
    run(p);
    assert_close(ct_tensor_get(ct_program_get(p, y), 2), 7, 0);
    assert_ok(ct_program_set_scalar(p, x, -1, &err), &err);
    run(p);
    assert_close(ct_tensor_get(ct_program_get(p, y), 1), -1, 0);
    ct_tensor_free(single);
    ct_program_free(p);
    ct_graph_free(g);
}

static void misuse_is_named(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new(), *other = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(3)), *y = ct_tanh(x), *late, *foreign = ct_input(other, "f", CT_F64, CT_SHAPE(3));
    ct_program *p = compile(g, 1, &y, (ct_compile_options){0});
    late = ct_input(g, "late", CT_F64, CT_SHAPE(1));
    ct_tensor *wrong = vector(4, 0, 1);
    assert_false(ct_program_set(p, x, wrong, &err));
    assert_error(&err, CT_E_SHAPE, "\"x\" float64 [3] was given [4]");
    assert_false(ct_program_set(p, x, NULL, &err));
    assert_error(&err, CT_E_SHAPE, "was given NULL");
    assert_false(ct_program_set_scalar(p, y, 1, &err));
    assert_error(&err, CT_E_ARGUMENT, "neither an input nor a cut node");
    assert_false(ct_program_set_scalar(p, late, 1, &err));
    assert_error(&err, CT_E_ARGUMENT, "not a node of the program's graph");
    assert_null(ct_program_get(p, x));
    assert_true(isnan(ct_program_scalar(p, x)));
    assert_null(ct_compile(g, 2, (ct_var *[]){y, NULL}, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "output 1 is NULL");
    assert_null(ct_compile(g, 1, &foreign, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "belongs to another graph");
    assert_false(ct_program_run(NULL, &err));
    ct_matmul(x, y);
    assert_null(ct_compile(g, 1, &y, NULL, &err));
    assert_error(&err, CT_E_SHAPE, "matmul: expects operands of rank 2 or more: \"x\" float64 [3]");
    assert_non_null(strstr(err.message, "test_program.c:"));
    assert_ok(ct_program_set_scalar(p, x, 0, &err), &err);
    run(p);
    ct_tensor_free(wrong);
    ct_program_free(p);
    ct_graph_free(g);
    ct_graph_free(other);
}

/* The graph and its tensors live as long as a program needs them. */
static void a_program_outlives_its_graph(void **state)
{
    (void)state;
    ct_tensor *t = vector(4, 1, 1);
    ct_graph *g = ct_graph_new();
    ct_var *sum = ct_sum_all(ct_square(ct_constant(g, t)));
    ct_program *p = compile(g, 1, &sum, (ct_compile_options){0});
    ct_tensor_free(t);
    ct_graph_free(g);
    run(p);
    assert_close(ct_program_scalar(p, sum), 30, 0);
    ct_program_free(p);
}

static void views_can_be_outputs(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_tensor *t = vector(6, 0, 1);
    ct_var *x = ct_reshape(ct_constant(g, t), CT_SHAPE(2, 3)), *y = ct_affine(x, 1, 0.5);
    ct_var *outputs[] = {x, ct_transpose(x, 0, 1), ct_slice(y, 1, 1, 3, 1), ct_broadcast(ct_slice(y, 1, 0, 1, 1), CT_SHAPE(2, 3)), y};
    for (int w = 0; w < WAYS; w++) {
        ct_program *p = compile(g, 5, outputs, ways[w]);
        run(p);
        assert_close(ct_tensor_get(ct_program_get(p, outputs[0]), 4), 4, 0);
        assert_close(ct_tensor_get(ct_program_get(p, outputs[1]), 1), 3, 0);
        assert_close(ct_tensor_get(ct_program_get(p, outputs[2]), 3), 5.5, 0);
        assert_close(ct_tensor_get(ct_program_get(p, outputs[3]), 5), 3.5, 0);
        for (int i = 0; i < 5; i++)
            assert_true(ct_tensor_is_contiguous(ct_program_get(p, outputs[i])));
        ct_program_free(p);
    }
    ct_tensor_free(t);
    ct_graph_free(g);
}

/* --- states and assignments --------------------------------------------------------------------------------------- */

typedef struct states {
    ct_tensor *a, *b;
    ct_graph *g;
    ct_var *x, *y;
} states;

static states two_states(void)
{
    states s = {.a = vector(3, 1, 1), .b = vector(3, 10, 10), .g = ct_graph_new()};
    s.x = ct_state(s.g, "a", s.a);
    s.y = ct_state(s.g, "b", s.b);
    assert_ptr_equal(ct_state(s.g, "again", s.a), s.x);
    return s;
}

static void free_states(states s)
{
    ct_tensor_free(s.a);
    ct_tensor_free(s.b);
    ct_graph_free(s.g);
}

static void check_states(const states *s, const double a[3], const double b[3])
{
    for (int i = 0; i < 3; i++) {
        assert_close(ct_tensor_get(s->a, i), a[i], 0);
        assert_close(ct_tensor_get(s->b, i), b[i], 0);
    }
}

static void assignments_exchange_states(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        states s = two_states();
        ct_var *out[] = {ct_assign(s.x, s.y), ct_assign(s.y, s.x)};
        ct_program *p = compile(s.g, 2, out, ways[w]);
        run(p);
        check_states(&s, (double[]){10, 20, 30}, (double[]){1, 2, 3});
        assert_close(ct_program_scalar(p, out[0]), 10, 0);
        run(p);
        check_states(&s, (double[]){1, 2, 3}, (double[]){10, 20, 30});
        ct_program_free(p);
        free_states(s);
    }
}

/* Everything that reads a state sees its value before the run, however late it runs. */
static void readers_see_the_old_value(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        states s = two_states();
        ct_var *next = ct_affine(s.x, 2, 0), *assign = ct_assign(s.x, next);
        ct_var *late = ct_sum_all(ct_mul(s.x, ct_exp(ct_affine(next, 0, 0)))), *reversed = ct_sum_all(ct_mul(next, s.x));
        ct_var *out[] = {assign, late, reversed, s.x, ct_assign(s.y, ct_add(next, s.y))};
        ct_program *p = compile(s.g, 5, out, ways[w]);
        run(p);
        assert_close(ct_program_scalar(p, late), 6, 0);
        assert_close(ct_program_scalar(p, reversed), 28, 0);
        assert_close(ct_tensor_get(ct_program_get(p, s.x), 2), 3, 0);
        assert_close(ct_tensor_get(ct_program_get(p, assign), 2), 6, 0);
        check_states(&s, (double[]){2, 4, 6}, (double[]){12, 24, 36});
        ct_program_free(p);
        free_states(s);
    }
}

static void one_value_goes_to_two_states(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        states s = two_states();
        ct_var *next = ct_add(s.x, s.y), *out[] = {ct_assign(s.x, next), ct_assign(s.y, next)};
        ct_program *p = compile(s.g, 2, out, ways[w]);
        run(p);
        check_states(&s, (double[]){11, 22, 33}, (double[]){11, 22, 33});
        run(p);
        check_states(&s, (double[]){22, 44, 66}, (double[]){22, 44, 66});
        ct_program_free(p);
        free_states(s);
    }
}

/* A value read in another order than it is written must not be written over the state in place. */
static void reversed_reading_is_safe(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        ct_tensor *t = ct_tensor_new(CT_F64, CT_SHAPE(40, 40), NULL);
        for (int64_t i = 0; i < 1600; i++)
            ct_tensor_set(t, i, (double)i);
        ct_graph *g = ct_graph_new();
        ct_var *x = ct_state(g, "x", t), *assign = ct_assign(x, ct_add(x, ct_transpose(x, 0, 1)));
        ct_program *p = compile(g, 1, &assign, ways[w]);
        run(p);
        for (int64_t i = 0; i < 40; i++)
            for (int64_t j = 0; j < 40; j++)
                assert_close(ct_tensor_get(t, 40 * i + j), (double)(41 * (i + j)), 0);
        ct_program_free(p);
        ct_graph_free(g);
        ct_tensor_free(t);
    }
}

static void a_state_is_assigned_once(void **state)
{
    (void)state;
    ct_error err;
    states s = two_states();
    ct_var *out[] = {ct_assign(s.x, s.y), ct_assign(s.x, ct_neg(s.y))};
    assert_null(ct_compile(s.g, 2, out, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "state \"a\" float64 [3] is assigned twice, at ");
    free_states(s);
}

static void an_unnamed_assignment_is_dropped(void **state)
{
    (void)state;
    states s = two_states();
    ct_assign(s.x, s.y);
    ct_var *sum = ct_sum_all(s.x);
    ct_program *p = compile(s.g, 1, &sum, (ct_compile_options){0});
    run(p);
    check_states(&s, (double[]){1, 2, 3}, (double[]){10, 20, 30});
    ct_program_free(p);
    free_states(s);
}

/* --- the seed, the step, cut nodes --------------------------------------------------------------------------------- */

static void random_numbers_follow_seed_and_step(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *a = ct_normal(g, CT_F64, CT_SHAPE(1000)), *b = ct_normal(g, CT_F64, CT_SHAPE(1000)), *step = ct_step(g, CT_F64);
    ct_var *out[] = {ct_sum_all(a), ct_sum_all(b), step};
    double first[3][2];
    ct_program *p = compile(g, 3, out, (ct_compile_options){.seed = 9, .threads = 1}), *q = compile(g, 3, out, (ct_compile_options){.seed = 9, .threads = 3});
    for (int i = 0; i < 3; i++) {
        assert_close((double)ct_program_step(p), i, 0);
        run(p);
        run(q);
        assert_close(ct_program_scalar(p, step), i, 0);
        for (int k = 0; k < 2; k++) {
            first[i][k] = ct_program_scalar(p, out[k]);
            assert_close(first[i][k], ct_program_scalar(q, out[k]), 0);
        }
        assert_true(first[i][0] != first[i][1]);
        assert_true(i == 0 || first[i][0] != first[i - 1][0]);
    }
    ct_program_set_step(p, 1);
    run(p);
    assert_close(ct_program_scalar(p, out[0]), first[1][0], 0);
    ct_program_set_seed(p, 10);
    ct_program_set_step(p, 1);
    run(p);
    assert_true(ct_program_scalar(p, out[0]) != first[1][0]);
    ct_program_free(p);
    ct_program_free(q);
    ct_graph_free(g);
}

static void cut_nodes_are_given(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SCALAR), *h = ct_exp(x), *sg = ct_stop_gradient(h), *y = ct_mul(h, sg);
    ct_program *p = compile(g, 1, &y, (ct_compile_options){.n_cut = 1, .cut = &sg});
    assert_ok(ct_program_set_scalar(p, x, 0, &err) && ct_program_set_scalar(p, sg, 5, &err), &err);
    run(p);
    assert_close(ct_program_scalar(p, y), 5, 0);
    ct_program_free(p);
    ct_graph_free(g);
}

/* --- watching ------------------------------------------------------------------------------------------------------- */

static void the_first_bad_node_is_named(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(4)), *bad = ct_name(ct_log(ct_shift(x, -1)), "logarithm"), *y = ct_sum_all(ct_exp(bad));
    ct_program *p = compile(g, 1, &y, (ct_compile_options){.check_finite = true});
    assert_ok(ct_program_set_scalar(p, x, 2, &err), &err);
    run(p);
    assert_ok(ct_program_set_data(p, x, (float[]){2, 2, 0.5f, 2}, &err), &err);
    assert_false(ct_program_run(p, &err));
    assert_error(&err, CT_E_NUMERIC, "step 1: \"logarithm\" float32 [4]: op log made 1 NaN and 0 infinite of 4, the first NaN at [2] from #1 affine "
                                     "float32 [4] (finite, -0.5 to 1), at ");
    assert_non_null(strstr(err.message, "test_program.c:"));
    assert_close((double)ct_program_step(p), 1, 0);
    ct_program_free(p);
    ct_graph_free(g);
}

static char *printed(void (*print)(const ct_program *, FILE *), const ct_program *p)
{
    FILE *f = page();
    print(p, f);
    return text_of(f);
}

static void print_profile(const ct_program *p, FILE *to)
{
    ct_program_profile(p, NULL, to);
}

/* The first step with this label. */
static ct_program_time step_of(const ct_program *p, const char *op)
{
    ct_program_time t = {0};
    int64_t i = 0;
    while (ct_program_step_time(p, i, &t) && strcmp(t.op, op) != 0)
        i++;
    assert_true(i < ct_program_step_count(p));
    return t;
}

static void programs_can_be_looked_at(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "pixels \"raw\"", CT_F32, CT_SHAPE(32, 16)), *h = ct_name(ct_tanh(ct_scale(ct_matmul(ct_transpose(x, 0, 1), x), 0.1)), "hidden"), *y = ct_sum_all(h);
    ct_program *p = compile(g, 1, &y, (ct_compile_options){.profile = true}), *plain = compile(g, 1, &y, (ct_compile_options){.no_fuse = true});
    ct_error err;
    assert_ok(set_inputs_to_zero(p, g, &err), &err);
    run(p);
    run(p);
    char *text = printed(ct_program_print, p), *dot = printed(ct_program_dot, p), *profile = printed(print_profile, p);
    assert_non_null(strstr(text, "matmul"));
    assert_non_null(strstr(text, "bytes"));
    assert_non_null(strstr(text, "pixels"));
    assert_non_null(strstr(dot, "digraph"));
    assert_non_null(strstr(dot, "pixels \\\"raw\\\""));
    assert_non_null(strstr(profile, "2 runs"));
    assert_non_null(strstr(profile, "GFLOP/s"));
    /* The scale, tanh and sum run on the rows of the product. */
    ct_program_time t = step_of(p, "matmul+fused");
    assert_close(t.flops, 2.0 * 16 * 16 * 32 + 3 * 16 * 16, 0);
    assert_true(t.seconds > 0);
    assert_close(step_of(plain, "matmul").flops, 2.0 * 16 * 16 * 32, 0);
    assert_false(ct_program_step_time(p, ct_program_step_count(p), &t));
    ct_program_profile_reset(p);
    assert_true(ct_program_step_time(p, 0, &t));
    assert_close(t.seconds, 0, 0);
    free(text);
    free(dot);
    free(profile);
    ct_program_free(p);
    ct_program_free(plain);
    ct_graph_free(g);
}

static void stats_say_what_was_decided(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(64, 64)), *h = x, *unused = ct_exp(x);
    for (int i = 0; i < 10; i++)
        h = ct_tanh(ct_matmul(h, ct_add(x, x)));
    ct_var *y = ct_sum_all(h);
    ct_program *p = compile(g, 1, &y, (ct_compile_options){0}), *q = compile(g, 2, (ct_var *[]){y, unused}, (ct_compile_options){0});
    ct_program_stats s = ct_program_get_stats(p);
    assert_int_equal(s.planned_bytes, ct_program_bytes(p));
    assert_true(s.planned_bytes < s.naive_bytes);
    assert_true(s.nodes == 23);  /* x, x + x once, ten products, ten tanh, the sum */
    assert_true(ct_program_get_stats(q).nodes == 24);
    assert_true(s.flops >= 10 * 2.0 * 64 * 64 * 64);
    ct_program_free(p);
    ct_program_free(q);
    ct_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_stay_until_set_again),
        cmocka_unit_test(misuse_is_named),
        cmocka_unit_test(a_program_outlives_its_graph),
        cmocka_unit_test(views_can_be_outputs),
        cmocka_unit_test(assignments_exchange_states),
        cmocka_unit_test(readers_see_the_old_value),
        cmocka_unit_test(one_value_goes_to_two_states),
        cmocka_unit_test(reversed_reading_is_safe),
        cmocka_unit_test(a_state_is_assigned_once),
        cmocka_unit_test(an_unnamed_assignment_is_dropped),
        cmocka_unit_test(random_numbers_follow_seed_and_step),
        cmocka_unit_test(cut_nodes_are_given),
        cmocka_unit_test(the_first_bad_node_is_named),
        cmocka_unit_test(programs_can_be_looked_at),
        cmocka_unit_test(stats_say_what_was_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
