/* SPDX-License-Identifier: MIT */
/* Normal numbers by Box-Muller: uniform numbers 2j and 2j+1 of a draw give values 2j and 2j+1. These have 32 bits for float32, which ends its tails
 * at 6.77, and 64 for float64, which ends them at 9.49. In double, in small batches, with logarithm, sine and cosine as polynomials, so that the
 * loops are vectorised and the bits those of this file alone. */
#include "random_words.h"
#include "vmath.h"
#include "walk.h"

enum {
    BATCH = RANDOM_WORDS,   /* values of a batch */
    GRAIN = 8192            /* values a task should have */
};

/* log x for a positive normal x, to about 1e-16 relative: 2 atanh((m - 1) / (m + 1)) + k ln 2. */
static inline double log_f64(double x)
{
    uint64_t bits = f64_bits(x);
    uint64_t k = (bits - 0x3fe6a09e667f3bcdull + (1023ull << 52)) >> 52;
    double m = f64_of_bits(bits - ((k - 1023) << 52));
    double exponent = f64_of_bits(k + f64_bits(F64_ROUND)) - (F64_ROUND + 1023);
    double s = (m - 1) / (m + 1), z = s * s;
    double p = 0.1326708144059321634;
    p = fma(p, z, 0.1324838713116202177);
    p = fma(p, z, 0.1538716745510688213);
    p = fma(p, z, 0.1818177391339801969);
    p = fma(p, z, 0.2222222266866089687);
    p = fma(p, z, 0.285714285689410117);
    p = fma(p, z, 0.4000000000000669801);
    p = fma(p, z, 0.6666666666666666051);
    return fma(exponent, 0.6931471805599453094, fma(s * z, p, 2 * s));
}

/* sin and cos of 2 pi u for 0 <= u <= 1: the reduction to an eighth of a turn is exact. */
static inline void sine_cosine_turns(double u, double *sine, double *cosine)
{
    double t = u * 4 + F64_ROUND;
    uint64_t q = f64_bits(t);
    double r = (u * 4 - (t - F64_ROUND)) * 1.57079632679489661923, z = r * r;
    double s = -7.578080892124350016e-13;
    s = fma(s, z, 1.60583543506103623e-10);
    s = fma(s, z, -2.505210481663852756e-8);
    s = fma(s, z, 2.755731921383172637e-6);
    s = fma(s, z, -1.984126984125438823e-4);
    s = fma(s, z, 8.333333333333322183e-3);
    s = fma(s, z, -1.666666666666666664e-1);
    s = fma(s * z, r, r);
    double c = 4.737719445855055177e-14;
    c = fma(c, z, -1.147028470075563363e-11);
    c = fma(c, z, 2.087675429134847202e-9);
    c = fma(c, z, -2.75573192150468704e-7);
    c = fma(c, z, 2.480158730157073803e-5);
    c = fma(c, z, -1.388888888888887331e-3);
    c = fma(c, z, 4.166666666666666661e-2);
    c = fma(z * z, c, fma(z, -0.5, 1.0));
    double swapped_s = (q & 1) != 0 ? c : s, swapped_c = (q & 1) != 0 ? s : c;
    *sine = f64_of_bits(f64_bits(swapped_s) ^ (q & 2) << 62);
    *cosine = f64_of_bits(f64_bits(swapped_c) ^ ((q + 1) & 2) << 62);
}

/* The middles of 2^32 equal parts of (0, 1), for float32. */
static void uniforms_32(ct_random_key key, uint64_t first, double *u)
{
    uint32_t word[BATCH];
    random_words(key, first, word);
    for (int i = 0; i < BATCH; i++)
        u[i] = ((double)word[i] + 0.5) * 0x1p-32;
}

/* The middles of 2^64 equal parts, rounded: the smaller, the finer. The largest are 1. */
static void uniforms_64(ct_random_key key, uint64_t first, double *u)
{
    uint32_t upper[BATCH], lower[BATCH];
    random_words(key, first, upper);
    random_words(random_lower(key), first, lower);
    for (int i = 0; i < BATCH; i++)
        u[i] = ((double)upper[i] + ((double)lower[i] + 0.5) * 0x1p-32) * 0x1p-32;
}

/* Uniform numbers, in (0, 1], become normal ones. */
static void box_muller(double *value)
{
    double radius[BATCH / 2], angle[BATCH / 2];
    for (int j = 0; j < BATCH / 2; j++) {
        radius[j] = value[2 * j];
        angle[j] = value[2 * j + 1];
    }
#pragma omp simd
    for (int j = 0; j < BATCH / 2; j++) {
        double r = sqrt(-2 * log_f64(radius[j])), sine, cosine;
        sine_cosine_turns(angle[j], &sine, &cosine);
        value[2 * j] = r * cosine;
        value[2 * j + 1] = r * sine;
    }
}

static void normal_f32_block(const random_fill *f, int64_t start)
{
    double value[BATCH];
    uniforms_32(f->key, (uint64_t)start / 4, value);
    box_muller(value);
    float *out = (float *)f->y.data + start;
    int64_t n = ct_min(BATCH, f->count - start);
    for (int64_t i = 0; i < n; i++)
        out[i] = (float)value[i];
}

static void normal_f64_block(const random_fill *f, int64_t start)
{
    double value[BATCH];
    uniforms_64(f->key, (uint64_t)start / 4, value);
    box_muller(value);
    memcpy((double *)f->y.data + start, value, (size_t)ct_min(BATCH, f->count - start) * sizeof *value);
}

void ct_random_normal(ct_array y, ct_random_key key, int threads)
{
    ct_random_fill(y, key, y.dtype == CT_F32 ? normal_f32_block : normal_f64_block, GRAIN, threads);
}
