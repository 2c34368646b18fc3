/* SPDX-License-Identifier: MIT */
/* Time of one call of something short: repeated until a round is long enough for the clock, the best of several rounds. And the
 * core's clock rate, from a chain of dependent operations of one cycle each, so that times can be given in cycles. */
#ifndef BENCH_STOPWATCH_H
#define BENCH_STOPWATCH_H

#include <stdint.h>
#include <time.h>

static inline double stopwatch_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double stopwatch_round(void (*call)(const void *), const void *what, int64_t calls)
{
    double start = stopwatch_now();
    for (int64_t i = 0; i < calls; i++)
        call(what);
    return (stopwatch_now() - start) / (double)calls;
}

/* Seconds a call: the least of `rounds` rounds of about `seconds` each. */
static inline double stopwatch_best(void (*call)(const void *), const void *what, int rounds, double seconds)
{
    int64_t calls = 1;
    double each = stopwatch_round(call, what, calls);
    for (; each * (double)calls < seconds / 2; each = stopwatch_round(call, what, calls))
        calls *= 2;
    for (int i = 0; i < rounds; i++) {
        double time = stopwatch_round(call, what, calls);
        each = time < each ? time : each;
    }
    return each;
}

static inline void stopwatch_chain(const void *state)
{
    uint64_t x = *(const volatile uint64_t *)state;
    for (int i = 0; i < 10000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    *(volatile uint64_t *)state = x;
}

/* Cycles a nanosecond. A shift and an exclusive or of the chain are a cycle each: six a turn. */
static inline double stopwatch_clock(void)
{
    uint64_t state = 88172645463325252u;
    return 60000 / (1e9 * stopwatch_best(stopwatch_chain, &state, 9, 2e-3));
}

#endif
