/* SPDX-License-Identifier: MIT */
/* The Kolmogorov-Smirnov distance of numbers to a distribution. */
#ifndef KS_H
#define KS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static inline int ks_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Largest distance between the empirical and the given distribution function; sorts x. */
static inline double ks_distance(double *x, int64_t n, double (*cdf)(double x, const double *parameter), const double *parameter)
{
    double d = 0;
    qsort(x, (size_t)n, sizeof *x, ks_compare);
    for (int64_t i = 0; i < n; i++) {
        double f = cdf(x[i], parameter);
        d = fmax(d, fmax(fabs(f - (double)i / (double)n), fabs(f - (double)(i + 1) / (double)n)));
    }
    return d;
}

/* Exceeded by chance once in a million draws of n numbers. */
static inline double ks_limit(int64_t n)
{
    return 2.7 / sqrt((double)n);
}

/* sigmoid(N(parameter[0], parameter[1])) */
static inline double ks_logit_normal(double x, const double *parameter)
{
    double logit = log(x) - log1p(-x);
    return 0.5 * erfc(-(logit - parameter[0]) / (parameter[1] * sqrt(2)));
}

static inline double ks_uniform(double x, const double *parameter)
{
    (void)parameter;
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

#endif
