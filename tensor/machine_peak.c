/* SPDX-License-Identifier: MIT */
/* Fused multiply-adds a second: chains that do not wait for each other, enough of them for the pipelines of a core. */
#include "machine_parts.h"
#include <cotangent/team.h>

enum { CHAINS = 12, ROUNDS = 5 };
static const double round_seconds = 3e-3;

/* Here, and only here, a product and a sum may become one operation. */
#if defined(__clang__)
#define CONTRACTED
#define CONTRACT _Pragma("clang fp contract(fast)")
#else
#define CONTRACTED __attribute__((optimize("fp-contract=fast")))
#define CONTRACT
#endif

/* void name(n): n times a multiply-add of a vector of `size` bytes in each chain. All numbers tend to 1; the compiler cannot know that the chains are equal. */
#define DEFINE_CHAINS(name, type, size, attributes)                                                                               \
    attributes static void name(int64_t n)                                                                                        \
    {                                                                                                                             \
        CONTRACT                                                                                                                  \
        typedef type vector __attribute__((vector_size(size)));                                                                   \
        volatile type half = (type)0.5;                                                                                           \
        const vector zero = {0}, m = zero + half;                                                                                 \
        vector a = zero + half, b = zero + half, c = zero + half, d = zero + half, e = zero + half, f = zero + half;              \
        vector g = zero + half, h = zero + half, i = zero + half, j = zero + half, k = zero + half, l = zero + half;              \
        for (int64_t r = 0; r < n; r++) {                                                                                         \
            a = a * m + m; b = b * m + m; c = c * m + m; d = d * m + m; e = e * m + m; f = f * m + m;                             \
            g = g * m + m; h = h * m + m; i = i * m + m; j = j * m + m; k = k * m + m; l = l * m + m;                             \
        }                                                                                                                         \
        const vector sum = a + b + c + d + e + f + g + h + i + j + k + l;                                                         \
        half = sum[0];                                                                                                            \
    }

typedef struct chains {
    void (*run)(int64_t n);
    int size;  /* bytes of a vector */
} chains;

DEFINE_CHAINS(plain_f32, float, 16, CONTRACTED)
DEFINE_CHAINS(plain_f64, double, 16, CONTRACTED)

#if defined(__x86_64__)
DEFINE_CHAINS(avx2_f32, float, 32, __attribute__((target("avx2,fma"))) CONTRACTED)
DEFINE_CHAINS(avx2_f64, double, 32, __attribute__((target("avx2,fma"))) CONTRACTED)
DEFINE_CHAINS(avx512_f32, float, 64, __attribute__((target("avx512f"))) CONTRACTED)
DEFINE_CHAINS(avx512_f64, double, 64, __attribute__((target("avx512f"))) CONTRACTED)

static chains widest(bool f64)
{
    if (__builtin_cpu_supports("avx512f"))
        return f64 ? (chains){avx512_f64, 64} : (chains){avx512_f32, 64};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return f64 ? (chains){avx2_f64, 32} : (chains){avx2_f32, 32};
    return f64 ? (chains){plain_f64, 16} : (chains){plain_f32, 16};
}
#else
static chains widest(bool f64)
{
    return f64 ? (chains){plain_f64, 16} : (chains){plain_f32, 16};
}
#endif

typedef struct peak_job {
    void (*run)(int64_t n);
    int64_t n;
} peak_job;

static void run_chains(void *argument, int64_t i, int thread)
{
    const peak_job *j = argument;
    (void)i, (void)thread;
    j->run(j->n);
}

static double seconds_of(int threads, peak_job *j)
{
    double start = ct_machine_now();
    ct_parallel_for(threads, threads, run_chains, j);
    return ct_machine_now() - start;
}

double ct_machine_measure_peak(int threads, ct_dtype dtype)
{
    chains c = widest(dtype == CT_F64);
    peak_job j = {c.run, 1000};
    double best = 0, flops = 2.0 * CHAINS * c.size / (double)ct_dtype_size(dtype) * threads;
    while (seconds_of(threads, &j) < round_seconds)
        j.n *= 2;
    for (int r = 0; r < ROUNDS; r++) {
        double rate = flops * (double)j.n / seconds_of(threads, &j);
        best = rate > best ? rate : best;
    }
    return best;
}
