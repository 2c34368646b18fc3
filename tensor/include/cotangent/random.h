/* SPDX-License-Identifier: MIT */
/* Counter-based random numbers: a value is a function of (seed, stream, step, index) and nothing else, so it does not depend on
 * threads or on what was drawn before. Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). */
#ifndef COTANGENT_RANDOM_H
#define COTANGENT_RANDOM_H

#include <cotangent/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Names a sequence: `seed` is the run's, `stream` says what for (a node, a parameter's name), `step` which draw of it.
 * Index i of a sequence comes from the Philox block i / 4 of that key. step < 2^32. */
typedef struct ct_random_key {
    uint64_t seed;
    uint64_t stream;
    uint64_t step;
} ct_random_key;

/* A stream's number from its name (64-bit FNV-1a). */
CT_API uint64_t ct_random_stream(const char *name);

/* One block: four words. counter 0, 1, 2, ... */
CT_API void ct_random_block(ct_random_key key, uint64_t counter, uint32_t out[4]);

/* Fill a contiguous float array. uniform: in (0, 1), never 0 or 1; of 32 random bits in float32, of 53 in float64. normal: mean 0, deviation 1, by
 * Box-Muller on two uniform numbers, of 32 bits (never beyond 6.77) in float32, of 64 (never beyond 9.5) in float64. The first 32 bits are the same in
 * both dtypes, so that the values of one key are nearly the same. */
CT_API void ct_random_uniform(ct_array y, ct_random_key key, int threads);
CT_API void ct_random_normal(ct_array y, ct_random_key key, int threads);

/* A permutation of 0..n-1 into `out` (Fisher-Yates). */
CT_API void ct_random_permutation(int64_t n, int32_t *out, ct_random_key key);

#ifdef __cplusplus
}
#endif
#endif
