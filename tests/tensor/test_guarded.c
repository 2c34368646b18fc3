/* SPDX-License-Identifier: MIT */
/* Products read and write nothing beyond their matrices: each ends where a page that must not be touched begins. */
#define _DEFAULT_SOURCE
#include "support.h"

#include <cotangent/kernels.h>
#include <sys/mman.h>
#include <unistd.h>

/* Memory of `bytes` bytes with a forbidden page right behind. */
typedef struct guarded {
    char *pages;
    size_t size;  /* of the pages, the forbidden one included */
    void *data;
} guarded;

static guarded guarded_new(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = (bytes + page - 1) / page * page;
    guarded g = {.size = body + page};
    g.pages = mmap(NULL, g.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(g.pages != MAP_FAILED);
    assert_int_equal(mprotect(g.pages + body, page, PROT_NONE), 0);
    g.data = g.pages + body - bytes;
    return g;
}

static ct_array matrix(guarded *g, ct_dtype dtype, int64_t rows, int64_t columns, bool by_columns)
{
    *g = guarded_new((size_t)(rows * columns) * ct_dtype_size(dtype));
    ct_array a = ct_array_make(g->data, dtype, by_columns ? CT_SHAPE(columns, rows) : CT_SHAPE(rows, columns));
    ct_fill(a, 1, 1);
    return by_columns ? ct_array_permute(a, (int[]){1, 0}) : a;
}

/* With scratch that ends at a forbidden page too. */
static void multiply_guarded(ct_array c, ct_array a, ct_array b, int threads)
{
    guarded scratch = guarded_new(ct_matmul_scratch(c, a, b, threads));
    ct_matmul_kernel(c, a, b, 0, scratch.data, threads);
    munmap(scratch.pages, scratch.size);
}

/* Of ones by ones, every element is k. */
static void check(ct_dtype dtype, int64_t m, int64_t n, int64_t k, int layout)
{
    guarded ga, gb, gc;
    ct_array a = matrix(&ga, dtype, m, k, layout & 1), b = matrix(&gb, dtype, k, n, layout >> 1 & 1), c = matrix(&gc, dtype, m, n, false);
    multiply_guarded(c, a, b, 1 + layout % 3);
    for (int64_t i = 0; i < m * n; i++)
        assert_close(dtype == CT_F32 ? ((float *)c.data)[i] : ((double *)c.data)[i], (double)k, 0);
    munmap(ga.pages, ga.size);
    munmap(gb.pages, gb.size);
    munmap(gc.pages, gc.size);
}

static void products_stay_within_their_matrices(void **state)
{
    (void)state;
    support_rng rng = {77};
    for (int i = 0; i < 3000; i++) {
        int64_t m = i % 7 ? 1 + support_below(&rng, 70) : 1, n = i % 11 ? 1 + support_below(&rng, 70) : 1;
        check(i % 2 ? CT_F32 : CT_F64, m, n, 1 + support_below(&rng, 90), i % 4);
    }
}

static void skinny_products_stay_within_their_matrices(void **state)
{
    (void)state;
    support_rng rng = {78};
    for (int i = 0; i < 60; i++)
        check(i % 2 ? CT_F32 : CT_F64, 1 + support_below(&rng, 64), 1000 + support_below(&rng, 300), 500 + support_below(&rng, 100), i % 4);
}

static void large_products_stay_within_their_matrices(void **state)
{
    (void)state;
    support_rng rng = {79};
    for (int i = 0; i < 60; i++)
        check(i % 2 ? CT_F32 : CT_F64, 129 + support_below(&rng, 300), 100 + support_below(&rng, 300), 500 + support_below(&rng, 100), i % 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_stay_within_their_matrices),
        cmocka_unit_test(skinny_products_stay_within_their_matrices),
        cmocka_unit_test(large_products_stay_within_their_matrices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
