/* SPDX-License-Identifier: MIT */
/* Forward mode for some rows: the same bits as those rows of all, at less work. */
#include "sample.h"

#include <cotangent/gradcheck.h>

/* --- ops ---------------------------------------------------------------------------------------------------------- */

enum { MAX_RANGES = 6 };

/* A derivative along axis 0 in full, and for ranges of that axis. */
typedef struct parts {
    int n;
    int64_t from[MAX_RANGES], to[MAX_RANGES];
    ct_var *whole, *rows[MAX_RANGES];
} parts;

static void add_range(parts *p, int64_t from, int64_t to)
{
    p->from[p->n] = from;
    p->to[p->n++] = to;
}

/* One row, the first and the last, all but one, all of them, and none. */
static parts parts_of(ct_var *y, int n, ct_var **x, ct_var **v, bool constant)
{
    parts p = {0};
    int64_t rows = ct_var_dim(y, 0);
    add_range(&p, 0, rows);
    add_range(&p, rows / 2, rows / 2);
    if (rows > 0) {
        add_range(&p, 0, 1);
        add_range(&p, rows - 1, rows);
        add_range(&p, rows > 1, rows);
        add_range(&p, rows / 3, rows - rows / 4);
    }
    assert_ok(ct_jvp(1, &y, n, x, v, &p.whole), ct_graph_error(ct_var_graph(y)));
    for (int i = 0; i < p.n; i++) {
        assert_ok(ct_jvp_rows(1, &y, n, x, v, p.from[i], p.to[i], constant, &p.rows[i]), ct_graph_error(ct_var_graph(y)));
        assert_true(!p.rows[i] == !p.whole);
        assert_true(!p.whole || ct_var_dim(p.rows[i], 0) == p.to[i] - p.from[i]);
    }
    return p;
}

/* The part's elements are those of the whole, to the last bit. */
static int64_t same_rows(const char *what, const ct_tensor *whole, const ct_tensor *part, int64_t from)
{
    int64_t rows = ct_tensor_shape(whole).dim[0], row = rows ? ct_tensor_count(whole) / rows : 0;
    for (int64_t k = 0; k < ct_tensor_count(part); k++) {
        double a = ct_tensor_get(part, k), b = ct_tensor_get(whole, from * row + k);
        if (!(a == b || (isnan(a) && isnan(b))))
            fail_msg("%s, element %lld of the rows from %lld: %.17g and %.17g", what, (long long)k, (long long)from, a, b);
    }
    return ct_tensor_count(part);
}

static int64_t compare_parts(const instance *t, const numbers *all, const parts *p)
{
    ct_var *out[MAX_RANGES + 1] = {p->whole};
    int64_t compared = 0;
    ct_error err;
    memcpy(out + 1, p->rows, sizeof p->rows);
    ct_program *program = ct_compile(t->graph, p->n + 1, out, &(ct_compile_options){.threads = 1}, &err);
    assert_ok(program, &err);
    give(program, t, all, 0);
    assert_ok(ct_program_run(program, &err), &err);
    for (int i = 0; i < p->n; i++)
        compared += same_rows(t->op->name, ct_program_get(program, p->whole), ct_program_get(program, p->rows[i]), p->from[i]);
    ct_program_free(program);
    return compared;
}

/* Along each axis of y in turn, brought to the front. */
static int64_t check_node(const instance *t, const numbers *all, ct_var *y, bool constant)
{
    ct_var *x[MAX_X], *v[MAX_X];
    int64_t compared = 0;
    int n = pick(t, t->x, t->v, x, v);
    for (int axis = 0; y && axis < ct_var_rank(y); axis++) {
        parts p = parts_of(ct_transpose(y, 0, axis), n, x, v, constant);
        if (p.whole)
            compared += compare_parts(t, all, &p);
    }
    return compared;
}

static int64_t check_sample(const ct_op *op, int number, ct_dtype dtype)
{
    instance t = instance_make(op, number, dtype, CONTIGUOUS);
    numbers all = numbers_draw(t.sample, ct_var_shape(t.node[VALUE]), (uint64_t)(300 + number));
    int64_t compared = 0;
    bool constant = dtype == CT_F32;
    if (t.derivable)
        compared += check_node(&t, &all, t.node[VALUE], constant);
    for (int i = 0; t.derivable && i < t.sample->n; i++)
        compared += check_node(&t, &all, t.node[GRADIENT + i], constant);
    numbers_free(&all);
    instance_free(&t);
    return compared;
}

static void every_op_gives_the_same_bits_for_some_rows(void **state)
{
    (void)state;
    for (int i = 0; i < ct_op_count(); i++) {
        const ct_op *op = ct_op_at(i);
        int64_t compared = 0;
        for (int k = 0; op->samples[k].build; k++)
            for (int dtype = CT_F32; !op->samples[k].error && dtype <= CT_F64; dtype++)
                compared += check_sample(op, k, (ct_dtype)dtype);
        assert_true(compared > 0 || op->kind == CT_CONSTANT);
    }
}

/* --- networks ------------------------------------------------------------------------------------------------------- */

enum { ROWS = 8, TOKENS = 6, HEADS = 2, WIDTH = 8 };

typedef ct_var *(*network_fn)(ct_var *z, ct_var *const *w);

static ct_var *gelu(ct_var *x)
{
    return ct_mul(ct_scale(x, 0.5), ct_shift(ct_tanh(ct_scale(ct_add(x, ct_scale(ct_mul(x, ct_square(x)), 0.044715)), 0.8)), 1));
}

static ct_var *norm(ct_var *h)
{
    ct_var *c = ct_sub(h, ct_mean_keep(h, CT_AXES(-1)));
    return ct_mul(c, ct_rsqrt(ct_shift(ct_mean_keep(ct_square(c), CT_AXES(-1)), 1e-5)));
}

/* z [rows, TOKENS, WIDTH], w [WIDTH, WIDTH]. */
static ct_var *mlp(ct_var *z, ct_var *const *w)
{
    ct_var *h = ct_reshape(z, CT_SHAPE(ct_var_dim(z, 0), -1));
    h = ct_reshape(gelu(h), CT_SHAPE(-1, WIDTH));
    return ct_matmul(gelu(ct_matmul(norm(h), w[0])), w[1]);
}

static ct_var *softmax(ct_var *x)
{
    ct_var *e = ct_exp(ct_sub(x, ct_stop_gradient(ct_max_keep(x, CT_AXES(-1)))));
    return ct_div(e, ct_sum_keep(e, CT_AXES(-1)));
}

/* Heads split off as one product's columns: the rows are axis 1 of what is cut into queries, keys and values. */
static ct_var *attention(ct_var *z, ct_var *const *w)
{
    int64_t rows = ct_var_dim(z, 0);
    ct_var *qkv = ct_matmul(norm(z), ct_concat(3, (ct_var *[]){w[0], w[1], ct_sin(w[0])}, 1)), *part[3];
    qkv = ct_permute(ct_reshape(qkv, CT_SHAPE(rows, TOKENS, 3, HEADS, WIDTH / HEADS)), CT_AXES(2, 0, 3, 1, 4));
    ct_chunk(qkv, 3, 0, part);
    for (int i = 0; i < 3; i++)
        part[i] = part[i] ? ct_reshape(part[i], CT_SHAPE(rows, HEADS, TOKENS, WIDTH / HEADS)) : NULL;
    ct_var *mixed = ct_matmul(softmax(ct_matmul(part[0], ct_transpose(part[1], 2, 3))), part[2]);
    mixed = ct_reshape(ct_permute(mixed, CT_AXES(0, 2, 1, 3)), CT_SHAPE(rows, TOKENS, WIDTH));
    return ct_add(z, ct_matmul(mixed, w[1]));
}

static ct_var *convolution(ct_var *z, ct_var *const *w)
{
    const ct_conv2d_attr conv = {{1, 1}, {1, 1}, {1, 1}, 1};
    ct_var *x = ct_reshape(z, CT_SHAPE(ct_var_dim(z, 0), 2, TOKENS, WIDTH / 2));
    ct_var *kernel = ct_reshape(ct_slice(ct_reshape(w[0], CT_SHAPE(-1)), 0, 0, 36, 1), CT_SHAPE(2, 2, 3, 3));
    return ct_conv2d(gelu(ct_conv2d(x, kernel, conv)), ct_sin(kernel), conv);
}

static const network_fn networks[] = {mlp, attention, convolution};
enum { NETWORKS = sizeof networks / sizeof *networks };

/* y, whose leading axes are rows of z and what is within them, as [rows, rest]. */
static ct_var *by_rows(ct_var *y, ct_var *z)
{
    return ct_reshape(y, CT_SHAPE(ct_var_dim(z, 0), -1));
}

static double contraction_flops(const ct_program *p)
{
    double flops = 0;
    for (int64_t i = 0; i < ct_program_step_count(p); i++) {
        ct_program_time t;
        assert_true(ct_program_step_time(p, i, &t));
        flops += strcmp(t.op, "matmul") == 0 || strcmp(t.op, "conv2d") == 0 ? t.flops : 0;
    }
    return flops;
}

typedef struct trial {
    ct_graph *g;
    ct_var *z, *v, *w[2], *y;
} trial;

static trial trial_new(network_fn network, int64_t rows, ct_shape shape)
{
    trial t = {.g = ct_graph_new()};
    shape.dim[0] = rows;
    t.z = ct_input(t.g, "z", CT_F32, shape);
    t.v = ct_input(t.g, "v", CT_F32, shape);
    for (int i = 0; i < 2; i++)
        t.w[i] = ct_input(t.g, i ? "w1" : "w0", CT_F32, CT_SHAPE(WIDTH, WIDTH));
    t.y = by_rows(network(t.z, t.w), t.z);
    return t;
}

static ct_program *trial_compile(const trial *t, ct_var *dy, bool fuse)
{
    ct_error err;
    ct_program *p = ct_compile(t->g, dy ? 2 : 1, (ct_var *[]){t->y, dy}, &(ct_compile_options){.no_fuse = !fuse}, &err);
    assert_ok(p, &err);
    return p;
}

/* Of the value and the tangent of rows from .. ROWS - 1; with from = ROWS, of the value alone. Unfused: a product is a step by itself. */
static double flops_from(network_fn network, int64_t from, bool constant)
{
    trial t = trial_new(network, ROWS, CT_SHAPE(ROWS, TOKENS, WIDTH));
    ct_var *dy = NULL;
    if (from < ROWS)
        assert_ok(ct_jvp_rows(1, &t.y, 1, &t.z, &t.v, from, ROWS, constant, &dy), ct_graph_error(t.g));
    ct_program *p = trial_compile(&t, dy, false);
    double flops = contraction_flops(p);
    ct_program_free(p);
    ct_graph_free(t.g);
    return flops;
}

static void contractions_shrink_with_the_rows(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * NETWORKS; i++) {
        network_fn network = networks[i / 2];
        double value = flops_from(network, ROWS, i % 2), all = flops_from(network, 0, i % 2) - value;
        assert_true(value > 0 && all >= value);
        for (int64_t from = 1; from < ROWS; from++)
            assert_close(flops_from(network, from, i % 2) - value, all * (double)(ROWS - from) / ROWS, 0);
    }
}

static void networks_give_the_same_bits_for_some_rows(void **state)
{
    (void)state;
    support_rng rng = {11};
    for (int i = 0; i < 2 * NETWORKS; i++) {
        trial t = trial_new(networks[i / 2], ROWS, CT_SHAPE(ROWS, TOKENS, WIDTH));
        ct_var *in[] = {t.z, t.v, t.w[0], t.w[1]};
        parts p = parts_of(t.y, 1, &t.z, &t.v, i % 2);
        ct_var *out[MAX_RANGES + 1] = {p.whole};
        ct_error err;
        memcpy(out + 1, p.rows, sizeof p.rows);
        ct_program *program = ct_compile(t.g, p.n + 1, out, NULL, &err);
        assert_ok(program, &err);
        for (int k = 0; k < 4; k++) {
            ct_tensor *value = support_tensor(CT_F32, ct_var_shape(in[k]), &rng, -1, 1);
            put(program, in[k], value);
            ct_tensor_free(value);
        }
        assert_ok(ct_program_run(program, &err), &err);
        for (int k = 0; k < p.n; k++)
            same_rows("network", ct_program_get(program, p.whole), ct_program_get(program, p.rows[k]), p.from[k]);
        ct_program_free(program);
        ct_graph_free(t.g);
    }
}

/* One column of sums down columns, and few of many sums of 49 numbers: added in the order in which all are. */
static void sums_keep_their_order(void **state)
{
    (void)state;
    support_rng rng = {23};
    const ct_shape shapes[] = {CT_SHAPE(100, 5), CT_SHAPE(12, 49, 3)};
    for (int i = 0; i < 2; i++) {
        ct_graph *g = ct_graph_new();
        ct_var *x = ct_input(g, "x", CT_F32, shapes[i]), *v = ct_input(g, "v", CT_F32, shapes[i]), *y = ct_sum(ct_sin(x), CT_AXES(i)), *out[MAX_RANGES + 1];
        parts p = parts_of(y, 1, &x, &v, false);
        ct_error err;
        out[0] = p.whole;
        memcpy(out + 1, p.rows, sizeof p.rows);
        ct_program *program = ct_compile(g, p.n + 1, out, NULL, &err);
        assert_ok(program, &err);
        for (int k = 0; k < 2; k++) {
            ct_tensor *value = support_tensor(CT_F32, shapes[i], &rng, -1, 1);
            put(program, k ? v : x, value);
            ct_tensor_free(value);
        }
        assert_ok(ct_program_run(program, &err), &err);
        for (int k = 0; k < p.n; k++)
            assert_true(same_rows("sum", ct_program_get(program, p.whole), ct_program_get(program, p.rows[k]), p.from[k]) > 0 || p.from[k] == p.to[k]);
        ct_program_free(program);
        ct_graph_free(g);
    }
}

/* --- constant rows: for targets ------------------------------------------------------------------------------------------ */

/* What GELU's derivative reads of its value stays in registers of its row program, when the rows' tangent may compute it again. */
static size_t planned(bool with, bool constant)
{
    trial t = trial_new(mlp, 64 * ROWS, CT_SHAPE(ROWS, TOKENS, WIDTH));
    ct_var *dy = NULL;
    if (with)
        assert_ok(ct_jvp_rows(1, &t.y, 1, &t.z, &t.v, 63 * ROWS, 64 * ROWS, constant, &dy), ct_graph_error(t.g));
    ct_program *p = trial_compile(&t, dy, true);
    size_t bytes = ct_program_bytes(p);
    ct_program_free(p);
    ct_graph_free(t.g);
    return bytes;
}

static void constant_rows_take_little_memory(void **state)
{
    (void)state;
    size_t value = planned(false, false), constant = planned(true, true), kept = planned(true, false);
    assert_true(constant > value);
    assert_true(constant < value + (kept - value) / 2);
}

static void constant_rows_have_no_derivative(void **state)
{
    (void)state;
    trial t = trial_new(mlp, ROWS, CT_SHAPE(ROWS, TOKENS, WIDTH));
    for (int constant = 0; constant < 2; constant++) {
        ct_var *dy = NULL, *bar = NULL, *again = NULL;
        assert_ok(ct_jvp_rows(1, &t.y, 1, &t.z, &t.v, 2, 5, constant, &dy), ct_graph_error(t.g));
        assert_ok(ct_grad(ct_sum_all(dy), 1, &t.z, &bar) && ct_jvp(1, &dy, 1, &t.z, &t.v, &again), ct_graph_error(t.g));
        assert_true((bar == NULL) == constant && (again == NULL) == constant);
    }
    ct_graph_free(t.g);
}

/* --- derivatives of rows ------------------------------------------------------------------------------------------------- */

static ct_var *rows_of_network(ct_graph *g, ct_var *const *x, void *context)
{
    ct_var *y = by_rows((*(const network_fn *)context)(x[0], x + 2), x[0]), *dy = NULL;
    (void)g;
    return y && ct_jvp_rows(1, &y, 2, (ct_var *[]){x[0], x[2]}, (ct_var *[]){x[1], x[3]}, 1, 2, false, &dy) ? dy : NULL;
}

static void rows_are_differentiated_again(void **state)
{
    (void)state;
    support_rng rng = {3};
    ct_tensor *x[4];
    for (int i = 0; i < 4; i++)
        x[i] = support_tensor(CT_F64, i < 2 ? CT_SHAPE(3, TOKENS, WIDTH) : CT_SHAPE(WIDTH, WIDTH), &rng, -0.7, 0.7);
    for (int i = 0; i < NETWORKS; i++) {
        network_fn network = networks[i];
        ct_gradcheck_options options = {.modes = CT_CHECK_ALL, .seed = 4, .directions = 1, .coordinates = 3};
        ct_gradcheck_result result;
        ct_error err = {0};
        assert_ok(ct_gradcheck(rows_of_network, &network, 4, x, &options, &result, &err), &err);
        assert_true(result.compared > 20);
    }
    for (int i = 0; i < 4; i++)
        ct_tensor_free(x[i]);
}

/* A value that the tangent reads is a place to differentiate at: the tangent of tanh(x) is (1 - y^2) v, whose derivative in y is -2 y v. */
static void rows_depend_on_the_values_they_read(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(4)), *v = ct_input(g, "v", CT_F64, CT_SHAPE(4)), *y = ct_tanh(x), *dy, *bar = NULL;
    assert_true(ct_jvp_rows(1, &y, 1, &x, &v, 1, 3, false, &dy) && ct_grad(ct_sum_all(dy), 1, &y, &bar));
    ct_error err;
    ct_program *p = ct_compile(g, 2, (ct_var *[]){bar, y}, NULL, &err);
    assert_ok(p, &err);
    const double at[4] = {-0.4, 0.3, 0.9, -1.1}, along[4] = {1, 2, -3, 4};
    assert_ok(ct_program_set_data(p, x, at, &err) && ct_program_set_data(p, v, along, &err) && ct_program_run(p, &err), &err);
    for (int i = 0; i < 4; i++)
        assert_close(ct_tensor_get(ct_program_get(p, bar), i), i == 1 || i == 2 ? -2 * tanh(at[i]) * along[i] : 0, 1e-15);
    ct_program_free(p);
    ct_graph_free(g);
}

/* y = h + h^T with h = sin(x): rows of the tangent need rows of dh, and columns, which lie in other places. */
static void a_tangent_is_needed_along_two_axes(void **state)
{
    (void)state;
    enum { N = 4 };
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(N, N)), *v = ct_input(g, "v", CT_F64, CT_SHAPE(N, N)), *dy;
    ct_var *h = ct_sin(x), *y = ct_add(h, ct_transpose(h, 0, 1));
    assert_true(ct_jvp_rows(1, &y, 1, &x, &v, 1, 3, false, &dy));
    ct_error err;
    ct_program *p = ct_compile(g, 1, &dy, NULL, &err);
    assert_ok(p, &err);
    double at[N * N], along[N * N];
    for (int i = 0; i < N * N; i++) {
        at[i] = 0.1 * i - 0.7;
        along[i] = 1 + i % 5;
    }
    assert_ok(ct_program_set_data(p, x, at, &err) && ct_program_set_data(p, v, along, &err) && ct_program_run(p, &err), &err);
    for (int i = 1; i < 3; i++)
        for (int j = 0; j < N; j++) {
            int a = i * N + j, b = j * N + i;
            assert_close(ct_tensor_get(ct_program_get(p, dy), a - N), cos(at[a]) * along[a] + cos(at[b]) * along[b], 1e-14);
        }
    ct_program_free(p);
    ct_graph_free(g);
}

/* --- refusals ------------------------------------------------------------------------------------------------------------- */

static bool forgets_the_extent(const ct_var *y, ct_range of, ct_narrowing *out)
{
    (void)y, (void)of, (void)out;
    return true;
}

static void a_wrong_rule_is_an_error(void **state)
{
    (void)state;
    ct_op wrong = *ct_op_find("cast");
    wrong.narrow = forgets_the_extent;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(4, 2)), *dy = x, *y = ct_apply(g, CT_HERE, &wrong, 1, &x, (int64_t[]){CT_F32});
    assert_false(ct_jvp_rows(1, &y, 1, &x, &x, 1, 3, false, &dy));
    assert_null(dy);
    assert_error(ct_graph_error(g), CT_E_SHAPE, "cast: narrow gives ");
    ct_graph_free(g);
}

static void bad_ranges_are_refused(void **state)
{
    (void)state;
    const int64_t range[][2] = {{-1, 2}, {0, 5}, {3, 2}, {5, 5}};
    const char *part[] = {"jvp: rows -1..2 are not within the 4 rows of output 0", "rows 0..5", "rows 3..2", "rows 5..5"};
    for (int i = 0; i < 5; i++) {
        ct_graph *g = ct_graph_new();
        ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(4, 2)), *y = i < 4 ? ct_tanh(x) : ct_sum_all(x), *dy = x;
        assert_false(ct_jvp_rows(1, &y, 1, &x, &x, i < 4 ? range[i][0] : 0, i < 4 ? range[i][1] : 0, i % 2, &dy));
        assert_null(dy);
        assert_error(ct_graph_error(g), CT_E_SHAPE, i < 4 ? part[i] : "the 0 rows of output 0");
        ct_graph_free(g);
    }
}

static void what_ct_jvp_refuses_is_refused(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(4, 2)), *y = ct_tanh(x), *wrong = ct_sum(x, CT_AXES(1)), *dy = x;
    assert_false(ct_jvp_rows(1, &y, 1, &x, &wrong, 0, 2, false, &dy));
    assert_null(dy);
    assert_error(ct_graph_error(g), CT_E_SHAPE, "jvp: tangent 0 is");
    ct_graph_free(g);
}

static void a_zero_tangent_is_null(void **state)
{
    (void)state;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(4, 2)), *y[2] = {ct_tanh(x), ct_greater(x, ct_sin(x))}, *dy[2] = {x, x};
    assert_ok(ct_jvp_rows(2, y, 1, &x, &x, 1, 3, true, dy), ct_graph_error(g));
    assert_non_null(dy[0]);
    assert_null(dy[1]);
    ct_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_gives_the_same_bits_for_some_rows),
        cmocka_unit_test(networks_give_the_same_bits_for_some_rows),
        cmocka_unit_test(contractions_shrink_with_the_rows),
        cmocka_unit_test(sums_keep_their_order),
        cmocka_unit_test(constant_rows_take_little_memory),
        cmocka_unit_test(constant_rows_have_no_derivative),
        cmocka_unit_test(rows_are_differentiated_again),
        cmocka_unit_test(rows_depend_on_the_values_they_read),
        cmocka_unit_test(a_tangent_is_needed_along_two_axes),
        cmocka_unit_test(a_wrong_rule_is_an_error),
        cmocka_unit_test(bad_ranges_are_refused),
        cmocka_unit_test(what_ct_jvp_refuses_is_refused),
        cmocka_unit_test(a_zero_tangent_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
