/* SPDX-License-Identifier: MIT */
/* Waiting: a short spin, then sleep. A parked thread leaves its processor to others; whoever makes come true what it waits for unparks it. No wake-up is lost: the
 * waiter announces its sleep before it looks a last time, the waker looks for sleepers after it has published, and both in the one order of sequentially consistent
 * operations. So what `ready` reads must be published, and read, with memory_order_seq_cst. */
#ifndef COTANGENT_PARK_H
#define COTANGENT_PARK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct ct_parker {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool asleep;
} ct_parker;

void ct_parker_init(ct_parker *p);

/* Return once ready(argument) is true: spins for up to `spin` nanoseconds first. One thread at a time may park on p. */
void ct_park(ct_parker *p, int64_t spin, bool (*ready)(void *argument), void *argument);

/* Wake the thread that sleeps on p, if one does. */
void ct_unpark(ct_parker *p);

#endif
