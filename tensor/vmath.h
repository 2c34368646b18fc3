/* SPDX-License-Identifier: MIT */
/* float32 functions without branches, so that a loop over them is vectorised: polynomials (minimax fits of this
 * project), bit operations and selects. Every step is a single IEEE operation, so a vector lane and a scalar give the
 * same bits. Results below FLT_MIN are rounded properly, not flushed. */
#ifndef COTANGENT_VMATH_H
#define COTANGENT_VMATH_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t f32_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float f32_of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint64_t f64_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double f64_of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline float f32_with_sign(float magnitude, float sign)
{
    return f32_of_bits((f32_bits(magnitude) & 0x7fffffffu) | (f32_bits(sign) & 0x80000000u));
}

/* Adding 1.5 2^23 (1.5 2^52) rounds to an integer, which then stands in the low bits. */
#define F32_ROUND 12582912.0f
#define F64_ROUND 6755399441055744.0

/* ln 2 as the sum of two floats. */
#define F32_LN2_HI 0.693147182464599609375f
#define F32_LN2_LO (-1.904654299957768e-9f)

/* P with e^r = 1 + r + r^2 P(r), |r| <= ln 2 / 2. */
static inline float exp_tail(float r)
{
    float p = 1.395045276915695828e-3f;
    p = fmaf(p, r, 8.368882162942642585e-3f);
    p = fmaf(p, r, 4.166620632850381938e-2f);
    p = fmaf(p, r, 1.666651890053736686e-1f);
    return fmaf(p, r, 5.000000095093236624e-1f);
}

/* x = n ln 2 + r with |r| <= ln 2 / 2; returns e^r - 1, and n in two's complement. */
static inline float expm1_reduced(float x, uint32_t *n)
{
    float t = fmaf(x, 1.442695040888963407f, F32_ROUND);
    *n = f32_bits(t) - f32_bits(F32_ROUND);
    float k = t - F32_ROUND;
    float r = fmaf(k, -F32_LN2_LO, fmaf(k, -F32_LN2_HI, x));
    return fmaf(r * r, exp_tail(r), r);
}

/* The same for x + low, low much smaller than x, and r taken as a sum of two floats. */
static inline float expm1_reduced_sum(float x, float low, uint32_t *n)
{
    float t = fmaf(x, 1.442695040888963407f, F32_ROUND);
    *n = f32_bits(t) - f32_bits(F32_ROUND);
    float k = t - F32_ROUND;
    float head = fmaf(k, -F32_LN2_HI, x), rest = fmaf(k, -F32_LN2_LO, low);
    float r = head + rest, lost = rest - (r - head);
    return fmaf(r * r, exp_tail(r), lost) + r;
}

static inline float exp_reduced(float x, uint32_t *n)
{
    return expm1_reduced(x, n) + 1.0f;
}

/* x 2^n in two factors, -254 <= n <= 254: below 2^-126 the product with the second one rounds once. */
static inline float scale_f32(float x, uint32_t n)
{
    uint32_t half = (uint32_t)((int32_t)n >> 1);
    return x * f32_of_bits((half + 127) << 23) * f32_of_bits((n - half + 127) << 23);
}

static inline float exp_f32(float x)
{
    uint32_t n;
    float clamped = x > 89.0f ? 89.0f : x < -104.0f ? -104.0f : x;
    float e = exp_reduced(clamped, &n);
    return scale_f32(e, n);
}

/* For -87 <= x <= 0, and clamped below that: where what counts is the sum with something larger. */
static inline float exp_small_f32(float x)
{
    uint32_t n;
    float e = exp_reduced(x < -87.0f ? -87.0f : x, &n);
    return e * f32_of_bits((n + 127) << 23);
}

/* x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2). */
static inline float log_f32(float x)
{
    float tiny = x < FLT_MIN ? 1.0f : 0.0f;
    uint32_t bits = f32_bits(x * (tiny != 0 ? 8388608.0f : 1.0f));
    int32_t exponent = (int32_t)(bits - 0x3f3504f3u) >> 23;
    float f = f32_of_bits(bits - ((uint32_t)exponent << 23)) - 1.0f;
    float k = (float)exponent - 23.0f * tiny;
    float p = -7.859549636671628841e-2f;
    p = fmaf(p, f, 1.288159428727284225e-1f);
    p = fmaf(p, f, -1.312875305075146059e-1f);
    p = fmaf(p, f, 1.418119993761596918e-1f);
    p = fmaf(p, f, -1.662455518619364247e-1f);
    p = fmaf(p, f, 2.000228593186365402e-1f);
    p = fmaf(p, f, -2.50008103605186727e-1f);
    p = fmaf(p, f, 3.333331673003977156e-1f);
    float z = f * f;
    float tail = fmaf(z, -0.5f, f * z * p);
    float value = fmaf(k, F32_LN2_HI, f + fmaf(k, F32_LN2_LO, tail));
    float edge = x == 0 ? -INFINITY : x < 0 ? NAN : x;
    return x > 0 && x <= FLT_MAX ? value : edge;
}

/* x + x^3 P(x^2) near 0, 1 - 2 e / (1 + e) with e = exp(-2 |x|) elsewhere. */
static inline float tanh_f32(float x)
{
    float a = fabsf(x), z = x * x;
    float p = 2.122737463931845418e-3f;
    p = fmaf(p, z, -8.15627104690733828e-3f);
    p = fmaf(p, z, 2.169260319351874633e-2f);
    p = fmaf(p, z, -5.394537770037879501e-2f);
    p = fmaf(p, z, 1.333319590601030287e-1f);
    p = fmaf(p, z, -3.333333057121419584e-1f);
    float near = fmaf(a * z, p, a);
    float e = exp_small_f32(-2.0f * a);
    float far = 1.0f - 2.0f * e / (1.0f + e);
    return f32_with_sign(a < 0.6f ? near : far, x);
}

/* n / (1 + e), e = exp(-|x|), n = 1 or e. The quotient is corrected once for its own error and for that of 1 + e. */
static inline float sigmoid_f32(float x)
{
    float e = exp_f32(-fabsf(x));
    float numerator = x < 0 ? e : 1.0f;
    float d = 1.0f + e, lost = e - (d - 1.0f);
    float inverse = 1.0f / d;
    float q = numerator * inverse;
    float rest = fmaf(-q, lost, fmaf(-q, d, numerator));
    return fmaf(rest, inverse, q);
}

/* log(1 + exp(x)) = max(x, 0) + log1p(e), e = exp(-|x|), log1p(e) = e + e^2 P(e): nothing cancels, and nothing overflows. What e lost in rounding
 * (nearly) is added with the slope of log1p, about 1 - e / 2. */
static inline float softplus_f32(float x)
{
    uint32_t n;
    float a = fabsf(x), m = expm1_reduced(a > 104.0f ? -104.0f : -a, &n);
    float e1 = m + 1.0f, lost = m - (e1 - 1.0f), e = scale_f32(e1, n);
    float p = -3.593169764290918407e-3f;
    p = fmaf(p, e, 2.146137278674821115e-2f);
    p = fmaf(p, e, -6.006731558846288894e-2f);
    p = fmaf(p, e, 1.092921349735372979e-1f);
    p = fmaf(p, e, -1.550606628133353825e-1f);
    p = fmaf(p, e, 1.974933570129802915e-1f);
    p = fmaf(p, e, -2.496949772102943747e-1f);
    p = fmaf(p, e, 3.333161736477823802e-1f);
    p = fmaf(p, e, -4.999997377301169675e-1f);
    float tail = fmaf(e * e, p, lost * e * fmaf(-0.5f, e, 1.0f));
    float sum = e + tail, rest = tail - (sum - e);
    return sum + ((x > 0 ? x : 0.0f) + rest);
}

/* P with erf(x) = x + x P(x^2), for |x| < 0.92. */
static inline float erf_near(float z)
{
    float p = -1.031904014335979753e-5f;
    p = fmaf(p, z, 1.146209598180557731e-4f);
    p = fmaf(p, z, -8.507181930256587665e-4f);
    p = fmaf(p, z, 5.222375216587396312e-3f);
    p = fmaf(p, z, -2.686582954168750407e-2f);
    p = fmaf(p, z, 1.128378809313810108e-1f);
    p = fmaf(p, z, -3.761263875998149597e-1f);
    return fmaf(p, z, 0.12837916708610431f);
}

/* x + x P(x^2) near 0, 1 - exp(Q(|x|)) elsewhere, Q a fit of log erfc; 1 from |x| = 4 on. */
static inline float erf_f32(float x)
{
    float a = fabsf(x), p = erf_near(x * x);
    float c = a > 4.0f ? 4.0f : a;
    float q = 1.110757333181321104e-6f;
    q = fmaf(q, c, -1.786222485464922264e-5f);
    q = fmaf(q, c, 1.034057892111285126e-4f);
    q = fmaf(q, c, -5.952361715205087226e-5f);
    q = fmaf(q, c, -2.940619740514771333e-3f);
    q = fmaf(q, c, 2.312266716729922553e-2f);
    q = fmaf(q, c, -1.061673474570293284e-1f);
    q = fmaf(q, c, -6.347535561358568375e-1f);
    q = fmaf(q, c, -1.128979726651993423f);
    q = fmaf(q, c, 8.594223519499371471e-5f);
    return f32_with_sign(a < 0.92f ? fmaf(a, p, a) : 1.0f - exp_small_f32(q), x);
}

/* U with exp(a^2) erfc(a) = t (1 + U(t - 0.15625)), t = 1 / (a + 2), 0.495 <= a <= 10.15. */
static inline float erfc_tail(float s)
{
    float u = -30.828807959056245f;
    u = fmaf(u, s, -9.6141532731638644f);
    u = fmaf(u, s, 31.588368708313404f);
    u = fmaf(u, s, -3.7216528780961367f);
    u = fmaf(u, s, -9.6420524815418835f);
    u = fmaf(u, s, -1.3260297808117394f);
    u = fmaf(u, s, 3.6586785302600835f);
    u = fmaf(u, s, 3.5916839366373831f);
    u = fmaf(u, s, 1.9868455260665421f);
    return fmaf(u, s, -0.19909340333450932f);
}

/* 1 - erf(x) near 0, t (1 + u) exp(-x^2) elsewhere, 2 less that for a negative x. x^2 and t are taken as sums of two floats, so that the relative
 * error does not grow with x. */
static inline float erfc_f32(float x)
{
    uint32_t n;
    float size = fabsf(x), a = size > 10.1f ? 10.1f : size;
    float near = 1.0f - fmaf(x, erf_near(x * x), x);
    float square = a * a, e = expm1_reduced_sum(-square, -fmaf(a, a, -square), &n);
    float d = a + 2.0f, t = 1.0f / d, low = t * fmaf(-t, a - (d - 2.0f), fmaf(-t, d, 1.0f));
    float u = erfc_tail((t - 0.15625f) + low), q = fmaf(u, e, u) + e;  /* (1 + u)(1 + e) - 1 */
    float tail = scale_f32(t + fmaf(t, q, fmaf(low, q, low)), n);
    return size < 0.5f ? near : x > 0 ? tail : x < 0 ? 2.0f - tail : x;
}

/* sin(x + quarter pi / 2) for |x| <= SINE_LIMIT, in double: one reduction by pi/2 in two parts, then a short
 * polynomial. */
#define SINE_LIMIT 1e9f

static inline float sine_f32(float x, uint64_t quarter)
{
    double t = fma((double)x, 0.6366197723675813430755, F64_ROUND);
    double n = t - F64_ROUND;
    double r = fma(n, -6.123233995736766036e-17, fma(n, -1.5707963267948965580, (double)x));
    uint64_t q = f64_bits(t) + quarter;
    double z = r * r;
    double s = 2.71793991272958215e-6;
    s = fma(s, z, -1.983929613653240701e-4);
    s = fma(s, z, 8.333329266772677652e-3);
    s = fma(s, z, -1.666666664061386984e-1);
    s = fma(s, z, 1.0) * r;
    double c = -2.720679047134498411e-7;
    c = fma(c, z, 2.479947865867574862e-5);
    c = fma(c, z, -1.388888359841740894e-3);
    c = fma(c, z, 4.166666662105420472e-2);
    c = fma(c, z, -0.5);
    c = fma(c, z, 1.0);
    double value = (q & 1) != 0 ? c : s;
    return (float)f64_of_bits(f64_bits(value) ^ (q & 2) << 62);
}

#endif
