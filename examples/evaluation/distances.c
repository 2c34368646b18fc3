/* SPDX-License-Identifier: MIT */
/* Sorted distances. */
#include "distances.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool distances_init(distances *d, int64_t n, const neighbour *of, double scale, ct_error *err)
{
    *d = (distances){.count = n, .sorted = malloc((size_t)n * sizeof *d->sorted)};
    if (!d->sorted)
        return ct_fail(err, CT_E_MEMORY, "out of memory");
    for (int64_t i = 0; i < n; i++)
        d->sorted[i] = of[i].distance * scale;
    qsort(d->sorted, (size_t)n, sizeof *d->sorted, compare);
    return true;
}

void distances_free(distances *d)
{
    free(d->sorted);
}

double distances_mean(const distances *d)
{
    double sum = 0;
    for (int64_t i = 0; i < d->count; i++)
        sum += d->sorted[i];
    return sum / (double)d->count;
}

double distances_quantile(const distances *d, double share)
{
    int64_t place = (int64_t)ceil(share * (double)d->count) - 1;
    return d->sorted[place < 0 ? 0 : place < d->count ? place : d->count - 1];
}

double distances_share_below(const distances *d, double limit)
{
    int64_t below = 0;
    while (below < d->count && d->sorted[below] < limit)
        below++;
    return (double)below / (double)d->count;
}
