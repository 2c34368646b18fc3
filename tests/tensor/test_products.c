/* SPDX-License-Identifier: MIT */
/* Several products as one job, and rows that are told of as they are finished: the bits of each product alone, every row once. */
#include "arrays.h"
#include "products.h"

/* What `done` is to see of one product, and what it has seen. */
typedef struct witness {
    ct_array expected;      /* the product, contiguous [batch, m, n] */
    int64_t c_row;          /* between rows as they are told of */
    int64_t unit;
    int threads;
    int *seen;              /* of each row */
    bool wrong;             /* something else than was expected: told by a thread of the team, checked by the test's */
} witness;

static void rows_done(void *argument, int64_t first, int64_t rows, void *c_rows, int thread)
{
    witness *w = argument;
    int64_t m = w->expected.shape.dim[1], n = w->expected.shape.dim[2], end = first % m + rows;
    size_t bytes = (size_t)n * ct_dtype_size(w->expected.dtype), apart = (size_t)w->c_row * ct_dtype_size(w->expected.dtype);
    bool whole_units = first % m % w->unit == 0 && (end == m || end % w->unit == 0);
    if (rows <= 0 || end > m || thread < 0 || thread >= w->threads || !whole_units)
        w->wrong = true;
    for (int64_t i = 0; i < rows && end <= m; i++) {
        if (memcmp((char *)c_rows + (size_t)i * apart, (char *)w->expected.data + (size_t)(first + i) * bytes, bytes) != 0)
            w->wrong = true;
        w->seen[first + i]++;
    }
}

static void reset(witness *w, int64_t unit, int threads, int64_t c_row)
{
    w->unit = unit, w->threads = threads, w->c_row = c_row, w->wrong = false;
    memset(w->seen, 0, (size_t)(w->expected.shape.dim[0] * w->expected.shape.dim[1]) * sizeof *w->seen);
}

static void assert_all_seen_once(const witness *w)
{
    assert_false(w->wrong);
    for (int64_t i = 0; i < w->expected.shape.dim[0] * w->expected.shape.dim[1]; i++)
        assert_int_equal(w->seen[i], 1);
}

static witness witness_new(ct_array expected)
{
    witness w = {.expected = expected, .seen = calloc((size_t)(expected.shape.dim[0] * expected.shape.dim[1]) + 1, sizeof *w.seen)};
    assert_non_null(w.seen);
    return w;
}

static void run_products(int n, const ct_product *p, int threads)
{
    void *scratch = new_scratch(ct_products_scratch(n, p, threads));
    ct_products_run(n, p, scratch, threads);
    free(scratch);
}

typedef struct sizes {
    ct_dtype dtype;
    int64_t batch, m, n, k;
} sizes;

/* Small ones, few rows, many rows, a batch of large ones, more of b than is packed at once in n, in k, deep ones of which threads make areas. */
static const sizes cases[] = {
    {CT_F32, 1, 5, 7, 9}, {CT_F32, 1, 64, 500, 300}, {CT_F32, 1, 300, 200, 260}, {CT_F64, 1, 98, 130, 300}, {CT_F64, 1, 196, 150, 600},
    {CT_F32, 3, 196, 100, 150}, {CT_F32, 40, 49, 49, 64}, {CT_F32, 1, 133, 4700, 300}, {CT_F32, 1, 260, 300, 4700}, {CT_F32, 1, 20, 100, 70000},
    {CT_F32, 1, 70, 60, 0}, {CT_F32, 1, 0, 60, 50}, {CT_F32, 2, 20, 0, 50}, {CT_F32, 9, 400, 400, 30},
    {CT_F32, 1, 256, 700, 1600}, {CT_F32, 1, 700, 150, 1100}, {CT_F64, 1, 240, 520, 1100},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* A product with its operands, the first transposed where `turned`, and what it should be: by itself on one thread. */
typedef struct trial {
    ct_array a, b, before, expected;
    void *memory[4];
    witness w;
} trial;

static trial trial_new(sizes s, bool turned, double beta, support_rng *rng)
{
    trial t = {.before = new_array(s.dtype, CT_SHAPE(s.batch, s.m, s.n), rng, -1, 1), .expected = new_zeros(s.dtype, CT_SHAPE(s.batch, s.m, s.n))};
    t.a = new_array(s.dtype, turned ? CT_SHAPE(s.batch, s.k, s.m) : CT_SHAPE(s.batch, s.m, s.k), rng, -1, 1);
    t.b = new_array(s.dtype, turned ? CT_SHAPE(s.batch, s.n, s.k) : CT_SHAPE(s.batch, s.k, s.n), rng, -1, 1);
    memcpy(t.memory, (void *[]){t.a.data, t.b.data, t.before.data, t.expected.data}, sizeof t.memory);
    t.a = turned ? ct_array_permute(t.a, (int[]){0, 2, 1}) : t.a;
    t.b = turned ? ct_array_permute(t.b, (int[]){0, 2, 1}) : t.b;
    ct_copy(t.expected, t.before, 1);
    multiply(t.expected, t.a, t.b, beta, 1);
    t.w = witness_new(t.expected);
    return t;
}

static void trial_free(trial *t)
{
    for (int i = 0; i < 4; i++)
        free(t->memory[i]);
    free(t->w.seen);
}

static void every_row_is_told_of_once(void **state)
{
    (void)state;
    support_rng rng = {91};
    static const int64_t units[] = {1, 2, 6, 7, 49, 1000};
    for (int i = 0; i < CASES; i++)
        for (int beta = 0; beta < 2; beta++) {
            trial t = trial_new(cases[i], beta, beta, &rng);
            ct_array c = new_zeros(cases[i].dtype, t.expected.shape);
            for (int u = 0; u < 6; u++) {
                int threads = 1 + u % 3;
                ct_copy(c, t.before, 1);
                reset(&t.w, units[u], threads, cases[i].n);
                run_products(1, &(ct_product){.c = c, .a = t.a, .b = t.b, .beta = beta, .unit = units[u], .done = rows_done, .argument = &t.w}, threads);
                assert_all_seen_once(&t.w);
                assert_same_bits(&c, &t.expected, "with and without done");
            }
            free(c.data);
            trial_free(&t);
        }
}

static void rows_that_are_not_kept(void **state)
{
    (void)state;
    support_rng rng = {92};
    for (int i = 0; i < CASES; i++) {
        trial t = trial_new(cases[i], i % 2, 0, &rng);
        ct_array none = t.expected;
        none.data = NULL;
        none.stride[1] += 5;
        for (int threads = 1; threads <= 3; threads++) {
            int64_t gap = 5 * (threads - 1);
            reset(&t.w, threads, threads, cases[i].n + gap);
            run_products(1, &(ct_product){.c = none, .a = t.a, .b = t.b, .unit = threads, .done = rows_done, .argument = &t.w, .transient = true, .gap = gap}, threads);
            assert_all_seen_once(&t.w);
        }
        trial_free(&t);
    }
}

/* All cases at once, every second transient. */
static void products_of_every_kind_together(void **state)
{
    (void)state;
    support_rng rng = {93};
    trial t[CASES];
    ct_product p[CASES];
    for (int i = 0; i < CASES; i++) {
        t[i] = trial_new(cases[i], i % 3 == 1, 0, &rng);
        p[i] = (ct_product){.c = new_array(cases[i].dtype, t[i].expected.shape, &rng, NAN, NAN), .a = t[i].a, .b = t[i].b, .unit = 7};
        p[i].done = rows_done, p[i].argument = &t[i].w, p[i].transient = i % 2;
    }
    for (int threads = 1; threads <= 3; threads++) {
        for (int i = 0; i < CASES; i++)
            reset(&t[i].w, 7, threads, cases[i].n);
        run_products(CASES, p, threads);
        for (int i = 0; i < CASES; i++)
            assert_all_seen_once(&t[i].w);
        for (int i = 0; i < CASES; i += 2)
            assert_same_bits(&p[i].c, &t[i].expected, "together and alone");
    }
    for (int i = 0; i < CASES; i++) {
        free(p[i].c.data);
        trial_free(&t[i]);
    }
}

/* Row blocks of one product as products that have one b: the bits of the whole. */
static void products_that_share_b(void **state)
{
    (void)state;
    support_rng rng = {94};
    static const sizes whole[] = {{CT_F32, 1, 980, 300, 280}, {CT_F32, 1, 80, 700, 520}, {CT_F64, 1, 400, 200, 300}, {CT_F32, 1, 700, 4200, 300}};
    static const int64_t cuts[] = {0, 64, 80, 400, 401, 980};
    for (int i = 0; i < 4; i++) {
        trial t = trial_new(whole[i], i % 2, 0, &rng);
        ct_array c = new_array(whole[i].dtype, t.expected.shape, &rng, NAN, NAN);
        ct_product p[5];
        int n = 0;
        for (; n < 5 && cuts[n] < whole[i].m; n++) {
            int64_t rows = (cuts[n + 1] < whole[i].m ? cuts[n + 1] : whole[i].m) - cuts[n];
            p[n] = (ct_product){.c = ct_array_slice(c, 1, cuts[n], rows, 1), .a = ct_array_slice(t.a, 1, cuts[n], rows, 1), .b = t.b};
        }
        for (int threads = 1; threads <= 3; threads++) {
            run_products(n, p, threads);
            assert_same_bits(&c, &t.expected, "in pieces and whole");
        }
        free(c.data);
        trial_free(&t);
    }
}

/* A part of the columns, computed alone: the same bits, wherever its tiles begin. */
static void bits_do_not_depend_on_the_other_columns(void **state)
{
    (void)state;
    support_rng rng = {95};
    for (int round = 0; round < 60; round++) {
        sizes s = {round % 2 ? CT_F32 : CT_F64, 1, 1 + support_below(&rng, 150), 2 + support_below(&rng, 150), 1 + support_below(&rng, 600)};
        trial t = trial_new(s, round % 3 == 0, 0, &rng);
        int64_t first = support_below(&rng, s.n - 1), columns = 1 + support_below(&rng, s.n - first);
        ct_array c = new_array(s.dtype, t.expected.shape, &rng, NAN, NAN);
        ct_copy(c, t.expected, 1);
        multiply(ct_array_slice(c, 2, first, columns, 1), t.a, ct_array_slice(t.b, 2, first, columns, 1), 0, 2);
        assert_same_bits(&c, &t.expected, "some columns and all");
        free(c.data);
        trial_free(&t);
    }
}

/* NaN and infinity in a reach their row, and no other. */
static void what_is_not_a_number_reaches_its_row(void **state)
{
    (void)state;
    support_rng rng = {96};
    for (int i = 0; i < CASES; i++) {
        sizes s = cases[i];
        if (s.m == 0 || s.n == 0 || s.k == 0)
            continue;
        trial t = trial_new(s, false, 0, &rng);
        int64_t row = support_below(&rng, s.batch * s.m);
        ct_array c = new_zeros(s.dtype, t.expected.shape), b = t.b;
        set_element(&t.a, row * s.k + support_below(&rng, s.k), i % 2 ? NAN : INFINITY);
        ct_fill(b, 1, 1);
        multiply(c, t.a, b, 0, 2);
        for (int64_t e = 0; e < ct_array_count(&c); e++)
            assert_true(e / s.n == row ? !isfinite(element(&c, e)) : isfinite(element(&c, e)));
        free(c.data);
        trial_free(&t);
    }
}

/* To the bit what adding it to the finished rows makes; kept or not, on top of what was there or not, however the product is cut. */
static void a_bias_is_added_to_every_row(void **state)
{
    (void)state;
    support_rng rng = {97};
    for (int i = 0; i < CASES; i++) {
        sizes s = cases[i];
        if (s.k == 0)
            continue;
        trial t = trial_new(s, i % 2, i % 3 == 0, &rng);
        ct_array bias = new_array(s.dtype, CT_SHAPE(s.n), &rng, -1, 1), c = new_zeros(s.dtype, t.expected.shape);
        for (int64_t row = 0; row < s.batch * s.m; row++) {
            void *at = (char *)t.expected.data + (size_t)(row * s.n) * ct_dtype_size(s.dtype);
            (s.dtype == CT_F32 ? ct_map_add_f32 : ct_map_add_f64)(s.n, (const void *[]){at, bias.data}, at, NULL);
        }
        for (int run = 0; run < 6; run++) {
            int threads = 1 + run % 3;
            bool transient = run >= 3 && i % 3 != 0;
            ct_copy(c, t.before, 1);
            reset(&t.w, 1, threads, s.n);
            run_products(1, &(ct_product){.c = c, .a = t.a, .b = t.b, .beta = i % 3 == 0, .bias = bias.data, .done = rows_done, .argument = &t.w, .transient = transient}, threads);
            assert_all_seen_once(&t.w);
            assert_same_bits(&c, transient ? &t.before : &t.expected, "with a bias");
        }
        free(bias.data);
        free(c.data);
        trial_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_told_of_once), cmocka_unit_test(rows_that_are_not_kept), cmocka_unit_test(products_of_every_kind_together),
        cmocka_unit_test(products_that_share_b), cmocka_unit_test(bits_do_not_depend_on_the_other_columns),
        cmocka_unit_test(what_is_not_a_number_reaches_its_row), cmocka_unit_test(a_bias_is_added_to_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
