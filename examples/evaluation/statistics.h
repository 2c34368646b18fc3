/* SPDX-License-Identifier: MIT */
/* Mean and covariance, in float64, of rows that come in batches. */
#ifndef STATISTICS_H
#define STATISTICS_H

#include <cotangent.h>

typedef struct statistics {
    int64_t width, count;
    double *shift;     /* [width]: the first row, so that sums of squares stay as small as the spread of the rows */
    double *sum;       /* [width]: sum of x - shift */
    double *products;  /* [width, width]: sum of (x - shift)(x - shift)^T, on and above the diagonal */
} statistics;

/* Of rows of `width` numbers, none so far. To be freed also after a failure. */
bool statistics_init(statistics *s, int64_t width, ct_error *err);
void statistics_free(statistics *s);

/* n more rows, float32 [n, width]. How the rows are cut into batches does not change a bit. */
void statistics_add(statistics *s, int64_t n, const float *rows);

/* Into mean [width]; at least one row. */
void statistics_mean(const statistics *s, double *mean);
/* Into covariance [width, width], with divisor count - 1; at least two rows. */
void statistics_covariance(const statistics *s, double *covariance);

#endif
