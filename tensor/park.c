/* SPDX-License-Identifier: MIT */
/* Waiting: a short spin, then sleep. */
#include "park.h"

#include <time.h>

enum { LOOKS_A_TIME = 64 };  /* between two readings of the clock */

void ct_parker_init(ct_parker *p)
{
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    atomic_init(&p->asleep, false);
}

static int64_t nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool ready_within(int64_t spin, bool (*ready)(void *), void *argument)
{
    int64_t start = 0;
    for (int64_t looks = 1; !ready(argument); looks++) {
        relax();
        if (looks % LOOKS_A_TIME)
            continue;
        int64_t now = nanoseconds();
        start = start ? start : now;
        if (now - start >= spin)
            return false;
    }
    return true;
}

void ct_park(ct_parker *p, int64_t spin, bool (*ready)(void *argument), void *argument)
{
    if (ready_within(spin, ready, argument))
        return;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->asleep, true);
    while (!ready(argument))
        pthread_cond_wait(&p->wake, &p->lock);
    atomic_store(&p->asleep, false);
    pthread_mutex_unlock(&p->lock);
}

void ct_unpark(ct_parker *p)
{
    if (!atomic_load(&p->asleep))
        return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}
