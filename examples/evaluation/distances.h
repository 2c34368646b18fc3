/* SPDX-License-Identifier: MIT */
/* What is said of many distances. */
#ifndef DISTANCES_H
#define DISTANCES_H

#include "nearest.h"

typedef struct distances {
    int64_t count;
    double *sorted;  /* [count], rising */
} distances;

/* Those of n neighbours, times `scale`. To be freed also after a failure. */
bool distances_init(distances *d, int64_t n, const neighbour *of, double scale, ct_error *err);
void distances_free(distances *d);

double distances_mean(const distances *d);
/* The smallest distance that at least a `share` of all, above 0 and up to 1, do not exceed. */
double distances_quantile(const distances *d, double share);
/* The share of distances below `limit`. */
double distances_share_below(const distances *d, double limit);

#endif
