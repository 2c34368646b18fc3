/* SPDX-License-Identifier: MIT */
/* Every micro-kernel that this processor can run, also those that it would not choose: tiles of any extents, packed panels, and whole products, to the bit. Operands
 * are small whole numbers, so that every sum is exact in whatever order it is made. */
#include "support.h"

#include "gemm_avx512_tiler.h"
#include "gemm_blis.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 64, DEEPEST = 70 };

static double get(ct_dtype dtype, const void *x, int64_t i)
{
    return dtype == CT_F32 ? (double)((const float *)x)[i] : ((const double *)x)[i];
}

static void set(ct_dtype dtype, void *x, int64_t i, double value)
{
    if (dtype == CT_F32)
        ((float *)x)[i] = (float)value;
    else
        ((double *)x)[i] = value;
}

static void *new_numbers(ct_dtype dtype, int64_t count, support_rng *rng)
{
    void *x = aligned_alloc(64, (size_t)(count + 8) * sizeof(double) / 64 * 64 + 64);
    assert_non_null(x);
    for (int64_t i = 0; i < count; i++)
        set(dtype, x, i, (double)(support_below(rng, 17) - 8));
    return x;
}

/* A matrix of whole numbers: rows or columns contiguous, `gap` elements from the end of one to the next. */
static ct_matrix new_matrix(ct_dtype dtype, int64_t rows, int64_t columns, bool by_columns, int64_t gap, support_rng *rng)
{
    int64_t apart = (by_columns ? rows : columns) + gap;
    void *data = new_numbers(dtype, apart * (by_columns ? columns : rows), rng);
    return by_columns ? (ct_matrix){data, 1, apart} : (ct_matrix){data, apart, 1};
}

static double at(ct_dtype dtype, ct_matrix a, int64_t i, int64_t j)
{
    return get(dtype, a.data, i * a.row + j * a.column);
}

/* --- tiles --------------------------------------------------------------------------------------------------------------------- */

typedef struct tile_case {
    const ct_tiler *t;
    int64_t m, n, k;
    bool beta, by_columns;
    const void *bias;
} tile_case;

/* 0 without one. */
static double bias_at(ct_dtype dtype, const void *bias, int64_t j)
{
    return bias ? get(dtype, bias, j) : 0;
}

static double expected(ct_dtype dtype, ct_matrix a, ct_matrix b, int64_t i, int64_t j, int64_t k, double before)
{
    for (int64_t l = 0; l < k; l++)
        before += at(dtype, a, i, l) * at(dtype, b, l, j);
    return before;
}

/* Exact within m x n, and nothing written outside. */
static void check_tile_result(const tile_case *q, ct_matrix a, ct_matrix b, const void *before, const void *c, int64_t ldc)
{
    ct_dtype dtype = q->t->dtype;
    for (int64_t i = 0; i < q->t->a.width; i++)
        for (int64_t j = 0; j < ldc; j++) {
            double was = get(dtype, before, i * ldc + j), got = get(dtype, c, i * ldc + j);
            double want = i < q->m && j < q->n ? expected(dtype, a, b, i, j, q->k, q->beta ? was : 0) + bias_at(dtype, q->bias, j) : was;
            if (got != want)
                fail_msg("%lld x %lld x %lld, element %lld, %lld: %g, expected %g", (long long)q->m, (long long)q->n, (long long)q->k, (long long)i,
                         (long long)j, got, want);
        }
}

static void run_tile(const tile_case *q, ct_matrix rows, ct_matrix a, ct_matrix b, const void *packed_b, support_rng *rng)
{
    const ct_tiler *t = q->t;
    int64_t ldc = t->b.width + 3, count = t->a.width * ldc;
    void *before = new_numbers(t->dtype, count, rng), *c = aligned_alloc(64, ct_gemm_aligned((size_t)(count * t->size))), *edge = aligned_alloc(64, ct_tile_bytes(t));
    memcpy(c, before, (size_t)(count * t->size));
    ct_tile(t, q->m, q->n, q->k, &rows, packed_b, &(ct_target){c, ldc, q->beta, q->bias}, edge, &(ct_ahead){0});
    check_tile_result(q, a, b, before, c, ldc);
    free(before);
    free(c);
    free(edge);
}

static void check_tile(tile_case q, support_rng *rng)
{
    const ct_tiler *t = q.t;
    ct_matrix a = new_matrix(t->dtype, q.m, q.k, q.by_columns, 2, rng), b = new_matrix(t->dtype, q.k, q.n, !q.by_columns, 5, rng);
    void *packed_a = aligned_alloc(64, ct_panel_bytes(t, t->a, q.k) + CT_PANEL_SLACK), *packed_b = aligned_alloc(64, ct_panel_bytes(t, t->b, q.k) + CT_PANEL_SLACK);
    ct_pack(t, t->a, a, q.m, q.k, packed_a);
    ct_pack(t, t->b, ct_matrix_turned(b), q.n, q.k, packed_b);
    void *bias = new_numbers(t->dtype, q.n, rng);
    for (int i = 0; i < 2; i++) {
        q.bias = i ? bias : NULL;
        run_tile(&q, (ct_matrix){packed_a, 1, t->a.step}, a, b, packed_b, rng);
        if (t->unpacked_panels)
            run_tile(&q, a, a, b, packed_b, rng);
    }
    free(bias);
    free((void *)a.data);
    free((void *)b.data);
    free(packed_a);
    free(packed_b);
}

static void check_tiles(const ct_tiler *t)
{
    support_rng rng = {3};
    assert_true(t->a.width <= MOST && t->b.width <= MOST);
    for (int64_t m = 1; m <= t->a.width; m++)
        for (int64_t n = 1; n <= t->b.width; n += 1 + (n > 3 && n + 3 < t->b.width))
            check_tile((tile_case){t, m, n, 1 + (m * 7 + n) % DEEPEST, (m + n) & 1, m & 1, NULL}, &rng);
    for (int64_t k = 1; k <= DEEPEST; k++)
        check_tile((tile_case){t, t->a.width, t->b.width, k, k & 1, k >> 1 & 1, NULL}, &rng);
}

/* --- panels -------------------------------------------------------------------------------------------------------------------- */

static void check_panel(const ct_tiler *t, ct_side side, ct_matrix from, int64_t rows, int64_t k, const void *panel)
{
    for (int64_t l = 0; l < k; l++)
        for (int64_t r = 0; r < side.width; r++)
            assert_true(get(t->dtype, panel, l * side.step + r) == (r < rows ? at(t->dtype, from, r, l) : 0));
}

static void check_pack(const ct_tiler *t, ct_side side, int64_t extent, int64_t k, bool by_columns, support_rng *rng)
{
    ct_matrix from = new_matrix(t->dtype, extent, k, by_columns, extent % 3, rng);
    size_t bytes = ct_panels_bytes(t, side, extent, k) + CT_PANEL_SLACK;
    char *packed = aligned_alloc(64, ct_gemm_aligned(bytes));
    memset(packed, 0xff, bytes);
    ct_pack(t, side, from, extent, k, packed);
    for (int64_t i = 0; i < extent; i += side.width)
        check_panel(t, side, ct_matrix_at(from, t->size, i, 0), extent - i < side.width ? extent - i : side.width, k, packed + (size_t)(i / side.width) * ct_panel_bytes(t, side, k));
    free(packed);
    free((void *)from.data);
}

static void check_panels(const ct_tiler *t)
{
    support_rng rng = {5};
    for (int64_t extent = 1; extent <= 3 * MOST; extent += 1 + extent / 5)
        for (int64_t k = 1; k <= DEEPEST; k += 1 + k / 4)
            for (int layout = 0; layout < 4; layout++)
                check_pack(t, layout & 2 ? t->b : t->a, extent, k, layout & 1, &rng);
}

/* --- products ------------------------------------------------------------------------------------------------------------------ */

static void check_product(const ct_tiler *t, int64_t m, int64_t n, int64_t k, int layout, support_rng *rng)
{
    ct_matrix a = new_matrix(t->dtype, m, k, layout & 1, 0, rng), b = new_matrix(t->dtype, k, n, layout & 2, 1, rng);
    void *c = new_numbers(t->dtype, m * n, rng), *before = new_numbers(t->dtype, m * n, rng), *bias = new_numbers(t->dtype, n, rng), *scratch = aligned_alloc(64, ct_gemm_aligned(ct_gemm_scratch(t, m, n, k)));
    bool beta = layout & 4;
    ct_ahead after = {{ct_matrix_fetch(a, t->size, m, k), ct_matrix_fetch(b, t->size, k, n)}, {0}};
    memcpy(c, before, (size_t)(m * n * t->size));
    const void *added = layout & 8 ? bias : NULL;
    ct_gemm(t, m, n, k, a, b, (ct_target){c, n, beta, added}, scratch, after);
    for (int64_t e = 0; e < m * n; e++)
        assert_true(get(t->dtype, c, e) == expected(t->dtype, a, b, e / n, e % n, k, beta ? get(t->dtype, before, e) : 0) + bias_at(t->dtype, added, e % n));
    free(bias);
    free((void *)a.data);
    free((void *)b.data);
    free(c);
    free(before);
    free(scratch);
}

/* All that a product writes lies within its scratch. */
static void check_room(const ct_tiler *t, int64_t m)
{
    enum { N = 33, K = 70, BEYOND = 64 };
    support_rng rng = {9};
    ct_matrix a = new_matrix(t->dtype, m, K, 1, 0, &rng), b = new_matrix(t->dtype, K, N, 0, 0, &rng);
    size_t bytes = ct_gemm_aligned(ct_gemm_scratch(t, m, N, K));
    char *scratch = aligned_alloc(64, bytes + BEYOND), *c = new_numbers(t->dtype, m * N, &rng), beyond[BEYOND];
    memset(beyond, 0x5a, BEYOND);
    memcpy(scratch + bytes, beyond, BEYOND);
    ct_gemm(t, m, N, K, a, b, (ct_target){c, N, false, NULL}, scratch, (ct_ahead){0});
    assert_memory_equal(scratch + bytes, beyond, BEYOND);
    free((void *)a.data);
    free((void *)b.data);
    free(scratch);
    free(c);
}

static void check_products(const ct_tiler *t)
{
    support_rng rng = {7};
    for (int i = 0; i < 60; i++)
        check_product(t, 1 + support_below(&rng, 90), 1 + support_below(&rng, 90), 1 + support_below(&rng, 600), i, &rng);
    check_product(t, 61, 500, 300, 0, &rng);
    check_product(t, 2 * t->rows + 3, 70, t->depth + 9, 9, &rng);
}

/* Room for a product is room for any that is smaller. */
static void check_scratch(const ct_tiler *t)
{
    for (int64_t m = 1; m < 4 * t->rows; m++)
        assert_true(ct_gemm_scratch(t, m, 40, 300) <= ct_gemm_scratch(t, m + 1, 40, 300));
    for (int64_t m = t->rows - 2 * t->a.width; m <= t->rows + 3 * t->a.width; m++)
        check_room(t, m);
}

/* --- the kernels ---------------------------------------------------------------------------------------------------------------- */

static void check_all(const ct_tiler *t)
{
    check_tiles(t);
    check_panels(t);
    check_products(t);
    check_scratch(t);
}

static void blis(void **state)
{
    (void)state;
    ct_tiler f32 = ct_tiler_blis(CT_F32), f64 = ct_tiler_blis(CT_F64);
    check_all(&f32);
    check_all(&f64);
}

static void avx512(void **state)
{
    (void)state;
    ct_tiler f32, f64;
    if (!ct_tiler_avx512(CT_F32, &f32) || !ct_tiler_avx512(CT_F64, &f64))
        skip();
    check_all(&f32);
    check_all(&f64);
}

/* What the library takes is one of the two: ours where the processor has AVX-512. */
static void the_choice(void **state)
{
    (void)state;
    ct_tiler wide, t = ct_tiler_of(CT_F32);
    bool own = ct_tiler_avx512(CT_F32, &wide);
    assert_true(t.tile == (own ? wide.tile : ct_tiler_blis(CT_F32).tile));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(blis), cmocka_unit_test(avx512), cmocka_unit_test(the_choice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
