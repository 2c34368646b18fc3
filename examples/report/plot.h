/* SPDX-License-Identifier: MIT */
/* Curves as SVG. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include <cotangent.h>
#include <stdio.h>

enum { PLOT_SERIES = 2 };
typedef struct plot {
    const char *label;             /* what it shows, for those who do not see it */
    int64_t n;
    const double *x;               /* [n], ascending, finite */
    int series;
    const double *y[PLOT_SERIES];  /* [n] each; where one is not finite, its curve has a gap */
    bool from_zero;                /* zero is on the axis; else a wide range of positive values makes it logarithmic */
} plot;

/* Where there are more rows than the picture has room for, a curve is that of means, in a band from the least to the
 * largest value. Colours are the style sheet's: classes "grid", "axis", "curve", "band" and "end", the latter three
 * with "s1" or "s2" for the series. */
bool plot_write(FILE *to, const plot *p, ct_error *err);

#endif
