/* SPDX-License-Identifier: MIT */
/* One number repeated along a row. */
#include <cotangent/kernels.h>

/* A vector of the widest kind there is; narrower processors take it in parts. A row's last vector overlaps the one before it. */
#define SPREAD(bits, lanes)                                                                                                          \
    typedef uint##bits##_t wide_##bits __attribute__((vector_size(64), aligned(sizeof(uint##bits##_t)), may_alias));                 \
    static void row_##bits(int64_t columns, uint##bits##_t x, uint##bits##_t *y)                                                     \
    {                                                                                                                                \
        const wide_##bits all = (wide_##bits){0} + x;                                                                                \
        int64_t j = 0;                                                                                                               \
        for (; j + lanes <= columns; j += lanes)                                                                                     \
            *(wide_##bits *)(y + j) = all;                                                                                           \
        if (j < columns && j > 0)                                                                                                    \
            *(wide_##bits *)(y + columns - lanes) = all;                                                                             \
        else                                                                                                                         \
            for (; j < columns; j++)                                                                                                 \
                y[j] = x;                                                                                                            \
    }                                                                                                                                \
    void ct_spread_##bits(int64_t rows, int64_t columns, const void *x, int64_t stride, void *y)                                     \
    {                                                                                                                                \
        for (int64_t i = 0; i < rows; i++)                                                                                           \
            row_##bits(columns, ((const uint##bits##_t *)x)[i * stride], (uint##bits##_t *)y + i * columns);                         \
    }
SPREAD(32, 16)
SPREAD(64, 8)
