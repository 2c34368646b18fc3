/* SPDX-License-Identifier: MIT */
/* Random graphs: whatever is composed, all routes to a derivative agree, and how a program is compiled does not change
 * a bit. */
#include "random_graph.h"

#include <cotangent/gradcheck.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRAPHS = 240 };

/* --- against differences
 * ---------------------------------------------------------------------------------------------- */

/* Both modes and both second-order routes against differences and each other, on each of the graphs. */
static void agrees_with_differences(void **state)
{
    (void)state;
    int compared = 0, kinks = 0;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        ct_tensor *x[INPUTS];
        ct_gradcheck_options options = {.modes = CT_CHECK_ALL, .seed = seed, .directions = 1, .coordinates = 2};
        ct_gradcheck_result result;
        ct_error err = {0};
        points(seed, x);
        bool ok = ct_gradcheck(build, &seed, INPUTS, x, &options, &result, &err);
        if (!ok)
            print_error("graph %d\n", (int)seed);
        assert_ok(ok, &err);
        compared += result.compared;
        kinks += result.kinks;
        for (int i = 0; i < INPUTS; i++)
            ct_tensor_free(x[i]);
    }
    assert_true(compared > 20 * GRAPHS);
    assert_true(kinks < compared / 20);
}

/* --- routes against each other
 * ----------------------------------------------------------------------------------------- */

/* One graph with its derivatives by every route. */
typedef struct routes {
    ct_graph *g;
    ct_var *in[3 * INPUTS + 1];  /* x, v, u, and the cotangent w */
    ct_tensor *value[3 * INPUTS + 1];
    int n_in;
    ct_var *y;
    ct_var *first[3];            /* <w, J v>: forward, reverse, reverse of reverse */
    ct_var *second[5];           /* u^T H v: forward over reverse both ways round, then reverse over forward, forward over
                                  * forward, reverse over reverse */
} routes;

static ct_var *input(routes *r, const char *name, int i, ct_shape shape, support_rng *rng)
{
    r->value[r->n_in] = support_tensor(CT_F64, shape, rng, -1, 1);
    r->in[r->n_in] = ct_input(r->g, ct_graph_text(r->g, "%s%d", name, i), CT_F64, shape);
    return r->in[r->n_in++];
}

/* The sum over i of <a_i, b_i>; NULL entries are zero. */
static ct_var *dot(ct_graph *g, int n, ct_var *const *a, ct_var *const *b)
{
    ct_var *sum = ct_scalar(g, CT_F64, 0);
    for (int i = 0; i < n; i++)
        if (a[i] && b[i])
            sum = ct_add(sum, ct_sum_all(ct_mul(a[i], b[i])));
    return sum;
}

static ct_var *along(ct_var *y, ct_var *const *x, ct_var *const *v)
{
    ct_var *dy = NULL;
    ct_jvp(1, &y, INPUTS, x, v, &dy);
    return ct_or_zeros(dy, y);
}

static void derive(routes *r, ct_var *const *x, ct_var *const *v, ct_var *const *u, ct_var *w)
{
    ct_var *bar[INPUTS], *over[INPUTS], *again = NULL, *dy = along(r->y, x, v), *s = dot(r->g, 1, &r->y, &w);
    ct_vjp(1, &r->y, &w, INPUTS, x, bar);
    r->first[0] = dot(r->g, 1, &w, &dy);
    r->first[1] = dot(r->g, INPUTS, bar, v);
    for (int i = 0; i < INPUTS; i++)
        bar[i] = ct_or_zeros(bar[i], x[i]);
    ct_vjp(INPUTS, bar, v, 1, &w, &again);  /* J^T w is linear in w: its transpose is J */
    r->first[2] = dot(r->g, 1, &w, &again);
    ct_hvp(s, INPUTS, x, v, over);
    r->second[0] = dot(r->g, INPUTS, over, u);
    ct_hvp(s, INPUTS, x, u, over);
    r->second[1] = dot(r->g, INPUTS, over, v);
    ct_grad(along(s, x, v), INPUTS, x, over);
    r->second[2] = dot(r->g, INPUTS, over, u);
    r->second[3] = along(along(s, x, v), x, u);
    ct_grad(dot(r->g, INPUTS, bar, v), INPUTS, x, over);
    r->second[4] = dot(r->g, INPUTS, over, u);
}

static routes routes_new(uint64_t seed)
{
    routes r = {.g = ct_graph_new()};
    support_rng rng = {seed + 99};
    ct_var *x[INPUTS], *v[INPUTS], *u[INPUTS];
    for (int i = 0; i < INPUTS; i++)
        x[i] = input(&r, "x", i, shapes[i], &rng);
    for (int i = 0; i < INPUTS; i++)
        v[i] = input(&r, "v", i, shapes[i], &rng);
    for (int i = 0; i < INPUTS; i++)
        u[i] = input(&r, "u", i, shapes[i], &rng);
    r.y = build(r.g, x, &seed);
    const ct_error *error = ct_graph_error(r.g);
    assert_ok(!error, error);
    derive(&r, x, v, u, input(&r, "w", 0, ct_var_shape(r.y), &rng));
    error = ct_graph_error(r.g);
    assert_ok(!error, error);
    return r;
}

static void routes_free(routes *r)
{
    for (int i = 0; i < r->n_in; i++)
        ct_tensor_free(r->value[i]);
    ct_graph_free(r->g);
}

enum { OUTPUTS = 1 + 3 + 5 };

static void outputs(const routes *r, ct_var **out)
{
    out[0] = r->y;
    memcpy(out + 1, r->first, sizeof r->first);
    memcpy(out + 4, r->second, sizeof r->second);
}

/* Compile, run twice, and copy the second run's outputs, the first of them in full. */
static int64_t run(const routes *r, const ct_compile_options *options, double *to)
{
    ct_var *out[OUTPUTS];
    ct_error err = {0};
    outputs(r, out);
    ct_program *p = ct_compile(r->g, OUTPUTS, out, options, &err);
    assert_ok(p, &err);
    for (int i = 0; i < r->n_in; i++)
        assert_ok(ct_program_set(p, r->in[i], r->value[i], &err), &err);
    assert_ok(ct_program_run(p, &err), &err);
    assert_ok(ct_program_run(p, &err), &err);
    int64_t n = 0;
    for (int i = OUTPUTS - 1; i >= 0; i--) {
        ct_tensor *t = ct_program_get(p, out[i]);
        memcpy(to + n, ct_tensor_data(t), ct_tensor_bytes(t));
        n += ct_tensor_count(t);
    }
    ct_program_free(p);
    return n;
}

enum { MAX_VALUES = 4 * MAX_COUNT + OUTPUTS };

static void assert_agree(int seed, const char *what, int n, const double *value)
{
    double scale = 1e-3;
    for (int i = 0; i < n; i++)
        scale = fmax(scale, fabs(value[i]));
    for (int i = 1; i < n; i++) {
        if (!(fabs(value[i] - value[0]) <= 1e-10 * scale))
            print_error("graph %d, %s, route %d:\n", seed, what, i);
        assert_close(value[i], value[0], 1e-10 * scale);
    }
}

static void routes_agree(void **state)
{
    (void)state;
    int nonzero = 0;
    for (int seed = 1; seed <= GRAPHS; seed++) {
        routes r = routes_new((uint64_t)seed);
        double value[MAX_VALUES];
        run(&r, NULL, value);
        assert_agree(seed, "second order", 5, value);
        assert_agree(seed, "first order", 3, value + 5);
        nonzero += value[0] != 0 && value[5] != 0;
        routes_free(&r);
    }
    assert_true(nonzero > GRAPHS * 9 / 10);
}

/* --- ways to compile
 * --------------------------------------------------------------------------------------------------- */

static void compiling_does_not_change_a_bit(void **state)
{
    (void)state;
    const ct_compile_options ways[] = {
        {.threads = 1}, {.threads = 2}, {.threads = 3}, {.no_fuse = true}, {.no_merge = true}, {.poison = true},
        {.no_fuse = true, .no_merge = true, .poison = true}, {.check_finite = true}, {.profile = true},
    };
    for (int seed = 1; seed <= GRAPHS; seed++) {
        routes r = routes_new((uint64_t)seed);
        double expected[MAX_VALUES], value[MAX_VALUES];
        int64_t n = run(&r, NULL, expected);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            assert_int_equal(run(&r, &ways[i], value), n);
            for (int64_t k = 0; k < n; k++) {
                if (memcmp(&value[k], &expected[k], sizeof *value))
                    print_error("graph %d, way %d, value %d:\n", seed, (int)i, (int)k);
                assert_memory_equal(&value[k], &expected[k], sizeof *value);
            }
        }
        routes_free(&r);
    }
}

/* --- some rows
 * --------------------------------------------------------------------------------------------------------- */

/* Rows from .. to - 1 of the tangent of y have the bits they have in the tangent of all. */
static void check_rows(ct_graph *g, ct_var *y, ct_var *const *x, ct_var *const *v, int64_t from, int64_t to, bool constant)
{
    ct_var *out[2] = {NULL};
    ct_error err = {0};
    assert_ok(ct_jvp(1, &y, INPUTS, x, v, &out[0]), ct_graph_error(g));
    assert_ok(ct_jvp_rows(1, &y, INPUTS, x, v, from, to, constant, &out[1]), ct_graph_error(g));
    assert_true(!out[0] == !out[1]);
    if (!out[0])
        return;
    ct_program *p = ct_compile(g, 2, out, &(ct_compile_options){.threads = 1}, &err);
    assert_ok(p, &err);
    assert_ok(ct_program_run(p, &err), &err);
    const double *whole = ct_tensor_data(ct_program_get(p, out[0])), *rows = ct_tensor_data(ct_program_get(p, out[1]));
    int64_t row = ct_var_dim(y, 0) ? count(y) / ct_var_dim(y, 0) : 0;
    for (int64_t k = 0; k < row * (to - from); k++)
        assert_close(rows[k], whole[from * row + k], 0);
    ct_program_free(p);
}

static void rows_have_the_bits_of_the_whole(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        maker m = {.g = ct_graph_new(), .rng = {seed}};
        ct_tensor *value[2 * INPUTS];
        ct_var *x[2 * INPUTS];
        for (int i = 0; i < 2 * INPUTS; i++) {
            value[i] = support_tensor(CT_F64, shapes[i % INPUTS], &m.rng, -1.5, 1.5);
            x[i] = ct_constant(m.g, value[i]);
        }
        ct_var *y = build(m.g, x, &seed);
        int64_t factor = count(y) % 3 == 0 ? 3 : count(y) % 2 == 0 ? 2 : 1;
        y = below(&m, 2) ? y : ct_reshape(y, CT_SHAPE(-1, factor));
        int64_t from = below(&m, ct_var_dim(y, 0));
        check_rows(m.g, y, x, x + INPUTS, from, from + 1 + below(&m, ct_var_dim(y, 0) - from), seed % 2);
        for (int i = 0; i < 2 * INPUTS; i++)
            ct_tensor_free(value[i]);
        ct_graph_free(m.g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_differences),
        cmocka_unit_test(routes_agree),
        cmocka_unit_test(compiling_does_not_change_a_bit),
        cmocka_unit_test(rows_have_the_bits_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
