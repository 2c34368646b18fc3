/* SPDX-License-Identifier: MIT */
/* A product that follows another: the bits of the two apart, every row of both once. */
#include "arrays.h"
#include "products.h"

typedef struct sizes {
    ct_dtype dtype;
    int64_t m, k, n, last;   /* [m, k] [k, n], then [m, n] [n, last] */
    int64_t batch;           /* of them; 0: no such axis */
} sizes;

/* More rows than a task has, rows that end within a tile, panels that end anywhere, several passes over k in either, as many threads as there are. */
static const sizes cases[] = {
    {CT_F32, 3136, 40, 64, 48, 0}, {CT_F32, 300, 200, 260, 70, 0}, {CT_F64, 1001, 33, 50, 100, 0}, {CT_F32, 257, 700, 600, 33, 0}, {CT_F64, 517, 100, 530, 90, 0},
    {CT_F32, 400, 64, 1030, 129, 0},
    /* Products of a batch, as attention has them: of odd sizes, of one row, of as many as a piece has. */
    {CT_F32, 49, 64, 49, 64, 32}, {CT_F64, 23, 600, 17, 33, 30}, {CT_F32, 1, 5, 3, 70, 400}, {CT_F32, CT_PIECE_ROWS, 9, 40, 1, 16},
};
enum { CASES = sizeof cases / sizeof cases[0], MOST_THREADS = 4 };

/* x [m, k], its product with b [k, n], half of that, and its product with d [n, last]. */
typedef struct trial {
    sizes s;
    ct_array x, b, y, half, d, z;
    char *pieces;
    int *seen[2];
    bool wrong;
    bool gap;                /* between the rows of the first that are not kept, and of the pieces */
} trial;

enum { GAP = 16 };

static void halve(ct_dtype dtype, int64_t n, const void *x, void *y)
{
    const ct_affine_attr half = {0.5, 0.125};
    (dtype == CT_F32 ? ct_map_affine_f32 : ct_map_affine_f64)(n, &x, y, &half);
}

static int64_t rows_of(sizes s)
{
    return s.m * (s.batch ? s.batch : 1);
}

static ct_shape shape_of(sizes s, int64_t rows, int64_t columns)
{
    return s.batch ? CT_SHAPE(s.batch, rows, columns) : CT_SHAPE(rows, columns);
}

static trial trial_new(sizes s, support_rng *rng)
{
    trial t = {.s = s, .x = new_array(s.dtype, shape_of(s, s.m, s.k), rng, -1, 1), .b = new_array(s.dtype, shape_of(s, s.k, s.n), rng, -1, 1),
               .y = new_zeros(s.dtype, shape_of(s, s.m, s.n)), .half = new_zeros(s.dtype, shape_of(s, s.m, s.n)),
               .d = new_array(s.dtype, shape_of(s, s.n, s.last), rng, -1, 1), .z = new_zeros(s.dtype, shape_of(s, s.m, s.last))};
    multiply(t.y, t.x, t.b, 0, 1);
    halve(s.dtype, rows_of(s) * s.n, t.y.data, t.half.data);
    multiply(t.z, t.half, t.d, 0, 1);
    t.pieces = malloc((size_t)(MOST_THREADS * CT_PIECE_ROWS * (s.n + GAP)) * ct_dtype_size(s.dtype));
    t.seen[0] = calloc((size_t)rows_of(s), sizeof(int));
    t.seen[1] = calloc((size_t)rows_of(s), sizeof(int));
    assert_true(t.pieces && t.seen[0] && t.seen[1]);
    return t;
}

static void trial_free(trial *t)
{
    void *memory[] = {t->x.data, t->b.data, t->y.data, t->half.data, t->d.data, t->z.data, t->pieces, t->seen[0], t->seen[1]};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
        free(memory[i]);
}

/* Rows as they should be, `apart` elements from one to the next. */
static void look(trial *t, int which, const ct_array *expected, int64_t first, int64_t rows, const char *c_rows, int64_t apart)
{
    size_t size = ct_dtype_size(t->s.dtype), n = (size_t)ct_shape_dim(expected->shape, -1) * size;
    for (int64_t i = 0; i < rows; i++) {
        t->wrong |= memcmp(c_rows + (size_t)(i * apart) * size, (const char *)expected->data + (size_t)(first + i) * n, n) != 0;
        t->seen[which][first + i]++;
    }
}

static void first_done(void *argument, int64_t first, int64_t rows, void *c_rows, int thread)
{
    trial *t = argument;
    int64_t apart = t->s.n + (t->gap ? GAP : 0);
    size_t row = (size_t)apart * ct_dtype_size(t->s.dtype);
    look(t, 0, &t->y, first, rows, c_rows, apart);
    t->wrong |= rows > CT_PIECE_ROWS;
    for (int64_t i = 0; i < rows && rows <= CT_PIECE_ROWS; i++)
        halve(t->s.dtype, t->s.n, (char *)c_rows + (size_t)i * row, t->pieces + (size_t)(thread * CT_PIECE_ROWS + i) * row);
}

static void second_done(void *argument, int64_t first, int64_t rows, void *c_rows, int thread)
{
    trial *t = argument;
    (void)thread;
    look(t, 1, &t->z, first, rows, c_rows, t->s.last);
}

static void assert_all_seen_once(const trial *t)
{
    assert_false(t->wrong);
    for (int64_t i = 0; i < rows_of(t->s); i++) {
        assert_int_equal(t->seen[0][i], 1);
        assert_int_equal(t->seen[1][i], 1);
    }
}

static void pair_of(trial *t, ct_array c, ct_array z, ct_product *pair)
{
    pair[0] = (ct_product){.c = c, .a = t->x, .b = t->b, .unit = 1, .done = first_done, .argument = t};
    pair[1] = (ct_product){.c = z, .a = t->half, .b = t->d, .unit = 1, .done = second_done, .argument = t};
}

/* Unless the threads' pieces are more than the whole. */
static bool can_follow(trial *t, int threads)
{
    ct_product pair[2];
    pair_of(t, t->y, t->z, pair);
    assert_int_equal(ct_products_can_follow(&pair[0], &pair[1], threads), threads * CT_PIECE_ROWS <= rows_of(t->s));
    return threads * CT_PIECE_ROWS <= rows_of(t->s);
}

/* Kept or not, on any number of threads. */
static void run_pair(trial *t, bool first_kept, bool second_kept, int threads)
{
    ct_array c = new_zeros(t->s.dtype, t->y.shape), z = new_zeros(t->s.dtype, t->z.shape);
    ct_product pair[2];
    pair_of(t, c, z, pair);
    pair[0].transient = !first_kept, pair[1].transient = !second_kept;
    pair[0].gap = GAP;
    t->gap = !first_kept;
    pair[1].a.data = t->pieces;
    pair[1].a.stride[pair[1].a.shape.rank - 2] += t->gap ? GAP : 0;
    pair[0].followed = pair[1].follows = true;
    memset(t->seen[0], 0, (size_t)rows_of(t->s) * sizeof(int));
    memset(t->seen[1], 0, (size_t)rows_of(t->s) * sizeof(int));
    void *scratch = new_scratch(ct_products_scratch(2, pair, threads));
    ct_products_run(2, pair, scratch, threads);
    assert_all_seen_once(t);
    if (first_kept)
        assert_same_bits(&c, &t->y, "the first of a pair");
    if (second_kept)
        assert_same_bits(&z, &t->z, "the second of a pair");
    free(scratch);
    free(c.data);
    free(z.data);
}

static void pairs_give_the_bits_of_two(void **state)
{
    (void)state;
    support_rng rng = {101};
    for (int i = 0; i < CASES; i++) {
        trial t = trial_new(cases[i], &rng);
        for (int kept = 0; kept < 4; kept++)
            for (int threads = 1; threads <= MOST_THREADS; threads++)
                if (can_follow(&t, threads))
                    run_pair(&t, kept & 1, kept & 2, threads);
        trial_free(&t);
    }
}

static void what_cannot_follow(void **state)
{
    (void)state;
    support_rng rng = {102};
    trial t = trial_new(cases[0], &rng), few = trial_new((sizes){CT_F32, 64, 40, 64, 48, 0}, &rng);
    trial long_ones = trial_new((sizes){CT_F32, CT_PIECE_ROWS + 1, 9, 40, 12, 16}, &rng);
    ct_product pair[2];
    pair_of(&t, t.y, t.z, pair);
    assert_true(ct_products_can_follow(&pair[0], &pair[1], 2));
    pair[0].unit = CT_PIECE_ROWS + 1;  /* rows that stay together, more than a piece has */
    assert_false(ct_products_can_follow(&pair[0], &pair[1], 2));
    pair_of(&t, t.y, t.z, pair);
    pair[0].done = NULL;               /* nothing makes the rows */
    assert_false(ct_products_can_follow(&pair[0], &pair[1], 2));
    pair_of(&t, t.y, t.z, pair);
    pair[1].a = ct_array_permute(new_zeros(CT_F32, CT_SHAPE(64, 3136)), (int[]){1, 0});
    assert_false(ct_products_can_follow(&pair[0], &pair[1], 2));
    free(pair[1].a.data);
    pair_of(&few, few.y, few.z, pair);  /* so few rows that columns are shared out */
    assert_false(ct_products_can_follow(&pair[0], &pair[1], 2));
    pair_of(&long_ones, long_ones.y, long_ones.z, pair);  /* each product of the batch more than a piece */
    assert_false(ct_products_can_follow(&pair[0], &pair[1], 2));
    trial_free(&long_ones);
    trial_free(&few);
    trial_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pairs_give_the_bits_of_two), cmocka_unit_test(what_cannot_follow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
