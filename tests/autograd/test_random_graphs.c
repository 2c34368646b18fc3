/* Random graphs: whatever is composed, all routes to a derivative agree, and how a program is compiled does not change
 * a bit. */
#include "support.h"

#include <cotangent/gradcheck.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRAPHS = 240, MAX_COUNT = 24, MAX_POOL = 40, INPUTS = 2 };

/* --- drawing a graph
 * ------------------------------------------------------------------------------------------------- */

typedef struct maker {
    ct_graph *g;
    support_rng rng;
    ct_var *pool[MAX_POOL];
    int n;
} maker;

static int64_t below(maker *m, int64_t limit) { return support_below(&m->rng, limit); }
static ct_var *pick(maker *m) { return m->pool[below(m, m->n)]; }
static int64_t count(const ct_var *v) { return ct_shape_count(ct_var_shape(v)); }

/* v in another shape: the same elements where they are as many, else their mean everywhere. */
static ct_var *fit(ct_var *v, ct_shape shape)
{
    if (count(v) == ct_shape_count(shape))
        return ct_reshape(v, shape);
    return ct_broadcast(ct_mean_all(v), shape);
}

static ct_var *draw_unary(maker *m, ct_var *x)
{
    ct_var *above = ct_shift(ct_square(x), 1);
    switch (below(m, 14)) {
    case 0: return ct_tanh(x);
    case 1: return ct_sin(x);
    case 2: return ct_cos(x);
    case 3: return ct_sigmoid(x);
    case 4: return ct_exp(ct_tanh(x));
    case 5: return ct_affine(x, support_uniform(&m->rng, -1, 1), 0.3);
    case 6: return ct_erf(x);
    case 7: return ct_softplus(x);
    case 8: return ct_recip(above);
    case 9: return ct_log(above);
    case 10: return ct_pow(above, support_uniform(&m->rng, -1, 1));
    case 11: return ct_alias(x);
    case 12: return ct_cast(ct_cast(x, CT_F64), CT_F64);
    default: return ct_mul(ct_stop_gradient(ct_sin(x)), x);
    }
}

static ct_var *draw_binary(maker *m, ct_var *x, ct_var *y)
{
    switch (below(m, 6)) {
    case 0: return ct_add(x, y);
    case 1: return ct_sub(x, y);
    case 2: return ct_mul(x, ct_sin(y));
    case 3: return ct_div(x, ct_shift(ct_square(y), 1));
    case 4: return ct_maximum(x, y);
    default: return ct_select(ct_greater(x, y), ct_tanh(x), ct_sin(y));
    }
}

static ct_var *draw_matmul(maker *m, ct_var *x, ct_var *y)
{
    int64_t k = count(x) % 3 == 0 ? 3 : count(x) % 2 == 0 ? 2 : 1, n = 1 + below(m, 3);
    ct_var *a = ct_reshape(x, CT_SHAPE(-1, k)), *b = ct_scale(ct_sin(fit(y, CT_SHAPE(k, n))), 0.5);
    return below(m, 2) ? ct_matmul(a, b) : ct_transpose(ct_matmul(ct_transpose(b, 0, 1), ct_transpose(a, 0, 1)), 0, 1);
}

static ct_var *draw_reduction(maker *m, ct_var *x)
{
    int axis = (int)below(m, ct_var_rank(x));
    switch (below(m, 6)) {
    case 0: return ct_sum(x, CT_AXES(axis));
    case 1: return ct_mean_keep(x, CT_AXES(axis));
    case 2: return ct_max(x, CT_AXES(axis));
    case 3: return ct_sub(x, ct_max_keep(x, CT_AXES(axis)));
    case 4: return ct_mul(x, ct_sum_keep(ct_sin(x), CT_AXES(axis)));
    default: return ct_mean_all(x);
    }
}

/* The indices n-1, ..., 0 and once more 0: one twice, all in range. */
static ct_var *indices(ct_graph *g, int64_t n)
{
    return ct_maximum(ct_affine(ct_iota(g, CT_I32, n + 1), -1, (double)n - 1), ct_scalar(g, CT_I32, 0));
}

static ct_var *draw_movement(maker *m, ct_var *x)
{
    int rank = ct_var_rank(x), axis = (int)below(m, rank);
    int64_t n = ct_var_dim(x, axis);
    switch (below(m, rank < 3 ? 9 : 8)) {
    case 0: return ct_reshape(x, CT_SHAPE(-1));
    case 1: return ct_transpose(x, axis, rank - 1);
    case 2: return ct_slice(x, axis, n > 1, n, 1 + below(m, 2));
    case 3: return ct_pad(x, axis, 2, 1, below(m, 2));
    case 4: return ct_concat(2, (ct_var *[]){x, ct_scale(x, 0.5)}, axis);
    case 5: return ct_gather(x, indices(m->g, n), axis);
    case 6: return ct_scatter_add(ct_slice(x, axis, 0, 1, 1), ct_scalar(m->g, CT_I32, 0), axis, 2);
    case 7: return ct_reshape(x, CT_SHAPE(1, -1));
    default: return ct_add(x, ct_full(m->g, CT_F64, rank == 1 ? CT_SHAPE(2, 1) : CT_SHAPE(2, 1, 1), 0.5));
    }
}

static ct_var *draw(maker *m)
{
    ct_var *x = pick(m);
    int64_t kind = below(m, 10);
    if (kind < 3 || ct_var_rank(x) == 0)
        return draw_unary(m, x);
    if (kind < 6)
        return draw_binary(m, x, fit(pick(m), ct_var_shape(x)));
    if (kind < 7)
        return draw_matmul(m, x, pick(m));
    if (kind < 8 || count(x) < 2)
        return draw_reduction(m, x);
    return draw_movement(m, x);
}

/* Made small again when it has grown. */
static ct_var *tame(ct_var *v)
{
    if (count(v) > MAX_COUNT || ct_var_rank(v) > 3)
        v = ct_tanh(ct_slice(ct_reshape(v, CT_SHAPE(-1)), 0, 0, count(v) < 6 ? count(v) : 6, 1));
    return v;
}

/* A graph of 5 to 30 drawn ops; the output holds the last few. */
static ct_var *build(ct_graph *g, ct_var *const *x, void *context)
{
    maker m = {.g = g, .rng = {*(uint64_t *)context}, .n = INPUTS};
    memcpy(m.pool, x, INPUTS * sizeof *x);
    int64_t ops = 5 + below(&m, 26);
    for (int64_t i = 0; i < ops; i++) {
        ct_var *v = draw(&m);
        if (!v)
            return NULL;
        m.pool[m.n++] = tame(v);
    }
    ct_var *parts[4];
    for (int i = 0; i < 4; i++)
        parts[i] = ct_reshape(m.pool[i < 3 ? m.n - 1 - i : below(&m, m.n)], CT_SHAPE(-1));
    return ct_concat(4, parts, 0);
}

static const ct_shape shapes[INPUTS] = {{2, {2, 3}}, {1, {4}}};

static void points(uint64_t seed, ct_tensor **x)
{
    support_rng rng = {seed ^ 0xABCD};
    for (int i = 0; i < INPUTS; i++)
        x[i] = support_tensor(CT_F64, shapes[i], &rng, -1.5, 1.5);
}

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
