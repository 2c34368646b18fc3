/* SPDX-License-Identifier: MIT */
/* The Frechet distance between two normal distributions (Dowson and Landau, 1982), which on features of some network is
 * what is called FID (Heusel et al., arXiv 1706.08500):
 *
 *     |m1 - m2|^2 + tr(S1) + tr(S2) - 2 tr((S1^1/2 S2 S1^1/2)^1/2)
 *
 * It is the square of a distance, and commonly called the distance. */
#ifndef FRECHET_H
#define FRECHET_H

#include "statistics.h"

/* Means [width] and covariances [width, width], symmetric. CT_E_NUMERIC when they are not finite. */
bool frechet_distance(int64_t width, const double *mean1, const double *covariance1, const double *mean2,
                      const double *covariance2, double *distance, ct_error *err);

/* Between the rows of two sets of equal width; CT_E_ARGUMENT for fewer than two rows. */
bool frechet_between(const statistics *a, const statistics *b, double *distance, ct_error *err);

#endif
