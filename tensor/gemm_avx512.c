/* SPDX-License-Identifier: MIT */
/* Tiles and panels for processors with AVX-512; gemm_tiler.c says where they are taken. A tile is 14 rows of two vectors: 28 of the 32 registers are sums, and 16
 * loads serve 28 multiply-adds. */
#include "gemm_avx512_tiler.h"
#include "walk.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* Compiled for these vectors whatever the library is compiled for: ct_tiler_avx512 asks the processor. */
#define AVX512 __attribute__((target("avx512f"))) static
#define AVX512_INLINE __attribute__((target("avx512f"), always_inline)) static inline
/* Every loop over rows or vectors, so that sums are registers. */
#if defined(__clang__)
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif
/* One load of x for two multiply-adds: compilers would otherwise load it in both. */
#define IN_REGISTER(x) __asm__("" : "+v"(x))

/* Computed step by step: the sixteen addresses of a block would not fit into registers. */
#define OPAQUE(p) __asm__("" : "+r"(p))

enum { ROWS = 14, VECTORS = 2, AHEAD = 8 };  /* AHEAD: steps of k that packing fetches beforehand, each of which begins a new line */

/* Rows to columns: neighbours by ones, by twos, then quarters of vectors. */
AVX512_INLINE void transpose_f32(__m512 x[16])
{
    __m512 y[16];
    UNROLLED
    for (int i = 0; i < 16; i += 2)
        y[i] = _mm512_unpacklo_ps(x[i], x[i + 1]), y[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
    UNROLLED
    for (int i = 0; i < 16; i += 4)
        UNROLLED
        for (int j = 0; j < 2; j++) {
            __m512d low = _mm512_castps_pd(y[i + j]), high = _mm512_castps_pd(y[i + 2 + j]);
            x[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
            x[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
        }
    UNROLLED
    for (int i = 0; i < 4; i++) {
        y[i] = _mm512_shuffle_f32x4(x[i], x[i + 4], 0x88), y[i + 4] = _mm512_shuffle_f32x4(x[i], x[i + 4], 0xdd);
        y[i + 8] = _mm512_shuffle_f32x4(x[i + 8], x[i + 12], 0x88), y[i + 12] = _mm512_shuffle_f32x4(x[i + 8], x[i + 12], 0xdd);
    }
    UNROLLED
    for (int i = 0; i < 8; i++)
        x[i] = _mm512_shuffle_f32x4(y[i], y[i + 8], 0x88), x[i + 8] = _mm512_shuffle_f32x4(y[i], y[i + 8], 0xdd);
}

AVX512_INLINE void transpose_f64(__m512d x[8])
{
    __m512d y[8];
    UNROLLED
    for (int i = 0; i < 8; i += 2)
        y[i] = _mm512_unpacklo_pd(x[i], x[i + 1]), y[i + 1] = _mm512_unpackhi_pd(x[i], x[i + 1]);
    UNROLLED
    for (int i = 0; i < 2; i++) {
        x[i] = _mm512_shuffle_f64x2(y[i], y[i + 2], 0x88), x[i + 2] = _mm512_shuffle_f64x2(y[i], y[i + 2], 0xdd);
        x[i + 4] = _mm512_shuffle_f64x2(y[i + 4], y[i + 6], 0x88), x[i + 6] = _mm512_shuffle_f64x2(y[i + 4], y[i + 6], 0xdd);
    }
    UNROLLED
    for (int i = 0; i < 4; i++)
        y[i] = _mm512_shuffle_f64x2(x[i], x[i + 4], 0x88), y[i + 4] = _mm512_shuffle_f64x2(x[i], x[i + 4], 0xdd);
    UNROLLED
    for (int i = 0; i < 8; i++)
        x[i] = y[i];
}

#define T float
#define WIDE(name) name##_f32
#define VECTOR __m512
#define MASK __mmask16
#define LANES 16
#define ZERO _mm512_setzero_ps
#define LOAD _mm512_loadu_ps
#define LOAD_PART _mm512_maskz_loadu_ps
#define STORE_PART _mm512_mask_storeu_ps
#define ALL _mm512_set1_ps
#define ADD _mm512_add_ps
#define FMA _mm512_fmadd_ps
#define TRANSPOSE transpose_f32
#include "gemm_avx512.h"

#define T double
#define WIDE(name) name##_f64
#define VECTOR __m512d
#define MASK __mmask8
#define LANES 8
#define ZERO _mm512_setzero_pd
#define LOAD _mm512_loadu_pd
#define LOAD_PART _mm512_maskz_loadu_pd
#define STORE_PART _mm512_mask_storeu_pd
#define ALL _mm512_set1_pd
#define ADD _mm512_add_pd
#define FMA _mm512_fmadd_pd
#define TRANSPOSE transpose_f64
#include "gemm_avx512.h"

/* Reading rows as they lie costs loads that miss the first-level cache more often. A processor that makes two operations of every wide vector (AMD's family 19h) has time for
 * them, however many panels of b there are. */
static int64_t unpacked_panels(void)
{
    return __builtin_cpu_is("amdfam19h") ? INT64_MAX : 12;
}

bool ct_tiler_avx512(ct_dtype dtype, ct_tiler *t)
{
    if (!__builtin_cpu_supports("avx512f"))
        return false;
    bool f32 = dtype == CT_F32;
    int64_t columns = f32 ? COLUMNS_f32 : COLUMNS_f64;
    *t = (ct_tiler){.dtype = dtype, .size = (int64_t)ct_dtype_size(dtype), .a = {ROWS, ROWS}, .b = {columns, columns}, .depth = 512, .rows = 12 * ROWS};
    t->unpacked_panels = unpacked_panels();
    t->tile = f32 ? tile_f32 : tile_f64;
    t->pack = f32 ? pack_f32 : pack_f64;
    return true;
}
#else
bool ct_tiler_avx512(ct_dtype dtype, ct_tiler *t)
{
    (void)dtype, (void)t;
    return false;
}
#endif
