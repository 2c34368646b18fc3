/* SPDX-License-Identifier: MIT */
/* Objectives that change as training goes on: alpha's fall, as a number and as a node, and the options at each step. */
#include "model_case.h"

static mf_options scheduled(int64_t start, int64_t end)
{
    mf_options o = mf_options_default();
    o.objective = MF_ALPHA;
    o.alpha_start = start;
    o.alpha_end = end;
    return o;
}

/* sigmoid(-gamma (step - middle) / (end - start)), 1 above 1 - snap, 0 below snap. */
static double by_formula(const mf_options *o, int64_t step)
{
    double length = (double)(o->alpha_end - o->alpha_start), middle = 0.5 * (double)(o->alpha_start + o->alpha_end);
    double alpha = 1 / (1 + exp(o->alpha_gamma * ((double)step - middle) / length));
    if (step <= o->alpha_start || alpha > 1 - o->alpha_snap)
        return 1;
    return step >= o->alpha_end || alpha < o->alpha_snap ? 0 : alpha;
}

static void test_alpha_falls_by_its_formula(void **state)
{
    (void)state;
    const int64_t range[][2] = {{0, 1000}, {300, 500}, {0, 1}, {7, 10}, {600000, 1000000}};
    const double gamma[] = {25, 25, 25, 1, 25}, snap[] = {0.005, 0.05, 0.005, 0, 0.005};
    for (int i = 0; i < 5; i++) {
        mf_options o = scheduled(range[i][0], range[i][1]);
        o.alpha_gamma = gamma[i];
        o.alpha_snap = snap[i];
        int64_t length = range[i][1] - range[i][0], stride = 1 + length / 400;
        for (int64_t step = range[i][0] > 5 ? range[i][0] - 5 : 0; step < range[i][1] + 5; step += stride)
            assert_close(mf_alpha_at(&o, step), by_formula(&o, step), 1e-12);
    }
}

/* Over a whole training, 28.8 % of the steps have alpha 1 and 28.8 % have 0. */
static void test_alpha_over_a_whole_training(void **state)
{
    (void)state;
    mf_options o = scheduled(0, 10000);
    double share = 0.5 - log(1 / 0.005 - 1) / 25;
    assert_close(share, 0.288, 5e-4);
    assert_int_equal(mf_options_change(&o, 0), (int64_t)ceil(10000 * share));
    assert_int_equal(mf_options_change(&o, 5000), (int64_t)ceil(10000 * (1 - share)));
    assert_close(mf_alpha_at(&o, 5000), 0.5, 1e-15);
}

/* The node follows the program's step, wherever it begins. */
static void test_the_node_follows_the_step(void **state)
{
    (void)state;
    mf_options o = scheduled(20, 60);
    ct_error err;
    ct_graph *g = ct_graph_new();
    ct_var *alpha = mf_alpha(g, CT_F32, &o);
    ct_program *p = ct_compile(g, 1, &alpha, NULL, &err);
    assert_ok(p, &err);
    int64_t over = mf_options_change(&o, 40);
    for (int64_t step = 0; step < over; step++) {
        assert_ok(ct_program_run(p, &err), &err);
        assert_close(ct_program_scalar(p, alpha), mf_alpha_at(&o, step), 2e-6);
        assert_true(ct_program_scalar(p, alpha) >= (float)o.alpha_snap);
    }
    ct_program_set_step(p, (uint64_t)over + 30);
    assert_ok(ct_program_run(p, &err), &err);
    assert_close(ct_program_scalar(p, alpha), mf_alpha_at(&o, over - 1), 2e-6);
    ct_program_free(p);
    ct_graph_free(g);
}

/* Options as they are at a step, in one number. */
static int phase(const mf_options *o, int64_t step)
{
    mf_options now = mf_options_at(o, step);
    return 10 * (int)now.objective + (now.alpha_end > 0);
}

/* mf_options_change names every step at which the options differ from those of the step before, and no other. */
static void check_changes(const mf_options *o, int64_t steps)
{
    int64_t next = mf_options_change(o, 0);
    for (int64_t step = 1; step < steps; step++) {
        assert_int_equal(phase(o, step) != phase(o, step - 1), step == next);
        next = step == next ? mf_options_change(o, step) : next;
    }
    assert_int_equal(next, -1);
}

static void test_options_change_where_they_say(void **state)
{
    (void)state;
    mf_options o = scheduled(20, 60);
    check_changes(&o, 100);
    o.matching_steps = 10;
    check_changes(&o, 100);
    o.matching_steps = 45;
    check_changes(&o, 100);
    o.matching_steps = 80;
    check_changes(&o, 100);
    o.alpha_gamma = 1e6;
    o.matching_steps = 0;
    check_changes(&o, 100);
    o.objective = MF_SPLIT;
    check_changes(&o, 100);
    o.matching_steps = 30;
    check_changes(&o, 100);
    o = mf_options_default();
    check_changes(&o, 100);
}

static void test_options_at_a_step(void **state)
{
    (void)state;
    mf_options o = scheduled(20, 60);
    for (int64_t step = 0; step < 100; step++) {
        mf_options now = mf_options_at(&o, step);
        double alpha = mf_alpha_at(&o, step);
        assert_int_equal(now.objective, alpha > 0 ? MF_ALPHA : MF_MEANFLOW);
        assert_int_equal(now.objective == MF_ALPHA && now.alpha_end == 0, alpha == 1);
        assert_close(now.unequal_share, o.unequal_share, 0);
    }
    o = mf_options_default();
    o.objective = MF_SPLIT;
    o.matching_steps = 5;
    assert_int_equal(mf_options_at(&o, 4).objective, MF_MATCHING);
    assert_int_equal(mf_options_at(&o, 5).objective, MF_SPLIT);
}

/* The draw brings alpha along where it is to be evaluated, and only there. */
static void test_the_draw_brings_alpha(void **state)
{
    (void)state;
    mf_options o = scheduled(20, 60);
    const int64_t steps[] = {0, 40, 80};
    for (int i = 0; i < 3; i++) {
        model_case c = case_new(CT_F32);
        mf_options now = mf_options_at(&o, steps[i]);
        mf_draw d;
        ct_var *x = ct_full(c.g, CT_F32, CT_SHAPE(4, 1, 1, 1), 0);
        assert_ok(mf_draw_batch(x, case_labels(c.g, 4, 9), 10, &now, &d), ct_graph_error(c.g));
        assert_int_equal(d.alpha != NULL, steps[i] == 40);
        case_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alpha_falls_by_its_formula),
        cmocka_unit_test(test_alpha_over_a_whole_training),
        cmocka_unit_test(test_the_node_follows_the_step),
        cmocka_unit_test(test_options_change_where_they_say),
        cmocka_unit_test(test_options_at_a_step),
        cmocka_unit_test(test_the_draw_brings_alpha),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
