/* SPDX-License-Identifier: MIT */
/* Mean and covariance of rows that come in batches. */
#include "evaluation/statistics.h"

#include <string.h>

#include "rows.h"

enum { N = 500, WIDTH = 7 };

static void of_rows(const float *x, int64_t n, int64_t batch, double *mean, double *covariance)
{
    statistics s;
    ct_error err;
    assert_ok(statistics_init(&s, WIDTH, &err), &err);
    for (int64_t first = 0; first < n; first += batch)
        statistics_add(&s, first + batch > n ? n - first : batch, x + first * WIDTH);
    assert_int_equal(s.count, n);
    statistics_mean(&s, mean);
    statistics_covariance(&s, covariance);
    statistics_free(&s);
}

/* Against two passes, also where the rows lie far from zero: sums of squares of 10,000 would keep no more than eight digits. */
static void equal_to_two_passes(void **state)
{
    (void)state;
    float *x = normal_rows(N, WIDTH, "rows", 0);
    double mean[WIDTH], covariance[WIDTH * WIDTH];
    for (int64_t i = 0; i < N * WIDTH; i++)
        x[i] = 10000 + (float)(1 + i % WIDTH) * x[i] + x[i / WIDTH * WIDTH];
    of_rows(x, N, 64, mean, covariance);
    for (int64_t a = 0; a < WIDTH; a++) {
        double sum = 0;
        for (int64_t i = 0; i < N; i++)
            sum += x[i * WIDTH + a];
        assert_close(mean[a], sum / N, 1e-9);
    }
    for (int64_t a = 0; a < WIDTH; a++)
        for (int64_t b = 0; b < WIDTH; b++) {
            double sum = 0;
            for (int64_t i = 0; i < N; i++)
                sum += (x[i * WIDTH + a] - mean[a]) * (x[i * WIDTH + b] - mean[b]);
            assert_close(covariance[a * WIDTH + b], sum / (N - 1), 1e-9);
        }
    free(x);
}

/* The bits do not depend on how the rows are cut. */
static void batches_do_not_matter(void **state)
{
    (void)state;
    float *x = normal_rows(N, WIDTH, "rows", 0);
    double mean[2][WIDTH], covariance[2][WIDTH * WIDTH];
    of_rows(x, N, N, mean[0], covariance[0]);
    const int64_t batches[] = {1, 3, 64, 499};
    for (int i = 0; i < 4; i++) {
        of_rows(x, N, batches[i], mean[1], covariance[1]);
        assert_memory_equal(mean[0], mean[1], sizeof mean[0]);
        assert_memory_equal(covariance[0], covariance[1], sizeof covariance[0]);
    }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_two_passes),
        cmocka_unit_test(batches_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
