/* SPDX-License-Identifier: MIT */
/* The map functions that float32 and float64 share. Included once for each, with T the element type, MAP_SUFFIX f32 or
 * f64, and FMA, SQRT, ABS and POW the functions of math.h for T. */
#include "map_loops.h"

#include <math.h>

#define MAP_T(name, operands, expr) MAP_EXPANDED(name, MAP_SUFFIX, operands, expr)
#define MAP_EXPANDED(name, suffix, operands, expr) MAP(name, suffix, T, operands, expr)
#define COMPARISONS_T(suffix) COMPARISONS_EXPANDED(suffix)
#define COMPARISONS_EXPANDED(suffix) MAP_COMPARISONS(suffix, T)
#define NAME_T(name, suffix) NAME_EXPANDED(name, suffix)
#define NAME_EXPANDED(name, suffix) ct_map_##name##_##suffix

MAP_T(recip, 1, 1 / u)
MAP_T(add, 2, u + v)
MAP_T(mul, 2, u * v)
MAP_T(mul_no_nan, 2, v == 0 ? 0 : u * v)
MAP_T(div, 2, u / v)
MAP_T(abs, 1, ABS(u))
COMPARISONS_T(MAP_SUFFIX)

/* One rounding. Without b the sign of a zero is that of the product: x + -0 is x. */
void NAME_T(affine, MAP_SUFFIX)(int64_t n, const void *const *x, void *y, const void *attr)
{
    const ct_affine_attr *affine = attr;
    const T a = (T)affine->a, b = affine->b == 0 ? (T)-0.0 : (T)affine->b;
    MAP_LOOP_1(T, FMA(a, u, b));
}

/* What pow makes of a zero or an infinity of either sign when the exponent is not an integer: the positive one. */
static inline T unsigned_edge(T u)
{
    return u == -(T)INFINITY ? (T)INFINITY : u + (T)0;
}

void NAME_T(pow, MAP_SUFFIX)(int64_t n, const void *const *x, void *y, const void *attr)
{
    const double p = ((const ct_pow_attr *)attr)->p;
    const T exponent = (T)p;
    if (p == 0)
        MAP_LOOP_1(T, ((void)u, (T)1));
    else if (p == 1)
        MAP_LOOP_1(T, u);
    else if (p == 2)
        MAP_LOOP_1(T, u * u);
    else if (p == 3)
        MAP_LOOP_1(T, u * u * u);
    else if (p == -1)
        MAP_LOOP_1(T, 1 / u);
    else if (p == -2)
        MAP_LOOP_1(T, (1 / u) * (1 / u));
    else if (p == 0.5)
        MAP_LOOP_1(T, SQRT(unsigned_edge(u)));
    else if (p == -0.5)
        MAP_LOOP_1(T, 1 / SQRT(unsigned_edge(u)));
    else
        MAP_LOOP_EACH(T, POW(u, exponent));
}
