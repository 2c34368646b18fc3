/* SPDX-License-Identifier: MIT */
/* Random numbers from counters: streams, blocks of words, uniform numbers and permutations. */
#include "random_words.h"
#include "walk.h"

#include <cotangent/team.h>

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

enum { GRAIN = 16384 };   /* values a task should have */

/* The middle of one of 2^32 equal parts of (0, 1). The largest words round to 1: they become the largest float below 1. */
static float uniform_f32_of(uint32_t word)
{
    float u = (float)(((double)word + 0.5) * 0x1p-32);
    return u < 1 ? u : 0x1.fffffep-1f;
}

/* A multiple of 2^-53 in [0, 1), 32 bits from one word and 21 from the other; 0 becomes 2^-54. */
static double uniform_f64_of(uint32_t upper, uint32_t lower)
{
    int64_t k = (int64_t)upper << 21 | (int64_t)(lower >> 11);
    return k ? (double)k * 0x1p-53 : 0x1p-54;
}

/* RANDOM_WORDS numbers, or what is left of them, from `start` on. */
static void uniform_f32_block(const random_fill *f, int64_t start)
{
    uint32_t word[RANDOM_WORDS];
    random_words(f->key, (uint64_t)start / 4, word);
    float *out = (float *)f->y.data + start;
    int64_t n = ct_min(RANDOM_WORDS, f->count - start);
    for (int64_t i = 0; i < n; i++)
        out[i] = uniform_f32_of(word[i]);
}

static void uniform_f64_block(const random_fill *f, int64_t start)
{
    uint32_t upper[RANDOM_WORDS], lower[RANDOM_WORDS];
    random_words(f->key, (uint64_t)start / 4, upper);
    random_words(random_lower(f->key), (uint64_t)start / 4, lower);
    double *out = (double *)f->y.data + start;
    int64_t n = ct_min(RANDOM_WORDS, f->count - start);
    for (int64_t i = 0; i < n; i++)
        out[i] = uniform_f64_of(upper[i], lower[i]);
}

void ct_random_uniform(ct_array y, ct_random_key key, int threads)
{
    ct_random_fill(y, key, y.dtype == CT_F32 ? uniform_f32_block : uniform_f64_block, GRAIN, threads);
}

static void fill_task(void *argument, int64_t task, int thread)
{
    const random_fill *f = argument;
    int64_t end = ct_task_start(f->blocks, f->tasks, task + 1);
    (void)thread;
    for (int64_t k = ct_task_start(f->blocks, f->tasks, task); k < end; k++)
        f->block(f, k * RANDOM_WORDS);
}

void ct_random_fill(ct_array y, ct_random_key key, void (*block)(const random_fill *f, int64_t start), int64_t grain, int threads)
{
    random_fill f = {.y = y, .key = key, .count = ct_array_count(&y), .block = block};
    f.blocks = ct_ceil_div(f.count, RANDOM_WORDS);
    f.tasks = ct_tasks_for(threads, f.blocks, f.count, grain);
    ct_parallel_for(threads, f.tasks, fill_task, &f);
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
