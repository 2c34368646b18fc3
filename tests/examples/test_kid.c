/* SPDX-License-Identifier: MIT */
/* KID against its definition, and without bias. */
#include "evaluation/kid.h"

#include "rows.h"

static void add_rows(kid_set *s, int64_t n, int64_t width, const float *x, int64_t batch, int64_t threads)
{
    ct_error err;
    assert_ok(kid_init(s, width, threads, &err), &err);
    for (int64_t first = 0; first < n; first += batch)
        assert_ok(kid_add(s, first + batch > n ? n - first : batch, x + first * width, &err), &err);
    assert_ok(kid_finish(s, &err), &err);
    assert_int_equal(s->count, n);
}

/* n rows x and m rows y. */
static double between(int64_t n, const float *x, int64_t m, const float *y, int64_t width, int64_t batch, int64_t threads)
{
    kid_set a, b;
    ct_error err;
    double found = 0;
    add_rows(&a, n, width, x, batch, threads);
    add_rows(&b, m, width, y, batch, threads);
    assert_ok(kid_between(&a, &b, &found, &err), &err);
    kid_free(&a);
    kid_free(&b);
    return found;
}

static double kernel(int64_t width, const float *x, const float *y)
{
    double product = 0;
    for (int64_t i = 0; i < width; i++)
        product += (double)x[i] * y[i];
    return pow(product / (double)width + 1, 3);
}

/* Mean of the kernel over pairs of rows; without those of a row with itself unless `all`. */
static double mean_kernel(int64_t n, const float *x, int64_t m, const float *y, int64_t width, bool all)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++)
            sum += all || i != j ? kernel(width, x + i * width, y + j * width) : 0;
    return sum / ((double)n * (double)(all ? m : m - 1));
}

/* The definition, as it stands in the paper; with `biased`, pairs of a row with itself count too. */
static double definition(int64_t n, const float *x, int64_t m, const float *y, int64_t width, bool biased)
{
    return mean_kernel(n, x, n, x, width, biased) + mean_kernel(m, y, m, y, width, biased) -
           2 * mean_kernel(n, x, m, y, width, true);
}

/* Sets of many sizes, around those of the batches that are added up at once. */
static void equal_to_double_loop(void **state)
{
    (void)state;
    const int64_t sizes[][3] = {{2, 2, 1}, {3, 5, 2}, {17, 9, 5}, {127, 128, 3}, {129, 300, 4}};
    for (int i = 0; i < 5; i++) {
        int64_t n = sizes[i][0], m = sizes[i][1], width = sizes[i][2];
        float *x = normal_rows(n, width, "x", (uint64_t)i), *y = normal_rows(m, width, "y", (uint64_t)i);
        for (int64_t j = 0; j < m * width; j++)
            y[j] = y[j] * 1.5f + 0.5f;
        double expected = definition(n, x, m, y, width, false);
        assert_close(between(n, x, m, y, width, n, 1), expected, 1e-11 * (1 + fabs(expected)));
        free(x);
        free(y);
    }
}

/* The bits depend neither on how rows are cut into batches nor on threads. */
static void batches_and_threads_do_not_matter(void **state)
{
    (void)state;
    float *x = normal_rows(400, 8, "x", 0), *y = normal_rows(333, 8, "y", 0);
    double expected = between(400, x, 333, y, 8, 400, 1);
    const int64_t batches[] = {1, 50, 128, 399};
    for (int i = 0; i < 4; i++)
        assert_true(between(400, x, 333, y, 8, batches[i], 1 + i % 3) == expected);
    free(x);
    free(y);
}

/* Over many draws of two sets from one distribution the mean lies within five of its standard errors of zero; that of the biased estimator, on the same draws,
 * does not. */
static void no_bias(void **state)
{
    (void)state;
    enum { DRAWS = 400, N = 12, M = 9, WIDTH = 3 };
    double sum[2] = {0}, squares[2] = {0};
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        float *x = normal_rows(N, WIDTH, "x", draw), *y = normal_rows(M, WIDTH, "y", draw);
        double found[2] = {between(N, x, M, y, WIDTH, N, 1), definition(N, x, M, y, WIDTH, true)};
        for (int i = 0; i < 2; i++) {
            sum[i] += found[i];
            squares[i] += found[i] * found[i];
        }
        free(x);
        free(y);
    }
    double error[2];
    for (int i = 0; i < 2; i++)
        error[i] = sqrt((squares[i] - sum[i] * sum[i] / DRAWS) / (DRAWS - 1) / DRAWS);
    assert_close(sum[0] / DRAWS, 0, 5 * error[0]);
    assert_true(sum[1] / DRAWS > 5 * error[1]);
}

/* Of two normal distributions in one dimension with deviation 1 and means 0 and s: E k = E (x y + 1)^3 by moments; with
 * E x^2 = 1 + s^2 and E x^3 = s^3 + 3 s it is (s^3 + 3 s)^2 + 3 (1 + s^2)^2 + 3 s^2 + 1 within, and 3 + 1 across from 0. */
static void closed_form(void **state)
{
    (void)state;
    enum { N = 20000 };
    const double s = 1;
    double third = s * s * s + 3 * s, second = 1 + s * s;
    double within0 = 4, within1 = third * third + 3 * second * second + 3 * s * s + 1, across = 3 * second + 1;
    float *x = normal_rows(N, 1, "x", 0), *y = normal_rows(N, 1, "y", 0);
    for (int64_t i = 0; i < N; i++)
        y[i] += (float)s;
    double expected = within0 + within1 - 2 * across;
    assert_close(between(N, x, N, y, 1, N, 1), expected, 0.05 * expected);
    free(x);
    free(y);
}

static void refused(void **state)
{
    (void)state;
    kid_set a, b;
    ct_error err;
    double found;
    add_rows(&a, 2, 2, (float[]){0, 1, 1, 0}, 2, 1);
    add_rows(&b, 1, 2, (float[]){0, 1}, 1, 1);
    assert_false(kid_between(&a, &b, &found, &err));
    assert_error(&err, CT_E_ARGUMENT, "got 2 and 1");
    kid_free(&b);
    add_rows(&b, 2, 2, (float[]){0, 1, NAN, 0}, 2, 1);
    assert_false(kid_between(&a, &b, &found, &err));
    assert_error(&err, CT_E_NUMERIC, "not finite");
    kid_free(&a);
    kid_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_double_loop),
        cmocka_unit_test(batches_and_threads_do_not_matter),
        cmocka_unit_test(no_bias),
        cmocka_unit_test(closed_form),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
