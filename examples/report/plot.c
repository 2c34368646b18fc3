/* SPDX-License-Identifier: MIT */
/* Drawing curves. */
#include "plot.h"

#include <math.h>
#include <stdlib.h>

#include "axis.h"
#include "html.h"
#include "number.h"
#include "thin.h"

enum { WIDTH = 400, HEIGHT = 210, LEFT = 54, RIGHT = 380, TOP = 10, BOTTOM = 184, POINTS = 200 };
static const double wide_range = 20, too_large = 1e100;

typedef struct frame {
    FILE *to;
    axis x, y;
} frame;

static double across(const frame *f, double x)
{
    return LEFT + (RIGHT - LEFT) * axis_place(&f->x, x);
}

static double down(const frame *f, double y)
{
    return BOTTOM - (BOTTOM - TOP) * axis_place(&f->y, y);
}

/* --- axes --------------------------------------------------------------------------------------------------------- */

static void stretch(const double *y, int64_t n, double *low, double *high)
{
    for (int64_t i = 0; i < n; i++)
        if (fabs(y[i]) < too_large) {
            *low = fmin(*low, y[i]);
            *high = fmax(*high, y[i]);
        }
}

static axis choose_y(const plot *p)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < p->series; i++)
        stretch(p->y[i], p->n, &low, &high);
    if (low > high)
        low = high = 0;
    if (p->from_zero)
        return axis_linear(fmin(low, 0), fmax(high, 0), 4);
    return low > 0 && high >= wide_range * low ? axis_logarithmic(low, high, 4) : axis_linear(low, high, 4);
}

static axis choose_x(const plot *p)
{
    double low = 0, high = 0;
    stretch(p->x, p->n, &low, &high);
    return axis_between(low, high, high < 1e4 ? 7 : 5);  /* by the room that labels take */
}

/* The ticks of a linear axis are all written in one way. */
static const char *tick_text(const axis *a, int i, char text[NUMBER_SIZE])
{
    double size = fmax(fabs(a->low), fabs(a->high)), step = a->tick[1] - a->tick[0];
    if (a->logarithmic)
        return number_text(a->tick[i], 6, text);
    if (size < 1.5e-3 || size >= 1e7)
        return number_scientific(a->tick[i], 6, text);
    return number_decimals(a->tick[i], step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0, text);
}

static void draw_y_axis(const frame *f)
{
    char text[NUMBER_SIZE];
    for (int i = 0; i < f->y.ticks; i++) {
        double at = down(f, f->y.tick[i]);
        fprintf(f->to, "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", i ? "grid" : "axis", LEFT,
                RIGHT, at, at);
        fprintf(f->to, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 7, at + 4,
                tick_text(&f->y, i, text));
    }
}

static void draw_x_axis(const frame *f)
{
    char text[NUMBER_SIZE];
    for (int i = 0; i < f->x.ticks; i++) {
        double at = across(f, f->x.tick[i]);
        fprintf(f->to, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", at, at, BOTTOM, BOTTOM + 4);
        fprintf(f->to, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>", at, BOTTOM + 18,
                tick_text(&f->x, i, text));
    }
}

/* --- curves ------------------------------------------------------------------------------------------------------- */

/* The end of the run of points that are there, from `first` on. */
static int64_t end_of_run(int64_t n, const thin_point *p, int64_t first)
{
    while (first < n && fabs(p[first].mean) < too_large)
        first++;
    return first;
}

/* Forward along the largest values, and back along the least. */
static void draw_band(const frame *f, const thin_point *p, int64_t first, int64_t end, int series)
{
    fprintf(f->to, "<path class=\"band s%d\" d=\"", series);
    for (int64_t i = first; i < end; i++)
        fprintf(f->to, "%c%.1f %.1f", i == first ? 'M' : 'L', across(f, p[i].x), down(f, p[i].high));
    for (int64_t i = end - 1; i >= first; i--)
        fprintf(f->to, "L%.1f %.1f", across(f, p[i].x), down(f, p[i].low));
    fputs("Z\"/>", f->to);
}

/* A point by itself is a line of no length, which round ends make visible. */
static void draw_line(const frame *f, const thin_point *p, int64_t first, int64_t end, int series)
{
    fprintf(f->to, "<path class=\"curve s%d\" d=\"", series);
    for (int64_t i = first; i < end; i++)
        fprintf(f->to, "%c%.1f %.1f", i == first ? 'M' : 'L', across(f, p[i].x), down(f, p[i].mean));
    fputs(end - first == 1 ? "h.01\"/>" : "\"/>", f->to);
}

static void draw_series(const frame *f, const plot *p, int series, thin_point *points)
{
    int64_t n = thin(p->n, p->x, p->y[series], POINTS, points), last = -1;
    for (int64_t first = 0, end; first < n; first = end > first ? end : first + 1) {
        end = end_of_run(n, points, first);
        if (end > first && n < p->n)
            draw_band(f, points, first, end, series + 1);
        if (end > first)
            draw_line(f, points, first, end, series + 1);
        last = end > first ? end - 1 : last;
    }
    if (last >= 0)
        fprintf(f->to, "<circle class=\"end s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", series + 1,
                across(f, points[last].x), down(f, points[last].mean));
}

/* ------------------------------------------------------------------------------------------------------------------ */

bool plot_write(FILE *to, const plot *p, ct_error *err)
{
    thin_point *points = malloc(POINTS * sizeof *points);
    if (!points)
        return ct_fail(err, CT_E_MEMORY, "out of memory");
    frame f = {to, choose_x(p), choose_y(p)};
    fprintf(to, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
    html_text(to, p->label);
    fputs("\">", to);
    draw_y_axis(&f);
    draw_x_axis(&f);
    for (int i = 0; i < p->series; i++)
        draw_series(&f, p, i, points);
    fputs("</svg>", to);
    free(points);
    return true;
}
