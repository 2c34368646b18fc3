/* SPDX-License-Identifier: MIT */
/* Sums of rows and of their products, relative to the first row. */
#include "statistics.h"

#include <stdlib.h>

bool statistics_init(statistics *s, int64_t width, ct_error *err)
{
    *s = (statistics){.width = width};
    s->shift = calloc((size_t)width, sizeof *s->shift);
    s->sum = calloc((size_t)width, sizeof *s->sum);
    s->products = calloc((size_t)(width * width), sizeof *s->products);
    return (s->shift && s->sum && s->products) || ct_fail(err, CT_E_MEMORY, "out of memory");
}

void statistics_free(statistics *s)
{
    free(s->shift);
    free(s->sum);
    free(s->products);
}

static void add_row(statistics *s, const float *row)
{
    int64_t d = s->width;
    for (int64_t i = 0; i < d; i++) {
        double x = row[i] - s->shift[i], *to = s->products + i * d;
        s->sum[i] += x;
        for (int64_t j = i; j < d; j++)
            to[j] += x * (row[j] - s->shift[j]);
    }
}

void statistics_add(statistics *s, int64_t n, const float *rows)
{
    for (int64_t i = 0; s->count == 0 && n > 0 && i < s->width; i++)
        s->shift[i] = rows[i];
    for (int64_t i = 0; i < n; i++)
        add_row(s, rows + i * s->width);
    s->count += n;
}

void statistics_mean(const statistics *s, double *mean)
{
    for (int64_t i = 0; i < s->width; i++)
        mean[i] = s->shift[i] + s->sum[i] / (double)s->count;
}

/* sum (x - mean)(x - mean)^T = sum (x - shift)(x - shift)^T - sum sum^T / n */
void statistics_covariance(const statistics *s, double *covariance)
{
    int64_t d = s->width;
    double n = (double)s->count;
    for (int64_t i = 0; i < d; i++)
        for (int64_t j = i; j < d; j++) {
            double about_mean = s->products[i * d + j] - s->sum[i] * s->sum[j] / n;
            covariance[i * d + j] = covariance[j * d + i] = about_mean / (n - 1);
        }
}
