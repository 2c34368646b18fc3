/* SPDX-License-Identifier: MIT */
/* check_finite: NaN and infinities that arise are told, with what they came of; infinities that were put there pass. */
#include "support.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct watched {
    ct_graph *g;
    ct_var *x;      /* float32 [2, 3] */
    ct_program *p;
} watched;

static watched start(void)
{
    watched w = {.g = ct_graph_new()};
    w.x = ct_input(w.g, "x", CT_F32, CT_SHAPE(2, 3));
    return w;
}

/* A run of y, watched, with x as given. */
static bool run(watched *w, ct_var *y, const float x[6], ct_error *err)
{
    const ct_error *wrong = ct_graph_error(w->g);
    assert_ok(!wrong, wrong);
    w->p = ct_compile(w->g, 1, &y, &(ct_compile_options){.check_finite = true}, err);
    assert_ok(w->p, err);
    assert_ok(ct_program_set_data(w->p, w->x, x, err), err);
    return ct_program_run(w->p, err);
}

static void finish(watched *w)
{
    ct_program_free(w->p);
    ct_graph_free(w->g);
}

static const float plain[6] = {1, 2, 3, 4, 5, 6};

static ct_var *mask(watched *w)
{
    return ct_select(ct_greater(w->x, ct_scalar(w->g, CT_F32, 2)), ct_full(w->g, CT_F32, CT_SHAPE(2, 3), -INFINITY), ct_zeros_like(w->x));
}

static ct_var *softmax_of_masked(watched *w)
{
    ct_var *masked = ct_add(w->x, mask(w)), *e = ct_exp(ct_sub(masked, ct_max_keep(ct_add(masked, ct_zeros_like(masked)), CT_AXES(0, 1))));
    return ct_div(e, ct_sum_keep(e, CT_AXES(0, 1)));
}
static ct_var *selected(watched *w)
{
    return ct_max(ct_select(ct_greater(w->x, ct_scalar(w->g, CT_F32, 2)), ct_full_like(w->x, -INFINITY), w->x), CT_AXES(1));
}
static ct_var *added_to_a_splat(watched *w)
{
    return ct_exp(ct_add(w->x, ct_scalar(w->g, CT_F32, -INFINITY)));
}
static ct_var *times_a_splat(watched *w)
{
    return ct_mul(ct_full(w->g, CT_F32, CT_SHAPE(2, 3), INFINITY), w->x);
}
static ct_var *from_a_constant(watched *w)
{
    ct_tensor *t = ct_tensor_from(CT_F32, CT_SHAPE(3), (float[]){0, -INFINITY, INFINITY}, NULL);
    ct_var *y = ct_scale(ct_add(w->x, ct_constant(w->g, t)), 2);
    ct_tensor_free(t);
    return y;
}
static ct_var *maximum_of_nothing(watched *w)
{
    return ct_max(ct_slice(w->x, 1, 0, 0, 1), CT_AXES(1));
}
static ct_var *cast_of_infinity(watched *w)
{
    return ct_cast(ct_cast(mask(w), CT_F64), CT_F32);
}
static ct_var *gathered(watched *w)
{
    return ct_concat(2, (ct_var *[]){ct_gather(mask(w), ct_iota(w->g, CT_I32, 2), 1), w->x}, 1);
}

static void intended_infinities_pass(void **state)
{
    (void)state;
    ct_var *(*const build[])(watched *) = {softmax_of_masked, selected, added_to_a_splat, times_a_splat, from_a_constant, maximum_of_nothing, cast_of_infinity, gathered};
    for (size_t i = 0; i < sizeof build / sizeof *build; i++) {
        watched w = start();
        ct_error err;
        assert_ok(run(&w, build[i](&w), plain, &err), &err);
        finish(&w);
    }
}

static void infinite_inputs_pass(void **state)
{
    (void)state;
    watched w = start();
    ct_error err;
    assert_ok(run(&w, ct_tanh(w.x), (float[]){1, INFINITY, -INFINITY, 0, 0, 0}, &err), &err);
    finish(&w);
}

static ct_var *log_of(watched *w) { return ct_log(w->x); }
static ct_var *exp_of(watched *w) { return ct_exp(w->x); }
static ct_var *product(watched *w) { return ct_matmul(w->x, ct_transpose(w->x, 0, 1)); }
static ct_var *sum(watched *w) { return ct_sum(w->x, CT_AXES(1)); }
static ct_var *masked_exp(watched *w) { return ct_exp(ct_add(mask(w), w->x)); }
static ct_var *difference(watched *w) { return ct_sub(mask(w), mask(w)); }
static ct_var *narrower(watched *w) { return ct_cast(ct_scale(ct_cast(w->x, CT_F64), 1e30), CT_F32); }

static void what_arises_is_told(void **state)
{
    (void)state;
    static const struct {
        ct_var *(*build)(watched *);
        float x[6];
        const char *message;
    } cases[] = {
        {log_of, {1, 2, 3, 0, 5, 0}, "log float32 [2, 3]: op log made 0 NaN and 2 infinite of 6, the first -infinity at [1, 0] from \"x\" float32 [2, 3] (finite, 0 to 5), at "},
        {log_of, {1, -2, 3, 0, 5, 0}, "op log made 1 NaN and 2 infinite of 6, the first NaN at [0, 1] from \"x\""},
        {exp_of, {1, 2, 100, 4, 5, 6}, "op exp made 0 NaN and 1 infinite of 6, the first infinity at [0, 2]"},
        {exp_of, {1, NAN, 100, 4, 5, 6}, "op exp made 1 NaN and 1 infinite of 6, the first NaN at [0, 1] from \"x\" float32 [2, 3] (1 NaN and 0 infinite of 6, the first NaN at [0, 1])"},
        {product, {1e30f, 1, 1, 1, 1, 1}, "op matmul made 0 NaN and 1 infinite of 4, the first infinity at [0, 0] from \"x\" float32 [2, 3] (finite, 1 to 1e+30)"},
        {sum, {1, 1, 1, 3e38f, 3e38f, 1}, "op sum made 0 NaN and 1 infinite of 2, the first infinity at [1]"},
        {masked_exp, {1, 2, 3, 4, 100, 6}, NULL},  /* exp(100) lies where the mask is: nothing arises */
        {masked_exp, {1, 2, 3, 4, 5, -NAN}, "op add made 1 NaN and 0 infinite of 6, the first NaN at [1, 2]"},
        {difference, {1, 2, 3, 4, 5, 6}, "op add made 4 NaN and 0 infinite of 6, the first NaN at [0, 2] from #"},
        {narrower, {1e10f, 1, 1, 1, 1, 1}, "op cast made 0 NaN and 1 infinite of 6, the first infinity at [0, 0]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        watched w = start();
        ct_error err = {0};
        bool ok = run(&w, cases[i].build(&w), cases[i].x, &err);
        if (cases[i].message) {
            assert_false(ok);
            assert_error(&err, CT_E_NUMERIC, cases[i].message);
            assert_non_null(strstr(err.message, "test_check_finite.c:"));
        } else
            assert_ok(ok, &err);
        finish(&w);
    }
}

/* Beside an infinity that passes, one that arises at another place does not. */
static void places_are_told_apart(void **state)
{
    (void)state;
    watched w = start();
    ct_error err;
    ct_var *lower = ct_select(ct_greater(ct_scalar(w.g, CT_F32, 2), w.x), ct_full_like(w.x, -INFINITY), w.x);
    assert_false(run(&w, ct_scale(lower, 1e38), plain, &err));
    assert_error(&err, CT_E_NUMERIC, "op affine made 0 NaN and 3 infinite of 6, the first infinity at [1, 0] from #");
    assert_non_null(strstr(err.message, "(0 NaN and 1 infinite of 6, the first -infinity at [0, 0])"));
    finish(&w);
}

/* Watching changes no value. */
static void watching_changes_nothing(void **state)
{
    (void)state;
    watched w = start();
    ct_error err;
    ct_var *y = softmax_of_masked(&w);
    assert_ok(run(&w, y, plain, &err), &err);
    ct_program *q = ct_compile(w.g, 1, &y, NULL, &err);
    assert_ok(q && ct_program_set_data(q, w.x, plain, &err) && ct_program_run(q, &err), &err);
    for (int i = 0; i < 6; i++)
        assert_close(ct_tensor_get(ct_program_get(w.p, y), i), ct_tensor_get(ct_program_get(q, y), i), 0);
    ct_program_free(q);
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intended_infinities_pass), cmocka_unit_test(infinite_inputs_pass),  cmocka_unit_test(what_arises_is_told),
        cmocka_unit_test(places_are_told_apart),    cmocka_unit_test(watching_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
