/* SPDX-License-Identifier: MIT */
/* The Frechet distance through two symmetric eigendecompositions. */
#include "frechet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eigen.h"

/* out = B S B^T, all [n, n]. */
static void congruence(int64_t n, const double *B, const double *S, double *half, double *out)
{
    memset(half, 0, (size_t)(n * n) * sizeof *half);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < n; k++)
            for (int64_t j = 0; j < n; j++)
                half[i * n + j] += B[i * n + k] * S[k * n + j];
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t k = 0; k < n; k++)
                sum += half[i * n + k] * B[j * n + k];
            out[i * n + j] = sum;
        }
}

/* What rounding made of a zero is cut off. */
static double root(double eigenvalue)
{
    return eigenvalue > 0 ? sqrt(eigenvalue) : 0;
}

/* tr((S1^1/2 S2 S1^1/2)^1/2). With S1 = V W V^T it is S1^1/2 = V W^1/2 V^T, and since V is a rotation, the matrix under
 * the root has the eigenvalues of B S2 B^T, B = W^1/2 V^T. `work` is 3 n n + n numbers. */
static bool trace_of_root(int64_t n, const double *S1, const double *S2, double *work, double *trace, ct_error *err)
{
    double *B = work, *half = B + n * n, *product = half + n * n, *w = product + n * n;
    memcpy(B, S1, (size_t)(n * n) * sizeof *B);
    if (!eigen_symmetric(n, B, w, true, err))
        return false;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            B[i * n + j] *= root(w[i]);
    congruence(n, B, S2, half, product);
    if (!eigen_symmetric(n, product, w, false, err))
        return false;
    *trace = 0;
    for (int64_t i = 0; i < n; i++)
        *trace += root(w[i]);
    return true;
}

bool frechet_distance(int64_t width, const double *mean1, const double *covariance1, const double *mean2,
                      const double *covariance2, double *distance, ct_error *err)
{
    double *work = malloc((size_t)(3 * width * width + width) * sizeof *work);
    double trace, sum = 0;
    if (!work)
        return ct_fail(err, CT_E_MEMORY, "out of memory");
    bool ok = trace_of_root(width, covariance1, covariance2, work, &trace, err);
    free(work);
    if (!ok)
        return false;
    for (int64_t i = 0; i < width; i++) {
        double apart = mean1[i] - mean2[i];
        sum += apart * apart + covariance1[i * width + i] + covariance2[i * width + i];
    }
    *distance = fmax(0, sum - 2 * trace);
    return isfinite(sum) || ct_fail(err, CT_E_NUMERIC, "a mean is not finite");
}

static bool distance_of(const statistics *a, const statistics *b, double *work, double *distance, ct_error *err)
{
    int64_t d = a->width;
    double *mean1 = work, *mean2 = mean1 + d, *covariance1 = mean2 + d, *covariance2 = covariance1 + d * d;
    statistics_mean(a, mean1);
    statistics_mean(b, mean2);
    statistics_covariance(a, covariance1);
    statistics_covariance(b, covariance2);
    return frechet_distance(d, mean1, covariance1, mean2, covariance2, distance, err);
}

bool frechet_between(const statistics *a, const statistics *b, double *distance, ct_error *err)
{
    if (a->count < 2 || b->count < 2)
        return ct_fail(err, CT_E_ARGUMENT, "a Frechet distance needs two rows on both sides, got %lld and %lld",
                       (long long)a->count, (long long)b->count);
    double *work = malloc((size_t)(2 * a->width * (a->width + 1)) * sizeof *work);
    bool ok = work ? distance_of(a, b, work, distance, err) : ct_fail(err, CT_E_MEMORY, "out of memory");
    free(work);
    return ok;
}
