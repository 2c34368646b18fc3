/* SPDX-License-Identifier: MIT */
/* Map functions on float32. */
#define T float
#define MAP_SUFFIX f32
#define FMA fmaf
#define SQRT sqrtf
#define ABS fabsf
#define POW powf
#include "map_float.h"
#include "vmath.h"

MAP(exp, f32, float, 1, exp_f32(u))
MAP(log, f32, float, 1, log_f32(u))
MAP(tanh, f32, float, 1, tanh_f32(u))
MAP(sigmoid, f32, float, 1, sigmoid_f32(u))
MAP(erf, f32, float, 1, erf_f32(u))
MAP(erfc, f32, float, 1, erfc_f32(u))
MAP(softplus, f32, float, 1, softplus_f32(u))

static bool within_sine_limit(int64_t n, const float *x)
{
    int outside = 0;
#pragma omp simd reduction(| : outside)
    for (int64_t i = 0; i < n; i++)
        outside |= !(fabsf(x[i]) <= SINE_LIMIT);
    return !outside;
}

/* Arguments of 1e9 and more, infinities and NaN are left to the C library, one by one. */
#define SINE_MAP(name, quarter)                                                                                 \
    void ct_map_##name##_f32(int64_t n, const void *const *x, void *y, const void *attr)                        \
    {                                                                                                           \
        (void)attr;                                                                                             \
        if (within_sine_limit(n, x[0]))                                                                         \
            MAP_LOOP_1(float, sine_f32(u, quarter));                                                            \
        else                                                                                                    \
            MAP_LOOP_EACH(float, fabsf(u) <= SINE_LIMIT ? sine_f32(u, quarter) : name##f(u));                      \
    }
SINE_MAP(sin, 0)
SINE_MAP(cos, 1)
