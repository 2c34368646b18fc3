/* SPDX-License-Identifier: MIT */
/* Gather and scatter-add against plain loops, indices out of range, and the same bits for any number of threads. */
#include "arrays.h"

#include <cotangent/kernels.h>

typedef struct extents {
    int64_t outer, rows, inner, picks;
} extents;

static const extents cases[] = {
    {1, 1, 1, 1}, {1, 10, 1, 300}, {5, 7, 3, 11}, {1, 11, 128, 64}, {64, 10, 1, 1}, {3, 50, 17, 1000},
    {2, 0, 3, 4}, {2, 3, 0, 4}, {0, 3, 2, 4}, {2, 3, 4, 0}, {1, 1000, 64, 2000}, {1, 3, 40, 4000},
};
enum { CASES = sizeof cases / sizeof *cases };

/* Some of the indices are outside, on either side. */
static ct_array new_index(int64_t picks, int64_t rows, support_rng *rng)
{
    ct_array index = new_zeros(CT_I32, CT_SHAPE(picks));
    for (int64_t i = 0; i < picks; i++)
        set_element(&index, i, (double)(support_below(rng, rows + 4) - 2));
    if (picks > 1)
        set_element(&index, picks / 2, INT32_MIN);
    return index;
}

static void gathers(void **state)
{
    (void)state;
    support_rng rng = {41};
    for (int i = 0; i < CASES * CT_DTYPES; i++) {
        extents e = cases[i / CT_DTYPES];
        ct_dtype dtype = (ct_dtype)(i % CT_DTYPES);
        ct_array x = new_array(dtype, CT_SHAPE(e.outer, e.rows, e.inner), &rng, 1, 200), index = new_index(e.picks,
            e.rows, &rng);
        ct_array y = new_array(dtype, CT_SHAPE(e.outer, e.picks, e.inner), &rng, 1, 200);
        ct_gather(y, x, index, e.outer, e.rows, e.inner, 1 + i % 3);
        for (int64_t j = 0; j < ct_array_count(&y); j++) {
            int64_t o = j / (e.picks * e.inner), n = j % e.inner, row = (int64_t)element(&index, j / e.inner % e.picks);
            double expected = row < 0 || row >= e.rows ? 0 : element(&x, (o * e.rows + row) * e.inner + n);
            assert_close(element(&y, j), expected, 0);
        }
        free(x.data);
        free(y.data);
        free(index.data);
    }
}

/* In the order of the indices: the plain loop in the same type gives the same bits. */
static void scatters_in_order(void **state)
{
    (void)state;
    support_rng rng = {42};
    for (int i = 0; i < CASES * CT_DTYPES; i++) {
        extents e = cases[i / CT_DTYPES];
        ct_dtype dtype = (ct_dtype)(i % CT_DTYPES);
        ct_array u = new_array(dtype, CT_SHAPE(e.outer, e.picks, e.inner), &rng, 0, dtype == CT_U8 ? 1.5 : 100);
        ct_array index = new_index(e.picks, e.rows, &rng), expected = new_zeros(dtype, CT_SHAPE(e.outer, e.rows,
            e.inner));
        for (int64_t j = 0; j < ct_array_count(&u); j++) {
            int64_t o = j / (e.picks * e.inner), n = j % e.inner, row = (int64_t)element(&index, j / e.inner % e.picks);
            int64_t to = (o * e.rows + row) * e.inner + n;
            if (row >= 0 && row < e.rows)
                set_element(&expected, to, fmod(element(&expected, to) + element(&u, j), dtype == CT_U8 ? 256
                    : INFINITY));
        }
        for (int threads = 1; threads <= 3; threads++) {
            ct_array y = new_array(dtype, expected.shape, &rng, 1, 2);
            ct_scatter_add(y, u, index, e.outer, e.rows, e.inner, threads);
            assert_same_bits(&y, &expected, "scatter-add and the plain loop");
            free(y.data);
        }
        free(u.data);
        free(expected.data);
        free(index.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gathers), cmocka_unit_test(scatters_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
