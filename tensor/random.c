/* Random numbers from counters: streams, blocks of words, uniform numbers and permutations. */
#include "random_words.h"
#include "walk.h"

uint64_t ct_random_stream(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3ull;
    return hash;
}

void ct_random_block(ct_random_key key, uint64_t counter, uint32_t out[4])
{
    philox(key, counter, out);
}

enum { GRAIN = 16384 };   /* values a thread should have */

/* The middle of one of 2^32 equal parts of (0, 1). */
static double uniform_of(uint32_t word)
{
    return ((double)word + 0.5) * 0x1p-32;
}

/* The largest words round to 1 in float32: they become the largest float below 1. */
static float uniform_f32_of(uint32_t word)
{
    float u = (float)uniform_of(word);
    return u < 1 ? u : 0x1.fffffep-1f;
}

void ct_random_uniform(ct_array y, ct_random_key key, int threads)
{
    int64_t count = ct_array_count(&y);
    int workers = ct_threads_for(threads, count, GRAIN);
    float *f32 = y.data;
    double *f64 = y.data;
#pragma omp parallel for num_threads(workers) schedule(static) if (workers > 1)
    for (int64_t start = 0; start < count; start += RANDOM_WORDS) {
        uint32_t word[RANDOM_WORDS];
        random_words(key, (uint64_t)start / 4, word);
        int64_t n = ct_min(RANDOM_WORDS, count - start);
        for (int64_t i = 0; i < n && y.dtype == CT_F32; i++)
            f32[start + i] = uniform_f32_of(word[i]);
        for (int64_t i = 0; i < n && y.dtype == CT_F64; i++)
            f64[start + i] = uniform_of(word[i]);
    }
}

/* Position i is exchanged with one of 0..i, drawn as the upper part of (i + 1) times the 64 bits of two words. */
void ct_random_permutation(int64_t n, int32_t *out, ct_random_key key)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = (int32_t)i;
    for (int64_t i = n - 1; i > 0; i--) {
        uint32_t word[4];
        philox(key, (uint64_t)i, word);
        uint64_t range = (uint64_t)i + 1;
        uint64_t j = (word[0] * range + (word[1] * range >> 32)) >> 32;
        int32_t other = out[j];
        out[j] = out[i];
        out[i] = other;
    }
}
