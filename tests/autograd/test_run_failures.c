/* SPDX-License-Identifier: MIT */
/* Runs that fail: what they say, and that states, the step and outputs are then what they should be. */
#include "support.h"

#include <cotangent/op.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static ct_program *compile(ct_graph *g, int n, ct_var *const *out, ct_compile_options options)
{
    ct_error err = {0};
    ct_program *p = ct_compile(g, n, out, &options, &err);
    assert_ok(p, &err);
    return p;
}

static void run(ct_program *p)
{
    ct_error err = {0};
    assert_ok(ct_program_run(p, &err), &err);
}

static void run_fails(ct_program *p, ct_code code, const char *part)
{
    ct_error err = {0};
    uint64_t step = ct_program_step(p);
    assert_false(ct_program_run(p, &err));
    assert_error(&err, code, part);
    assert_true(ct_program_step(p) == step);
}

static void set(ct_program *p, ct_var *v, const void *data)
{
    ct_error err = {0};
    assert_ok(ct_program_set_data(p, v, data, &err), &err);
}

static const ct_compile_options ways[] = {{.threads = 1}, {.threads = 3}, {.no_fuse = true}, {.no_merge = true}, {.poison = true}, {.check_finite = true}};
enum { WAYS = sizeof ways / sizeof *ways };

/* --- indices out of range -------------------------------------------------------------------------------------------- */

static void a_bad_index_is_named(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        ct_graph *g = ct_graph_new();
        ct_var *x = ct_input(g, "tokens", CT_I32, CT_SHAPE(2, 3)), *table = ct_iota(g, CT_F32, 4);
        char place[64];
        ct_var *y = ct_gather(table, ct_name(ct_check_index(x, 4), "embedding"), 0);
        snprintf(place, sizeof place, "\"tokens\" int32 [2, 3], at %s:%d", __FILE__, __LINE__ - 1);
        ct_program *p = compile(g, 1, &y, ways[w]);
        set(p, x, (int32_t[]){0, 1, 2, 3, 0, 1});
        run(p);
        assert_close(ct_tensor_get(ct_program_get(p, y), 3), 3, 0);
        set(p, x, (int32_t[]){0, 1, 2, 3, 99, -100});
        run_fails(p, CT_E_ARGUMENT, "run: step 1: check_index of embedding: entry [1, 1] is 99, expected 0 to 3 (2 of 6 out of range): ");
        run_fails(p, CT_E_ARGUMENT, place);
        set(p, x, (int32_t[]){4, 1, 2, 3, 3, 1});
        run_fails(p, CT_E_ARGUMENT, "entry [0, 0] is 4");
        set(p, x, (int32_t[]){3, 1, 2, 3, 3, 1});
        run(p);
        assert_close(ct_tensor_get(ct_program_get(p, y), 0), 3, 0);
        ct_program_free(p);
        ct_graph_free(g);
    }
}

static void one_index_and_empty_ranges_are_checked(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *i = ct_input(g, "i", CT_I32, CT_SCALAR), *none = ct_input(g, "none", CT_I32, CT_SHAPE(0));
    ct_var *y = ct_check_index(i, 0), *z = ct_check_index(none, 0);
    ct_program *p = compile(g, 1, &y, ways[0]), *q = compile(g, 1, &z, ways[0]);
    set(p, i, (int32_t[]){0});
    run_fails(p, CT_E_ARGUMENT, "entry [] is 0, expected no index at all (1 of 1 out of range)");
    set(q, none, NULL);
    run(q);
    ct_program_free(p);
    ct_program_free(q);
    ct_graph_free(g);
}

/* Of two that fail the first in the graph is told, and an index that nothing needs is not looked at. */
static void the_first_failure_is_told(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        ct_graph *g = ct_graph_new();
        ct_var *x = ct_input(g, "x", CT_I32, CT_SHAPE(50000));
        ct_check_index(x, 1);
        ct_var *a = ct_name(ct_check_index(x, 7), "first"), *b = ct_name(ct_check_index(x, 5), "second"), *out[] = {b, a};
        ct_program *p = compile(g, 2, out, ways[w]);
        ct_tensor *t = ct_tensor_new(CT_I32, CT_SHAPE(50000), NULL);
        ct_tensor_fill(t, 3);
        set(p, x, ct_tensor_data(t));
        run(p);
        ct_tensor_set(t, 49999, 8);
        ct_tensor_set(t, 20000, 9);
        set(p, x, ct_tensor_data(t));
        run_fails(p, CT_E_ARGUMENT, "check_index of first: entry [20000] is 9, expected 0 to 6 (2 of 50000");
        ct_tensor_free(t);
        ct_program_free(p);
        ct_graph_free(g);
    }
}

/* A part of a tangent looks at all of the index: places are those of the whole. */
static void places_are_those_of_the_whole_index(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(6, 2)), *i = ct_input(g, "i", CT_I32, CT_SHAPE(6)), *dy = NULL;
    ct_var *y = ct_sin(ct_gather(x, ct_check_index(i, 6), 0)), *v = ct_ones_like(x);
    assert_true(ct_jvp_rows(1, &y, 1, &x, &v, 4, 6, false, &dy));
    ct_program *p = compile(g, 1, &dy, ways[0]);
    set(p, x, (double[12]){0});
    set(p, i, (int32_t[]){0, 1, 2, 3, 4, 6});
    run_fails(p, CT_E_ARGUMENT, "entry [5] is 6");
    ct_program_free(p);
    ct_graph_free(g);
}

/* --- states, outputs and the step after a failure -------------------------------------------------------------------- */

typedef struct counted {
    ct_graph *g;
    ct_var *index, *early, *late;
    ct_tensor *a, *b;
} counted;

/* State a is assigned before the index is looked at, b after. */
static counted counting(void)
{
    counted c = {.g = ct_graph_new(), .a = ct_tensor_new(CT_F32, CT_SHAPE(3), NULL), .b = ct_tensor_new(CT_F32, CT_SHAPE(3), NULL)};
    ct_var *a = ct_state(c.g, "a", c.a), *b = ct_state(c.g, "b", c.b);
    c.index = ct_input(c.g, "index", CT_I32, CT_SHAPE(3));
    c.early = ct_assign(a, ct_shift(a, 1));
    c.late = ct_assign(b, ct_add(b, ct_gather(ct_add(c.early, b), ct_check_index(c.index, 3), 0)));
    return c;
}

static void free_counted(counted *c)
{
    ct_tensor_free(c->a);
    ct_tensor_free(c->b);
    ct_graph_free(c->g);
}

static void a_failed_run_changes_no_state(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        counted c = counting();
        ct_var *out[] = {c.early, c.late};
        ct_program *p = compile(c.g, 2, out, ways[w]);
        set(p, c.index, (int32_t[]){0, 1, 2});
        run(p);
        assert_close(ct_tensor_get(c.a, 0), 1, 0);
        assert_close(ct_tensor_get(c.b, 0), 1, 0);
        set(p, c.index, (int32_t[]){0, 3, 2});
        run_fails(p, CT_E_ARGUMENT, "entry [1] is 3");
        for (int i = 0; i < 3; i++) {
            assert_close(ct_tensor_get(c.a, i), 1, 0);
            assert_close(ct_tensor_get(c.b, i), 1, 0);
        }
        set(p, c.index, (int32_t[]){2, 2, 2});
        run(p);
        assert_close(ct_tensor_get(c.a, 2), 2, 0);
        assert_close(ct_tensor_get(c.b, 2), 4, 0);
        ct_program_free(p);
        free_counted(&c);
    }
}

static void check_finite_changes_no_state_either(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_tensor *t = ct_tensor_new(CT_F64, CT_SHAPE(2), NULL);
    ct_var *a = ct_state(g, "a", t), *x = ct_input(g, "x", CT_F64, CT_SHAPE(2));
    ct_var *out[] = {ct_assign(a, ct_shift(a, 1)), ct_log(x)};
    ct_program *p = compile(g, 2, out, (ct_compile_options){.check_finite = true});
    set(p, x, (double[]){1, 1});
    run(p);
    set(p, x, (double[]){1, -1});
    run_fails(p, CT_E_NUMERIC, "op log made 1 NaN and 0 infinite of 2, the first NaN at [1]");
    assert_close(ct_tensor_get(t, 0), 1, 0);
    ct_program_free(p);
    ct_tensor_free(t);
    ct_graph_free(g);
}

static void outputs_are_defined_after_a_failure(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        ct_graph *g = ct_graph_new();
        ct_tensor *s = ct_tensor_new(CT_F32, CT_SHAPE(3), NULL);
        ct_var *x = ct_input(g, "x", CT_I32, CT_SHAPE(3)), *f = ct_input(g, "f", CT_F32, CT_SHAPE(3)), *a = ct_state(g, "s", s);
        ct_var *y = ct_gather(f, ct_check_index(x, 3), 0), *out[] = {y, x, f, ct_add(x, x), ct_assign(a, ct_add(a, f))};
        ct_program *p = compile(g, 5, out, ways[w]);
        for (int i = 0; i < 5; i++) {
            assert_null(ct_program_get(p, out[i]));  /* before the first run */
            assert_true(isnan(ct_program_scalar(p, out[i])));
        }
        set(p, x, (int32_t[]){2, 1, 0});
        set(p, f, (float[]){4, 5, 6});
        run(p);
        ct_tensor *value[5];
        for (int i = 0; i < 5; i++)
            assert_non_null(value[i] = ct_program_get(p, out[i]));
        assert_close(ct_program_scalar(p, y), 6, 0);
        set(p, x, (int32_t[]){2, 1, -1});
        run_fails(p, CT_E_ARGUMENT, "entry [2] is -1, expected 0 to 2 (1 of 3 out of range)");
        for (int i = 0; i < 5; i++) {
            assert_null(ct_program_get(p, out[i]));
            assert_true(isnan(ct_program_scalar(p, out[i])));
        }
        for (int i = 0; i < 3; i++) {  /* what was kept from before shows no numbers, and inputs and states hold theirs */
            assert_true(isnan(ct_tensor_get(value[0], i)));
            assert_close(ct_tensor_get(value[3], i), 0, 0);
            assert_close(ct_tensor_get(value[2], i), 4 + i, 0);
            assert_close(ct_tensor_get(s, i), 4 + i, 0);
        }
        set(p, x, (int32_t[]){0, 0, 1});
        run(p);
        assert_close(ct_program_scalar(p, y), 4, 0);
        assert_close(ct_tensor_get(ct_program_get(p, f), 2), 6, 0);
        ct_program_free(p);
        ct_tensor_free(s);
        ct_graph_free(g);
    }
}

/* --- inputs that were never set -------------------------------------------------------------------------------------- */

static void an_unset_input_is_named(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new();
    ct_tensor *t = ct_tensor_new(CT_F32, CT_SHAPE(2), NULL);
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(2)), *y = ct_input(g, "y", CT_F32, CT_SHAPE(2)), *unused = ct_input(g, "unused", CT_F32, CT_SCALAR);
    ct_var *s = ct_state(g, "s", t), *out = ct_assign(s, ct_add(s, ct_mul(x, y)));
    ct_program *p = compile(g, 1, &out, (ct_compile_options){0});
    run_fails(p, CT_E_ARGUMENT, "run: input \"x\" was never set: expected ct_program_set, ct_program_set_data or ct_program_set_scalar before the run "
                                "(float32 [2], 2 without a value in all, made at ");
    set(p, x, (float[]){1, 2});
    run_fails(p, CT_E_ARGUMENT, "run: input \"y\" was never set");
    assert_false(ct_program_set(p, y, NULL, &err));  /* a refused value is none */
    run_fails(p, CT_E_ARGUMENT, "run: input \"y\" was never set");
    assert_close(ct_tensor_get(t, 0), 0, 0);
    assert_ok(ct_program_set_scalar(p, unused, 0, &err) && ct_program_set_scalar(p, y, 3, &err), &err);
    run(p);
    run(p);
    assert_close(ct_tensor_get(t, 1), 12, 0);
    ct_program_free(p);
    ct_tensor_free(t);
    ct_graph_free(g);
}

static void an_unset_cut_node_is_named(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(2)), *h = ct_exp(x), *y = ct_neg(h);
    ct_program *p = compile(g, 1, &y, (ct_compile_options){.n_cut = 1, .cut = &h});
    run_fails(p, CT_E_ARGUMENT, "run: cut node #1 exp float32 [2] was never set: expected ct_program_set");
    set(p, h, (float[]){1, 2});
    run(p);
    ct_program_free(p);
    ct_graph_free(g);
}

/* --- assignments that are no outputs --------------------------------------------------------------------------------- */

static void an_assignment_on_the_way_is_made(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        ct_graph *g = ct_graph_new();
        ct_tensor *t = ct_tensor_new(CT_F64, CT_SHAPE(2), NULL);
        ct_var *s = ct_state(g, "mean", t), *x = ct_input(g, "x", CT_F64, CT_SHAPE(2));
        ct_var *mean = ct_assign(s, ct_add(ct_scale(s, 0.5), x)), *y = ct_sum_all(ct_mul(mean, mean)), *grad = NULL;
        assert_true(ct_grad(y, 1, &x, &grad));
        ct_var *out[] = {grad};
        ct_program *p = compile(g, 1, out, ways[w]), *cut = compile(g, 1, &y, (ct_compile_options){.n_cut = 1, .cut = &mean});
        set(p, x, (double[]){1, 2});
        run(p);
        assert_close(ct_tensor_get(ct_program_get(p, grad), 1), 4, 0);
        assert_close(ct_tensor_get(t, 1), 2, 0);
        run(p);
        assert_close(ct_tensor_get(t, 1), 3, 0);
        set(cut, mean, (double[]){7, 7});
        run(cut);  /* given, not computed: nothing to write */
        assert_close(ct_tensor_get(t, 1), 3, 0);
        ct_program_free(p);
        ct_program_free(cut);
        ct_tensor_free(t);
        ct_graph_free(g);
    }
}

static void two_assignments_on_the_way_are_refused(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new();
    ct_tensor *t = ct_tensor_new(CT_F64, CT_SHAPE(2), NULL);
    ct_var *s = ct_state(g, "mean", t), *y = ct_add(ct_assign(s, ct_neg(s)), ct_assign(s, ct_shift(s, 1)));
    assert_null(ct_compile(g, 1, &y, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "compile: state \"mean\" float64 [2] is assigned twice, at ");
    ct_tensor_free(t);
    ct_graph_free(g);
}

static void nothing_is_assigned_without_commit(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        ct_graph *g = ct_graph_new();
        ct_tensor *t[3];
        ct_var *s[3], *x = ct_input(g, "x", CT_F32, CT_SHAPE(2)), *go = ct_input(g, "go", CT_F32, CT_SCALAR);
        for (int i = 0; i < 3; i++) {
            t[i] = ct_tensor_new(CT_F32, CT_SHAPE(2), NULL);
            s[i] = ct_state(g, NULL, t[i]);
        }
        ct_var *out[] = {ct_assign(s[0], ct_add(s[0], x)), ct_assign(s[1], ct_select(go, ct_add(s[1], x), s[1])),
                         ct_sum_all(ct_assign(s[2], ct_add(s[2], x)))};
        ct_compile_options options = ways[w];
        options.commit = go;
        ct_program *p = compile(g, 3, out, options);
        set(p, x, (float[]){1, 2});
        for (int k = 0; k < 4; k++) {
            set(p, go, (float[]){k == 3 ? NAN : (float)(k % 2)});
            run(p);
            for (int i = 0; i < 3; i++)
                assert_close(ct_tensor_get(t[i], 1), k == 0 ? 0 : k < 3 ? 2 : 4, 0);
        }
        for (int i = 0; i < 3; i++)
            ct_tensor_free(t[i]);
        ct_program_free(p);
        ct_graph_free(g);
    }
}

static void commit_is_one_number(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(2));
    assert_null(ct_compile(g, 1, &x, &(ct_compile_options){.commit = x}, &err));
    assert_error(&err, CT_E_ARGUMENT, "compile: options.commit is \"x\" float32 [2], expected one number of the graph");
    ct_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_index_is_named),
        cmocka_unit_test(one_index_and_empty_ranges_are_checked),
        cmocka_unit_test(the_first_failure_is_told),
        cmocka_unit_test(places_are_those_of_the_whole_index),
        cmocka_unit_test(a_failed_run_changes_no_state),
        cmocka_unit_test(check_finite_changes_no_state_either),
        cmocka_unit_test(outputs_are_defined_after_a_failure),
        cmocka_unit_test(an_unset_input_is_named),
        cmocka_unit_test(an_unset_cut_node_is_named),
        cmocka_unit_test(an_assignment_on_the_way_is_made),
        cmocka_unit_test(two_assignments_on_the_way_are_refused),
        cmocka_unit_test(nothing_is_assigned_without_commit),
        cmocka_unit_test(commit_is_one_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
