/* SPDX-License-Identifier: MIT */
/* Every op of the table, at every sample: its derivatives against differences and against each other, and its value by every route that
 * should give the same. */
#include "sample.h"

/* What one sample is checked for; adds how many numbers were compared. */
typedef void (*check_fn)(const instance *t, const numbers *all, int64_t *compared);

static void compare(const instance *t, const char *what, int64_t k, double a, double b, double tol)
{
    if (a == b || fabs(a - b) <= tol)
        return;
    fail_msg("%s, sample %d, %s, element %lld: %.17g and %.17g differ by %g, expected at most %g", t->op->name, t->number, what, (long long)k,
             a, b, fabs(a - b), tol);
}

/* Central difference of order 4 from the values at x + step v for steps h, -h, 2h, -2h. */
static double difference(const results *r, int role, int64_t k, double h)
{
    double f[4];
    for (int i = 0; i < 4; i++)
        f[i] = element(r[i].at[role], k);
    return (8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * h);
}

/* The derivative in role `d` against differences of role `f`, to 1e-8 of the largest, above the noise of rounding in f. */
static void check_difference(const instance *t, const results *base, const results *moved, double h, int f, int d, int64_t *compared)
{
    const ct_tensor *value = base->at[f];
    double scale = largest(base->at[d]), noise = 1e-11 * (1 + largest(value));
    for (int64_t k = 0; value && k < ct_tensor_count(value); k++) {
        double expected = difference(moved, f, k, h);
        compare(t, role_name(d), k, element(base->at[d], k), expected, 1e-8 * fmax(scale, fabs(expected)) + noise);
        ++*compared;
    }
}

static void check_differences(const instance *t, const numbers *all, int64_t *compared)
{
    const double h = 5e-4, steps[4] = {h, -h, 2 * h, -2 * h};
    results base, moved[4];
    if (!t->derivable || t->op->kind == CT_CONSTANT)
        return;
    ct_program *p = instance_compile(t, NULL);
    base = instance_run(p, t, all, 0);
    for (int i = 0; i < 4; i++)
        moved[i] = instance_run(p, t, all, steps[i]);
    check_difference(t, &base, moved, h, VALUE, TANGENT, compared);
    for (int i = 0; i < t->sample->n; i++) {
        check_difference(t, &base, moved, h, GRADIENT + i, FORWARD_OVER_REVERSE + i, compared);
        check_difference(t, &base, moved, h, GRADIENT + i, REVERSE_OVER_FORWARD + i, compared);
    }
    for (int i = 0; i < 4; i++)
        results_free(&moved[i]);
    results_free(&base);
    ct_program_free(p);
}

/* sum a b, and the sum of |a b| added to *size. */
static double dot(const ct_tensor *a, const ct_tensor *b, double *size)
{
    double sum = 0;
    for (int64_t k = 0; a && k < ct_tensor_count(b); k++) {
        sum += ct_tensor_get(a, k) * ct_tensor_get(b, k);
        *size += fabs(ct_tensor_get(a, k) * ct_tensor_get(b, k));
    }
    return sum;
}

/* <w, J v> = <J^T w, v>, and the transpose of the transpose is J: no differences, so to rounding. */
static void check_transposes(const instance *t, const numbers *all, int64_t *compared)
{
    double forward, reverse = 0, size = 0, unit = t->dtype == CT_F64 ? 1e-12 : 1e-5;
    if (!t->derivable)
        return;
    results r = instance_results(t, all, NULL);
    forward = dot(r.at[TANGENT], all->w, &size);
    for (int i = 0; i < t->sample->n; i++)
        reverse += dot(r.at[COTANGENT + i], all->v[i], &size);
    compare(t, "<w, J v> and <J^T w, v>", 0, forward, reverse, unit * size);
    ++*compared;
    for (int64_t k = 0; k < ct_tensor_count(r.at[VALUE]); k++)
        compare(t, "J v and the transpose of J^T", k, element(r.at[TANGENT], k), element(r.at[TWICE], k), unit * (1 + largest(r.at[TANGENT])));
    results_free(&r);
}

/* An op that is constant to differentiation has no tangent and no cotangent, not even zeros. */
static void check_constants(const instance *t, const numbers *all, int64_t *compared)
{
    (void)all, (void)compared;
    if (t->op->kind != CT_CONSTANT)
        return;
    for (int i = TANGENT; i < ROLES; i++)
        if (t->node[i])
            fail_msg("%s, sample %d: has a node for %s", t->op->name, t->number, role_name(i));
}

/* float32 against float64 at the same numbers. Every result is a few dozen rounded operations on numbers of the size of 1 or of the result. */
static void check_precision(const instance *t, const numbers *all, int64_t *compared)
{
    instance narrow = instance_make(t->op, t->number, CT_F32, CONTIGUOUS);
    results wide = instance_results(t, all, NULL), r = instance_results(&narrow, all, NULL);
    for (int i = 0; i < ROLES; i++) {
        double tol = 64 * 1.1920929e-7 * (1 + largest(wide.at[i]));
        assert_true(!wide.at[i] == !r.at[i]);
        for (int64_t k = 0; wide.at[i] && k < ct_tensor_count(wide.at[i]); k++, ++*compared)
            compare(t, role_name(i), k, ct_tensor_get(r.at[i], k), ct_tensor_get(wide.at[i], k), tol);
    }
    check_transposes(&narrow, all, compared);
    results_free(&r);
    results_free(&wide);
    instance_free(&narrow);
}

static void assert_same_bits(const instance *t, const char *route, const results *a, const results *b)
{
    for (int i = 0; i < ROLES; i++)
        if (a->at[i] && ct_tensor_bytes(a->at[i]) && memcmp(ct_tensor_data(a->at[i]), ct_tensor_data(b->at[i]), ct_tensor_bytes(a->at[i]))) {
            for (int64_t k = 0; k < ct_tensor_count(a->at[i]); k++)
                compare(t, route, k, ct_tensor_get(b->at[i], k), ct_tensor_get(a->at[i], k), 0);
            fail_msg("%s, sample %d, %s, %s: signs of zero or NaNs differ", t->op->name, t->number, route, role_name(i));
        }
}

/* However it is compiled, the results are the same to the last bit. */
static void check_routes(const instance *t, const numbers *all, int64_t *compared)
{
    static const struct { const char *name; ct_compile_options options; } routes[] = {
        {"2 threads", {.threads = 2}},
        {"3 threads", {.threads = 3}},
        {"not fused", {.threads = 1, .no_fuse = true}},
        {"not merged", {.threads = 1, .no_merge = true}},
        {"poisoned", {.threads = 1, .poison = true}},
        {"poisoned, not fused, not merged", {.threads = 2, .poison = true, .no_fuse = true, .no_merge = true}},
    };
    for (int dtype = CT_F32; dtype <= CT_F64; dtype++) {
        instance same = instance_make(t->op, t->number, (ct_dtype)dtype, CONTIGUOUS);
        results expected = instance_results(&same, all, &(ct_compile_options){.threads = 1});
        for (size_t i = 0; i < sizeof routes / sizeof *routes; i++, ++*compared) {
            results r = instance_results(&same, all, &routes[i].options);
            assert_same_bits(&same, routes[i].name, &expected, &r);
            results_free(&r);
        }
        results_free(&expected);
        instance_free(&same);
    }
}

/* The operands' rows all made equal to the first, as a repeated operand has them. */
static void repeat_first(const ct_sample *s, numbers *all)
{
    for (int i = 0; i < s->n; i++) {
        int64_t rows = s->x[i].shape.rank ? s->x[i].shape.dim[0] : 1;
        int64_t row = rows ? ct_tensor_count(all->x[i]) / rows : 0;
        for (int64_t k = row; k < rows * row; k++)
            ct_tensor_set(all->x[i], k, ct_tensor_get(all->x[i], k % row));
    }
}

/* Operands that are transposed, spaced or repeated in memory give what contiguous ones give. */
static void check_layouts(const instance *t, const numbers *all, int64_t *compared)
{
    numbers own = numbers_draw(t->sample, ct_tensor_shape(all->w), 77);
    for (layout how = REVERSED; how < LAYOUTS && t->sample->n; how++) {
        if (how == REPEATED)
            repeat_first(t->sample, &own);
        instance viewed = instance_make(t->op, t->number, CT_F64, how);
        results expected = instance_results(t, &own, NULL), r = instance_results(&viewed, &own, NULL);
        for (int i = 0; i < ROLES; i++)
            for (int64_t k = 0; expected.at[i] && k < ct_tensor_count(expected.at[i]); k++, ++*compared)
                compare(&viewed, role_name(i), k, element(r.at[i], k), ct_tensor_get(expected.at[i], k), 1e-13 * (1 + largest(expected.at[i])));
        results_free(&expected);
        results_free(&r);
        instance_free(&viewed);
    }
    numbers_free(&own);
}

/* Run a check on every sample that should work; returns the numbers compared for one op. */
static int64_t check_op(const ct_op *op, check_fn check)
{
    int64_t compared = 0;
    for (int i = 0; op->samples[i].build; i++) {
        if (op->samples[i].error)
            continue;
        instance t = instance_make(op, i, CT_F64, CONTIGUOUS);
        numbers all = numbers_draw(t.sample, ct_var_shape(t.node[VALUE]), (uint64_t)(1000 + i));
        check(&t, &all, &compared);
        numbers_free(&all);
        instance_free(&t);
    }
    return compared;
}

/* `always`: also ops without a derivative must have had something compared. */
static void check_all(check_fn check, bool always)
{
    for (int i = 0; i < ct_op_count(); i++) {
        const ct_op *op = ct_op_at(i);
        if (check_op(op, check) == 0 && (always || op->kind != CT_CONSTANT))
            fail_msg("%s: nothing was compared", op->name);
    }
}

static void derivatives_are_differences(void **state)
{
    (void)state;
    check_all(check_differences, false);
}

static void transposes_are_adjoint(void **state)
{
    (void)state;
    check_all(check_transposes, false);
}

static void constants_have_no_derivative(void **state)
{
    (void)state;
    for (int i = 0; i < ct_op_count(); i++)
        check_op(ct_op_at(i), check_constants);
}

static void float32_is_float64_rounded(void **state)
{
    (void)state;
    check_all(check_precision, true);
}

static void every_route_gives_the_same_bits(void **state)
{
    (void)state;
    check_all(check_routes, true);
}

static void strides_change_nothing(void **state)
{
    (void)state;
    check_all(check_layouts, false);
}

static void check_refusal(const ct_op *op, int number, ct_dtype dtype)
{
    instance t = {.op = op, .sample = &op->samples[number], .dtype = dtype, .graph = ct_graph_new()};
    make_operands(&t);
    ct_var *y = t.sample->build(t.graph, dtype, t.x);
    const ct_error *err = ct_graph_error(t.graph);
    if (y || !err || !strstr(err->message, t.sample->error) || !strstr(err->message, op->name))
        fail_msg("%s, sample %d: got \"%s\", expected a message of %s with \"%s\"", op->name, number, err ? err->message : "no error", op->name,
                 t.sample->error);
    ct_graph_free(t.graph);
}

/* Every op has samples of both sorts, and those that must be refused are, with the op's name and the reason. */
static void bad_operands_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < ct_op_count(); i++) {
        const ct_op *op = ct_op_at(i);
        int refused = 0, accepted = 0;
        for (int k = 0; op->samples[k].build; k++) {
            if (!op->samples[k].error) {
                accepted++;
                continue;
            }
            refused++;
            check_refusal(op, k, CT_F32);
            check_refusal(op, k, CT_F64);
        }
        if (!refused || !accepted)
            fail_msg("%s: %d samples to accept and %d to refuse, expected some of both", op->name, accepted, refused);
    }
}

static void tables_are_complete(void **state)
{
    (void)state;
    for (int i = 0; i < ct_op_count(); i++) {
        const ct_op *op = ct_op_at(i);
        ct_error err;
        assert_ok(ct_op_check(op, &err), &err);
        assert_ptr_equal(ct_op_find(op->name), op);
        assert_true(op->formula && op->formula[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_complete),
        cmocka_unit_test(bad_operands_are_refused),
        cmocka_unit_test(constants_have_no_derivative),
        cmocka_unit_test(derivatives_are_differences),
        cmocka_unit_test(transposes_are_adjoint),
        cmocka_unit_test(float32_is_float64_rounded),
        cmocka_unit_test(every_route_gives_the_same_bits),
        cmocka_unit_test(strides_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
