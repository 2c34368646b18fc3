/* SPDX-License-Identifier: MIT */
/* Choosing ticks. */
#include "axis.h"

#include <math.h>
#include <stdint.h>

static const double rounding = 1e-9;  /* of a step: so far beyond a tick still is on it */

/* --- linear ------------------------------------------------------------------------------------------------------- */

/* The least 1, 2 or 5 times a power of ten that is not less than x > 0. */
static double round_up(double x)
{
    double power = pow(10, floor(log10(x))), part = x / power;
    return power * (part <= 1 + rounding ? 1 : part <= 2 + rounding ? 2 : part <= 5 + rounding ? 5 : 10);
}

/* Ends that rounding cannot make one. */
static void spread(double *low, double *high)
{
    double size = fmax(fabs(*low), fabs(*high)), least = size > 1e-100 ? 0.02 * size : 1;
    if (size > 1e-100 && *high - *low > 1e-6 * size)
        return;
    *low -= least;
    *high += least;
}

static axis with_ticks(double low, double high, double step, double first, double last)
{
    axis a = {.low = low, .high = high};
    for (double i = first; i <= last && a.ticks < AXIS_TICKS; i++)
        a.tick[a.ticks++] = i * step;
    return a;
}

axis axis_linear(double low, double high, int wanted)
{
    spread(&low, &high);
    double step = round_up((high - low) / wanted);
    double first = floor(low / step + rounding), last = ceil(high / step - rounding);
    return with_ticks(first * step, last * step, step, first, last);
}

axis axis_between(double low, double high, int wanted)
{
    spread(&low, &high);
    double step = round_up((high - low) / wanted);
    return with_ticks(low, high, step, ceil(low / step - rounding), floor(high / step + rounding));
}

/* --- logarithmic -------------------------------------------------------------------------------------------------- */

/* Tick number i: of three in a power of ten, or of one in `powers` powers. */
static double log_tick(int i, int powers)
{
    static const double part[] = {1, 2, 5};
    if (powers > 0)
        return pow(10, (double)i * powers);
    int power = i >= 0 ? i / 3 : -((2 - i) / 3);
    return part[i - 3 * power] * pow(10, power);
}

axis axis_logarithmic(double low, double high, int wanted)
{
    double decades = log10(high / low);
    int powers = decades <= 0.5 * wanted ? 0 : (int)ceil(decades / wanted);
    int i = (int)floor(log10(low) * (powers ? 1.0 / powers : 3)) - 2;
    while (log_tick(i + 1, powers) <= low * (1 + rounding))
        i++;
    axis a = {.logarithmic = true, .ticks = 1, .tick = {log_tick(i, powers)}};
    while ((a.ticks < 2 || a.tick[a.ticks - 1] < high * (1 - rounding)) && a.ticks < AXIS_TICKS)
        a.tick[a.ticks++] = log_tick(++i, powers);
    a.low = a.tick[0];
    a.high = a.tick[a.ticks - 1];
    return a;
}

/* ------------------------------------------------------------------------------------------------------------------ */

double axis_place(const axis *a, double x)
{
    if (a->logarithmic)
        return log(x / a->low) / log(a->high / a->low);
    return (x - a->low) / (a->high - a->low);
}
