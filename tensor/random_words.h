/* SPDX-License-Identifier: MIT */
/* Philox4x32-10: ten rounds of two 32-bit multiplications, a bijection of the counter for every key. The words of many
 * blocks at a time, so that the rounds are vectorised across blocks. */
#ifndef COTANGENT_RANDOM_WORDS_H
#define COTANGENT_RANDOM_WORDS_H

#include <cotangent/random.h>

/* One block. Philox key: the seed. Philox counter: the low words of `counter` and `step`, then the stream. Beyond 2^32
 * blocks (2^34 values of one draw) the upper word of `counter` changes the key. */
static inline void philox(ct_random_key key, uint64_t counter, uint32_t out[4])
{
    uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)key.step, c2 = (uint32_t)key.stream,
        c3 = (uint32_t)(key.stream >> 32);
    uint32_t k0 = (uint32_t)key.seed, k1 = (uint32_t)(key.seed >> 32) ^ (uint32_t)(counter >> 32);
    for (int i = 0; i < 10; i++) {
        uint64_t p0 = UINT64_C(0xD2511F53) * c0, p1 = UINT64_C(0xCD9E8D57) * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

enum { RANDOM_WORDS = 256 };   /* of a batch */

/* The words of the blocks from `first` on. */
static inline void random_words(ct_random_key key, uint64_t first, uint32_t word[RANDOM_WORDS])
{
#pragma omp simd
    for (int b = 0; b < RANDOM_WORDS / 4; b++)
        philox(key, first + (uint64_t)b, word + 4 * b);
}

/* The key of the lower halves of 64-bit draws: the same blocks of another stream, far from the small numbers and the hashes that name streams. */
static inline ct_random_key random_lower(ct_random_key key)
{
    key.stream ^= UINT64_C(0x9E3779B97F4A7C15);
    return key;
}

/* An array that is filled with numbers made from words, RANDOM_WORDS at a time. */
typedef struct random_fill {
    ct_array y;
    ct_random_key key;
    int64_t count, blocks, tasks;
    void (*block)(const struct random_fill *f, int64_t start);  /* numbers start to start + RANDOM_WORDS, or to the end */
} random_fill;

/* All of y, in tasks of at least `grain` numbers. */
void ct_random_fill(ct_array y, ct_random_key key, void (*block)(const random_fill *f, int64_t start), int64_t grain, int threads);

#endif
