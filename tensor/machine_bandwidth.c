/* SPDX-License-Identifier: MIT */
/* Bytes a second of simple passes over an array, each thread on a part of its own. */
#include "machine_parts.h"
#include <cotangent/team.h>

#if defined(__AVX512F__)
enum { WIDTH = 64 };
#elif defined(__AVX__)
enum { WIDTH = 32 };
#else
enum { WIDTH = 16 };
#endif

enum { ROUNDS = 6 };
static const double round_bytes = 128e6;  /* that a round goes over at least */

/* As wide as vectors are; elements of any type may be looked at as one. */
typedef uint64_t vector __attribute__((vector_size(WIDTH), may_alias));

static void read_pass(vector *x, int64_t n)
{
    vector a = {0}, b = a, c = a, d = a;
    for (int64_t i = 0; i + 4 <= n; i += 4) {
        a += x[i];
        b += x[i + 1];
        c += x[i + 2];
        d += x[i + 3];
    }
    x[0] = a + b + c + d;
}

static void write_pass(vector *x, int64_t n)
{
    vector number = {0};
    for (int64_t i = 0; i < n; i++, number += 1)
        x[i] = number;
}

static void copy_pass(vector *x, int64_t n)
{
    for (int64_t i = 0, half = n / 2; i < half; i++)
        x[half + i] = x[i] + 1;
}

static void update_pass(vector *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = x[i] + 1;
}

typedef struct pass_job {
    void (*pass)(vector *x, int64_t n);
    vector *x;
    int64_t vectors, times;
    int threads;
} pass_job;

static void run_passes(void *argument, int64_t i, int thread)
{
    const pass_job *j = argument;
    int64_t part = j->vectors / j->threads;
    (void)thread;
    for (int64_t k = 0; k < j->times; k++) {
        j->pass(j->x + i * part, part);
        __asm__ volatile("" ::: "memory");  /* the next pass is as much work as this one */
    }
}

/* bytes: of one pass, read and written. */
static double best_rate(pass_job *j, double bytes)
{
    double best = 0;
    j->times = 1 + (int64_t)(round_bytes / bytes);
    for (int r = 0; r < ROUNDS; r++) {
        double start = ct_machine_now();
        ct_parallel_for(j->threads, j->threads, run_passes, j);
        double rate = bytes * (double)j->times / (ct_machine_now() - start);
        best = rate > best ? rate : best;
    }
    return best;
}

static double rate_of(int threads, void *at, size_t bytes, void (*pass)(vector *x, int64_t n), double counted)
{
    pass_job j = {pass, at, (int64_t)(bytes / WIDTH), 1, threads};
    return best_rate(&j, counted * (double)bytes);
}

static double greatest(const double *x, int n)
{
    double y = x[0];
    for (int i = 1; i < n; i++)
        y = x[i] > y ? x[i] : y;
    return y;
}

void ct_machine_measure_bandwidth(int threads, void *at, size_t bytes, ct_machine_bandwidth *out)
{
    out->read = rate_of(threads, at, bytes, read_pass, 1);
    out->write = rate_of(threads, at, bytes, write_pass, 1);
    out->copy = rate_of(threads, at, bytes, copy_pass, 1);
    out->update = rate_of(threads, at, bytes, update_pass, 2);
    out->best = greatest((double[]){out->read, out->write, out->copy, out->update}, 4);
}
