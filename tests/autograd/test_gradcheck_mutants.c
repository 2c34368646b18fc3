/* SPDX-License-Identifier: MIT */
/* The gradient check on random graphs with an op in them whose rule is wrong: never a pass unless nothing depends on the op,
 * and with the same op and its right rule never a failure. */
#include "gradchecks.h"
#include "random_graph.h"

enum { GRAPHS = 120, RULES = 7 };

/* sin(x) in float64, with one of these rules for its slope. */
static ct_var *slope(ct_var *y) { return ct_cos(ct_var_input(y, 0)); }
static ct_var *right(ct_var *y, int i) { (void)i; return slope(y); }
static ct_var *two_thirds(ct_var *y, int i) { (void)i; return ct_scale(slope(y), 2.0 / 3); }
static ct_var *flipped(ct_var *y, int i) { (void)i; return ct_neg(slope(y)); }
static ct_var *thousandth(ct_var *y, int i) { (void)i; return ct_scale(slope(y), 1.001); }
static ct_var *zero(ct_var *y, int i) { (void)i; return ct_zeros_like(y); }
static ct_var *another(ct_var *y, int i) { (void)i; return ct_sin(ct_var_input(y, 0)); }
static ct_var *frozen(ct_var *y, int i) { (void)i; return ct_stop_gradient(slope(y)); }
CHECK_OP(sin_right, ct_map_sin_f64, right)
CHECK_OP(sin_two_thirds, ct_map_sin_f64, two_thirds)
CHECK_OP(sin_flipped, ct_map_sin_f64, flipped)
CHECK_OP(sin_thousandth, ct_map_sin_f64, thousandth)
CHECK_OP(sin_zero, ct_map_sin_f64, zero)
CHECK_OP(sin_another, ct_map_sin_f64, another)
CHECK_OP(sin_frozen, ct_map_sin_f64, frozen)
static const ct_op *const rules[RULES] = {&sin_right,      &sin_two_thirds, &sin_flipped, &sin_thousandth,
                                          &sin_zero, &sin_another,    &sin_frozen};

typedef struct mutant { uint64_t seed; const ct_op *op; int input; } mutant;

/* The graph of the seed, with the op between one input and all that uses it, and the op's own value as a further output. */
static ct_var *build_mutant(ct_graph *g, ct_var *const *x, void *context)
{
    mutant *m = context;
    ct_var *in[INPUTS];
    memcpy(in, x, sizeof in);
    in[m->input] = ct_apply(g, CT_HERE, m->op, 1, &x[m->input], NULL);
    ct_var *y = build(g, in, &m->seed);
    return ct_concat(2, (ct_var *[]){y, ct_reshape(ct_square(in[m->input]), CT_SHAPE(-1))}, 0);
}

static ct_gradcheck_result check_mutant(mutant m)
{
    ct_tensor *x[INPUTS];
    ct_error err = {0};
    ct_gradcheck_result r;
    unsigned modes = m.op == &sin_frozen ? CT_CHECK_SECOND : CT_CHECK_FIRST;
    points(m.seed, x);
    bool ok = ct_gradcheck(build_mutant, &m, INPUTS, x,
                           &(ct_gradcheck_options){.modes = modes, .seed = m.seed, .directions = 2, .coordinates = 2}, &r, &err);
    assert_int_equal(ok, r.verdict == CT_GRADCHECK_PASSED);
    for (int i = 0; i < INPUTS; i++)
        ct_tensor_free(x[i]);
    return r;
}

static void mutants_fail(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++)
        for (int k = 1; k < RULES; k++) {
            ct_gradcheck_result r = check_mutant((mutant){seed, rules[k], (int)(seed % INPUTS)});
            if (r.verdict != CT_GRADCHECK_FAILED)
                fail_msg("graph %d with %s: verdict %d, %s", (int)seed, rules[k]->name, (int)r.verdict, r.reason);
        }
}

static void right_ones_pass(void **state)
{
    (void)state;
    int passed = 0;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        ct_gradcheck_result r = check_mutant((mutant){seed, &sin_right, (int)(seed % INPUTS)});
        if (r.verdict == CT_GRADCHECK_FAILED)
            fail_msg("graph %d: %s", (int)seed, r.first);
        passed += r.verdict == CT_GRADCHECK_PASSED;
    }
    assert_true(passed >= GRAPHS * 19 / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutants_fail),
        cmocka_unit_test(right_ones_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
