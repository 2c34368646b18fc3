/* SPDX-License-Identifier: MIT */
/* Means of rows. */
#include "thin.h"

#include <math.h>

static thin_point point_of(int64_t n, const double *x, const double *y)
{
    thin_point p = {0, 0, INFINITY, -INFINITY};
    int64_t finite = 0;
    for (int64_t i = 0; i < n; i++) {
        p.x += x[i] / (double)n;
        if (!isfinite(y[i]))
            continue;
        finite++;
        p.mean += y[i];
        p.low = fmin(p.low, y[i]);
        p.high = fmax(p.high, y[i]);
    }
    p.mean /= (double)finite;
    return finite ? p : (thin_point){p.x, NAN, NAN, NAN};
}

int64_t thin(int64_t n, const double *x, const double *y, int64_t most, thin_point *out)
{
    int64_t rows = (n + most - 1) / most, points = 0;
    for (int64_t first = 0; first < n; first += rows)
        out[points++] = point_of(n - first < rows ? n - first : rows, x + first, y + first);
    return points;
}
