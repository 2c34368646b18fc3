/* SPDX-License-Identifier: MIT */
/* The Frechet distance against what is known of it in closed form. */
#include "evaluation/frechet.h"

#include <string.h>

#include "rows.h"

enum { D = 6 };

static double distance(int64_t width, const double *m1, const double *s1, const double *m2, const double *s2)
{
    ct_error err;
    double found = -1;
    assert_ok(frechet_distance(width, m1, s1, m2, s2, &found, &err), &err);
    return found;
}

static void fill(support_rng *rng, int64_t n, double *x, double low, double high)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = support_uniform(rng, low, high);
}

/* A rotation of D axes: the product of reflections I - 2 u u^T at two random planes. */
static void rotation(support_rng *rng, double *R)
{
    for (int64_t i = 0; i < D * D; i++)
        R[i] = i % (D + 1) == 0;
    for (int round = 0; round < 2; round++) {
        double u[D], square = 0;
        fill(rng, D, u, -1, 1);
        for (int i = 0; i < D; i++)
            square += u[i] * u[i];
        for (int row = 0; row < D; row++) {
            double along = 0;
            for (int i = 0; i < D; i++)
                along += R[row * D + i] * u[i];
            for (int i = 0; i < D; i++)
                R[row * D + i] -= 2 * along * u[i] / square;
        }
    }
}

/* out = R S R^T; with S the diagonal matrix of a [D] where `diagonal`. */
static void rotated(const double *R, const double *S, bool diagonal, double *out)
{
    for (int i = 0; i < D; i++)
        for (int j = 0; j < D; j++) {
            double sum = 0;
            for (int k = 0; k < D; k++)
                for (int l = 0; l < D; l++)
                    sum += R[i * D + k] * (diagonal ? (k == l ? S[k] : 0) : S[k * D + l]) * R[j * D + l];
            out[i * D + j] = sum;
        }
}

/* Covariances that share their axes, whichever those are: |m1 - m2|^2 + sum (sqrt(a) - sqrt(b))^2. */
static void shared_axes(void **state)
{
    (void)state;
    support_rng rng = {3};
    for (int round = 0; round < 20; round++) {
        double R[D * D], a[D], b[D], S1[D * D], S2[D * D], m1[D], m2[D], expected = 0;
        rotation(&rng, R);
        fill(&rng, D, a, 0, 9);
        fill(&rng, D, b, 0, 4);
        fill(&rng, D, m1, -3, 3);
        fill(&rng, D, m2, -3, 3);
        for (int i = 0; i < D; i++)
            expected += (m1[i] - m2[i]) * (m1[i] - m2[i]) + pow(sqrt(a[i]) - sqrt(b[i]), 2);
        rotated(R, a, true, S1);
        rotated(R, b, true, S2);
        assert_close(distance(D, m1, S1, m2, S2), expected, 1e-11);
    }
}

/* Two dimensions, any axes: tr((S1^1/2 S2 S1^1/2)^1/2) = sqrt(tr(S1 S2) + 2 sqrt(det(S1 S2))). */
static void two_dimensions(void **state)
{
    (void)state;
    support_rng rng = {5};
    const double zero[2] = {0, 0};
    for (int round = 0; round < 50; round++) {
        double S[2][4], det[2], trace[2];
        for (int i = 0; i < 2; i++) {
            double p = support_uniform(&rng, 0.1, 3), q = support_uniform(&rng, 0.1, 3), r = support_uniform(&rng, -2, 2);
            double set[4] = {p * p + r * r, r * q, r * q, q * q};
            memcpy(S[i], set, sizeof set);
            det[i] = p * p * q * q;
            trace[i] = set[0] + set[3];
        }
        double cross = S[0][0] * S[1][0] + 2 * S[0][1] * S[1][1] + S[0][3] * S[1][3];
        double expected = trace[0] + trace[1] - 2 * sqrt(cross + 2 * sqrt(det[0] * det[1]));
        assert_close(distance(2, zero, S[0], zero, S[1]), expected, 1e-11);
        assert_close(distance(2, zero, S[1], zero, S[0]), expected, 1e-11);
    }
}

/* A covariance without extent in some directions, and one without any: tr(S) is left. */
static void flat(void **state)
{
    (void)state;
    support_rng rng = {7};
    double R[D * D], a[D] = {4, 2, 1}, none[D] = {0}, S[D * D], nothing[D * D], m[D] = {0};
    rotation(&rng, R);
    rotated(R, a, true, S);
    rotated(R, none, true, nothing);
    assert_close(distance(D, m, S, m, nothing), 7, 1e-11);
    assert_close(distance(D, m, nothing, m, S), 7, 1e-11);
    assert_close(distance(D, m, S, m, S), 0, 1e-6);
}

/* --- of rows -------------------------------------------------------------------------------------------------------- */

enum { N = 300 };

static void add_rows(statistics *s, const float *x)
{
    ct_error err;
    assert_ok(statistics_init(s, D, &err), &err);
    statistics_add(s, N, x);
}

static double between(const float *x, const float *y)
{
    statistics a, b;
    ct_error err;
    double found = -1;
    add_rows(&a, x);
    add_rows(&b, y);
    assert_ok(frechet_between(&a, &b, &found, &err), &err);
    statistics_free(&a);
    statistics_free(&b);
    return found;
}

/* y = scale R x + shift, row by row. */
static float *moved(const float *x, const double *R, double scale, double shift)
{
    float *y = malloc(N * D * sizeof *y);
    assert_non_null(y);
    for (int64_t row = 0; row < N; row++)
        for (int64_t i = 0; i < D; i++) {
            double sum = 0;
            for (int64_t j = 0; j < D; j++)
                sum += R[i * D + j] * x[row * D + j];
            y[row * D + i] = (float)(scale * sum + shift);
        }
    return y;
}

static const double identity[D * D] = {[0] = 1, [D + 1] = 1, [2 * D + 2] = 1, [3 * D + 3] = 1, [4 * D + 4] = 1, [5 * D + 5] = 1};

/* The same set: 0. The set moved by s along each axis: D s^2. Made k times as large about zero: (k - 1)^2 (|m|^2 + tr S). */
static void moved_sets(void **state)
{
    (void)state;
    float *x = normal_rows(N, D, "x", 0), *y = moved(x, identity, 1, 0.5), *z = moved(x, identity, 2, 0);
    double about_zero = 0;
    statistics s;
    double mean[D], covariance[D * D];
    add_rows(&s, x);
    statistics_mean(&s, mean);
    statistics_covariance(&s, covariance);
    statistics_free(&s);
    for (int i = 0; i < D; i++)
        about_zero += mean[i] * mean[i] + covariance[i * D + i];
    assert_close(between(x, x), 0, 1e-12);
    assert_close(between(x, y), D * 0.25, 1e-5);
    assert_close(between(x, z), about_zero, 1e-5);
    free(x);
    free(y);
    free(z);
}

/* Turning both sets by the same rotation changes nothing; turning one does. */
static void both_rotated(void **state)
{
    (void)state;
    support_rng rng = {9};
    double R[D * D];
    float *x = normal_rows(N, D, "x", 0), *y = normal_rows(N, D, "y", 0);
    rotation(&rng, R);
    for (int64_t i = 0; i < N * D; i++)
        y[i] *= (float)(1 + i % D);
    float *rx = moved(x, R, 1, 0), *ry = moved(y, R, 1, 0);
    double plain = between(x, y);
    assert_close(between(rx, ry), plain, 1e-4);
    assert_true(fabs(between(y, ry) - between(y, y)) > 1);
    free(x);
    free(y);
    free(rx);
    free(ry);
}

static void refused(void **state)
{
    (void)state;
    double m[2] = {0, 0}, S[4] = {1, 0, 0, 1}, bad[4] = {1, 0, 0, NAN}, far[2] = {INFINITY, 0}, found;
    ct_error err;
    assert_false(frechet_distance(2, m, bad, m, S, &found, &err));
    assert_error(&err, CT_E_NUMERIC, "finite");
    assert_false(frechet_distance(2, m, S, m, bad, &found, &err));
    assert_error(&err, CT_E_NUMERIC, "finite");
    assert_false(frechet_distance(2, far, S, m, S, &found, &err));
    assert_error(&err, CT_E_NUMERIC, "finite");
    statistics a, b;
    assert_ok(statistics_init(&a, 2, &err) && statistics_init(&b, 2, &err), &err);
    statistics_add(&a, 2, (float[]){0, 1, 1, 0});
    statistics_add(&b, 1, (float[]){0, 1});
    assert_false(frechet_between(&a, &b, &found, &err));
    assert_error(&err, CT_E_ARGUMENT, "got 2 and 1");
    statistics_free(&a);
    statistics_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_axes),
        cmocka_unit_test(two_dimensions),
        cmocka_unit_test(flat),
        cmocka_unit_test(moved_sets),
        cmocka_unit_test(both_rotated),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
