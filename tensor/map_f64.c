/* SPDX-License-Identifier: MIT */
/* Map functions on float64: the C library's, element by element. */
#define T double
#define MAP_SUFFIX f64
#define FMA fma
#define SQRT sqrt
#define ABS fabs
#define POW pow
#include "map_float.h"

MAP(exp, f64, double, EACH, exp(u))
MAP(log, f64, double, EACH, log(u))
MAP(tanh, f64, double, EACH, tanh(u))
MAP(erf, f64, double, EACH, erf(u))
MAP(erfc, f64, double, EACH, erfc(u))
MAP(softplus, f64, double, EACH, (u > 0 ? u : 0) + log1p(exp(-fabs(u))))
MAP(sin, f64, double, EACH, sin(u))
MAP(cos, f64, double, EACH, cos(u))

/* exp of a negative number only: no overflow on either side. */
static double sigmoid_f64(double x)
{
    double e = exp(-fabs(x));
    return (x < 0 ? e : 1) / (1 + e);
}
MAP(sigmoid, f64, double, EACH, sigmoid_f64(u))
