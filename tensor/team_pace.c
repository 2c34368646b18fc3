/* SPDX-License-Identifier: MIT */
/* How many threads a team uses where others want the processors too. Threads that wait for one another need their processors at the same time: when one of them has to
 * share its own with another process, all wait for it. So the team compares, over windows of some milliseconds, the processor time that its threads were given with the
 * time that passed. Two that were together given hardly more than one alone would use rest: the work is done by one thread less for a while, then all are tried again,
 * after a longer and longer while as long as nothing has changed. The work is the same whoever does it, so its results are too. */
#include "team_threads.h"

#include <time.h>
#include <unistd.h>

enum { MS = 1000000 };
static const int64_t window = 10 * MS, short_rest = 20 * MS, long_rest = 320 * MS;

/* A team gives up a thread when all of its threads together were given less than so much more than the others alone could use ... */
static const double worth = 0.1;
/* ... and, of three or more, when the leader, which always has something to do, ran for less than this share of the time: the others may just have had no work. */
static const double leaders_share = 0.7;

static atomic_bool uses_all;

static int64_t read_clock(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) == 0 ? (int64_t)t.tv_sec * 1000000000 + t.tv_nsec : 0;
}

#if defined(_POSIX_THREAD_CPUTIME) && _POSIX_THREAD_CPUTIME >= 0
static const bool measures = true;

static int64_t own_time(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

static int64_t time_of(pthread_t id)
{
    clockid_t clock;
    return pthread_getcpuclockid(id, &clock) == 0 ? read_clock(clock) : 0;
}
#else
static const bool measures = false;

static int64_t own_time(void)
{
    return 0;
}

static int64_t time_of(pthread_t id)
{
    (void)id;
    return 0;
}
#endif

static int64_t all_time(const ct_team *t)
{
    int64_t sum = own_time();
    for (int i = 1; i < t->pace.limit; i++)
        sum += time_of(t->seats[i].id);
    return sum;
}

static void start_window(ct_team *t, int64_t now)
{
    t->pace.start = now;
    t->pace.leader_used = own_time();
    t->pace.used = all_time(t);
}

static void try_all(ct_team *t, int64_t now)
{
    t->pace.limit = t->pace.threads;
    t->pace.tried = now;
    start_window(t, now);
}

void ct_pace_enter(ct_team *t, const void *leader)
{
    ct_pace *p = &t->pace;
    int64_t now = measures ? read_clock(CLOCK_MONOTONIC) : 0;
    if (p->leader == leader && p->threads == t->threads) {
        p->start += now - p->paused;
        return;
    }
    *p = (ct_pace){.leader = leader, .threads = t->threads, .rest = short_rest};
    try_all(t, now);
}

void ct_pace_leave(ct_team *t)
{
    t->pace.paused = measures ? read_clock(CLOCK_MONOTONIC) : 0;
}

/* Together no more than one less would be given? */
static bool is_crowded(const ct_team *t, int64_t now)
{
    const ct_pace *p = &t->pace;
    double passed = (double)(now - p->start), used = (double)(all_time(t) - p->used), own = (double)(own_time() - p->leader_used);
    return used < (p->limit - 1 + worth) * passed && (p->limit == 2 || own < leaders_share * passed);
}

static void rest(ct_team *t, int64_t now)
{
    ct_pace *p = &t->pace;
    bool soon = now - p->tried < 10 * window;
    p->rest = !soon ? short_rest : 2 * p->rest < long_rest ? 2 * p->rest : long_rest;
    p->until = now + p->rest;
    p->limit--;
}

void ct_pace_use_all(bool all)
{
    atomic_store(&uses_all, all);
}

int ct_pace_threads(ct_team *t)
{
    ct_pace *p = &t->pace;
    if (!measures || atomic_load_explicit(&uses_all, memory_order_relaxed))
        return p->threads;
    int64_t now = read_clock(CLOCK_MONOTONIC);
    if (p->limit < p->threads && now >= p->until) {
        try_all(t, now);
    } else if (p->limit > 1 && now - p->start >= window) {
        if (is_crowded(t, now))
            rest(t, now);
        start_window(t, now);
    }
    return p->limit;
}
