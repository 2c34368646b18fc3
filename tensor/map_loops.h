/* SPDX-License-Identifier: MIT */
/* The loops of the map functions. `#pragma omp simd` says what the contract of ct_map_fn says: y is one of the
 * operands or does not overlap them. */
#ifndef COTANGENT_MAP_LOOPS_H
#define COTANGENT_MAP_LOOPS_H

#include <cotangent/kernels.h>

/* `expr` sees the operand `u`; in the other two also `v` and `w`. */
#define MAP_LOOP_1(T, expr)                              \
    do {                                                 \
        const T *x0 = x[0];                              \
        T *out = y;                                      \
        _Pragma("omp simd") for (int64_t i = 0; i < n; i++) \
        {                                                \
            const T u = x0[i];                           \
            out[i] = (expr);                             \
        }                                                \
    } while (0)

/* For functions of the C library, which have no vector form. */
#define MAP_LOOP_EACH(T, expr)                           \
    do {                                                 \
        const T *x0 = x[0];                              \
        T *out = y;                                      \
        for (int64_t i = 0; i < n; i++) {                \
            const T u = x0[i];                           \
            out[i] = (expr);                             \
        }                                                \
    } while (0)

#define MAP_LOOP_2(T, expr)                              \
    do {                                                 \
        const T *x0 = x[0], *x1 = x[1];                  \
        T *out = y;                                      \
        _Pragma("omp simd") for (int64_t i = 0; i < n; i++) \
        {                                                \
            const T u = x0[i], v = x1[i];                \
            out[i] = (expr);                             \
        }                                                \
    } while (0)

#define MAP_LOOP_3(T, expr)                              \
    do {                                                 \
        const T *x0 = x[0], *x1 = x[1], *x2 = x[2];      \
        T *out = y;                                      \
        _Pragma("omp simd") for (int64_t i = 0; i < n; i++) \
        {                                                \
            const T u = x0[i], v = x1[i], w = x2[i];     \
            out[i] = (expr);                             \
        }                                                \
    } while (0)

/* A whole map function; `operands` is 1, 2, 3 or EACH. */
#define MAP(name, suffix, T, operands, expr)                                                            \
    void ct_map_##name##_##suffix(int64_t n, const void *const *x, void *y, const void *attr)           \
    {                                                                                                   \
        (void)attr;                                                                                     \
        MAP_LOOP_##operands(T, expr);                                                                   \
    }

/* What every element type has. A NaN on either side is the maximum and the minimum. */
#define MAP_COMPARISONS(suffix, T)                                  \
    MAP(maximum, suffix, T, 2, u > v || u != u ? u : v)             \
    MAP(minimum, suffix, T, 2, u < v || u != u ? u : v)             \
    MAP(greater, suffix, T, 2, (T)(u > v))                          \
    MAP(equal, suffix, T, 2, (T)(u == v))                           \
    MAP(select, suffix, T, 3, u != 0 ? v : w)

#endif
