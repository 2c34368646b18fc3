/* SPDX-License-Identifier: MIT */
/* Nearest neighbours against plain loops, and what is said of their distances. */
#include "evaluation/distances.h"

#include "rows.h"

static ct_tensor *normal_tensor(int64_t n, int64_t width, const char *stream)
{
    ct_error err;
    float *x = normal_rows(n, width, stream, 0);
    ct_tensor *t = ct_tensor_from(CT_F32, CT_SHAPE(n, width), x, &err);
    assert_ok(t, &err);
    free(x);
    return t;
}

static double naive_distance(const ct_tensor *x, int64_t i, const ct_tensor *y, int64_t j)
{
    int64_t width = ct_tensor_shape(x).dim[1];
    double sum = 0;
    for (int64_t k = 0; k < width; k++)
        sum += pow(ct_tensor_get(x, i * width + k) - ct_tensor_get(y, j * width + k), 2);
    return sqrt(sum);
}

static double naive_nearest(const ct_tensor *x, int64_t i, const ct_tensor *y)
{
    double least = INFINITY;
    for (int64_t j = 0; j < ct_tensor_shape(y).dim[0]; j++)
        least = fmin(least, naive_distance(x, i, y, j));
    return least;
}

/* Sets smaller than a block, of whole blocks, and with a last block that is not full. */
static void equal_to_loops(void **state)
{
    (void)state;
    const int64_t sizes[][2] = {{1, 1}, {3, 40}, {1000, 2}, {5, 2000}, {1003, 1501}};
    for (int s = 0; s < 5; s++) {
        int64_t n = sizes[s][0], m = sizes[s][1];
        ct_tensor *x = normal_tensor(n, 6, "x"), *y = normal_tensor(m, 6, "y");
        neighbour *found = malloc((size_t)n * sizeof *found);
        ct_error err;
        assert_ok(nearest_rows(x, y, 2, found, &err), &err);
        for (int64_t i = 0; i < n; i += 1 + n / 100) {
            assert_close(found[i].distance, naive_nearest(x, i, y), 1e-5);
            assert_close(found[i].distance, naive_distance(x, i, y, found[i].index), 1e-12);
        }
        free(found);
        ct_tensor_free(x);
        ct_tensor_free(y);
    }
}

/* A copy is found, wherever it stands, at distance 0 exactly; on any number of threads all is the same. */
static void copies(void **state)
{
    (void)state;
    enum { N = 1100, M = 2300, WIDTH = 9 };
    ct_tensor *x = normal_tensor(N, WIDTH, "x"), *y = normal_tensor(M, WIDTH, "y");
    neighbour found[2][N];
    ct_error err;
    for (int64_t i = 0; i < N; i += 7)
        for (int64_t k = 0; k < WIDTH; k++)
            ct_tensor_set(y, (2 * i + 50) % M * WIDTH + k, ct_tensor_get(x, i * WIDTH + k));
    assert_ok(nearest_rows(x, y, 1, found[0], &err) && nearest_rows(x, y, 3, found[1], &err), &err);
    for (int64_t i = 0; i < N; i++) {
        assert_int_equal(found[0][i].index, found[1][i].index);
        assert_true(found[0][i].distance == found[1][i].distance);
        if (i % 7 == 0) {
            assert_int_equal(found[0][i].index, (2 * i + 50) % M);
            assert_true(found[0][i].distance == 0);
        }
    }
    ct_tensor_free(x);
    ct_tensor_free(y);
}

static void not_finite(void **state)
{
    (void)state;
    ct_tensor *x = normal_tensor(4, 3, "x"), *y = normal_tensor(5, 3, "y");
    neighbour found[4];
    ct_error err;
    ct_tensor_set(x, 2 * 3, NAN);
    assert_false(nearest_rows(x, y, 1, found, &err));
    assert_error(&err, CT_E_NUMERIC, "row 2");
    ct_tensor_free(x);
    ct_tensor_free(y);
}

/* 100, 99, ..., 1 at scale 1/2. */
static void said_of_distances(void **state)
{
    (void)state;
    neighbour of[100];
    distances d;
    ct_error err;
    for (int i = 0; i < 100; i++)
        of[i] = (neighbour){100 - i, 0};
    assert_ok(distances_init(&d, 100, of, 0.5, &err), &err);
    assert_close(distances_mean(&d), 25.25, 1e-12);
    assert_close(distances_quantile(&d, 0.01), 0.5, 0);
    assert_close(distances_quantile(&d, 0.5), 25, 0);
    assert_close(distances_quantile(&d, 0.501), 25.5, 0);
    assert_close(distances_quantile(&d, 1), 50, 0);
    assert_close(distances_share_below(&d, 0.5), 0, 0);
    assert_close(distances_share_below(&d, 10.25), 0.2, 1e-15);
    assert_close(distances_share_below(&d, 1000), 1, 0);
    distances_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_loops),
        cmocka_unit_test(copies),
        cmocka_unit_test(not_finite),
        cmocka_unit_test(said_of_distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
