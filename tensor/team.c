/* SPDX-License-Identifier: MIT */
/* Threads that share out work. The tasks of a job are cut into as many runs as there are threads, and each thread takes those of its own run by counting down a word
 * that hardly anyone else looks at: cores may be far apart, and a counter common to all would go back and forth for every task. One that has no more of its own takes
 * what is left of the others'. A word also holds the job's number, so that a thread that was held up between looking and taking can never take from a job other than
 * the one it looked at. Nobody waits for a thread that has no task: one that is held up between two tasks, or wakes late, finds the job done without it. */
#include <cotangent/team.h>

#include "team_threads.h"
#include "walk.h"

enum {
    /* Nanoseconds to spin before sleeping: a thread without work holds on through the short steps that the leader does alone, the leader until tasks of the usual
     * size are finished. */
    IDLE_SPIN = 100000,
    FINISH_SPIN = 50000,
    MOST_TASKS = 1 << 30  /* of a job: more are several jobs */
};

/* The team this thread leads, and its number while it is in a task; the number is 1 more than the thread's. */
static _Thread_local ct_team *led;
static _Thread_local int in_task;

static int64_t left_of(uint64_t open)
{
    return (int64_t)(uint32_t)open;
}

static uint32_t job_of(uint64_t open)
{
    return (uint32_t)(open >> 32);
}

/* Take and do one task of this job; false when none is left. The next job may be open already, and may be for fewer threads. */
static bool do_one(ct_seat *s, uint32_t job, int thread)
{
    uint64_t open = atomic_load_explicit(&s->open, memory_order_acquire);
    do {
        if (left_of(open) == 0 || job_of(open) != job)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&s->open, &open, open - 1, memory_order_acq_rel, memory_order_acquire));
    if (thread > 0)
        ct_float_mode_set(s->mode);
    in_task = thread + 1;
    s->task(s->argument, s->end - left_of(open), thread);
    in_task = 0;
    return true;
}

/* Whoever finishes the last task wakes the leader. The job cannot end before its tasks are counted, so t->tasks is this job's. */
static void do_all(ct_team *t, ct_seat *s, uint32_t job, int thread)
{
    int64_t n = 0;
    while (do_one(s, job, thread))
        n++;
    if (n == 0)
        return;
    int64_t all = t->tasks;
    if (atomic_fetch_add(&t->done, n) + n == all && thread > 0)
        ct_unpark(&t->seats[0].parker);
}

/* Its own tasks, then those that others have not got to. */
static void take_part(ct_team *t, uint32_t job, int thread)
{
    int size = atomic_load_explicit(&t->size, memory_order_relaxed);
    for (int i = 0; i < size; i++)
        do_all(t, &t->seats[(thread + i) % size], job, thread);
}

typedef struct news {
    ct_seat *s;
    uint32_t seen;  /* the job done last */
} news;

static bool there_is_news(void *argument)
{
    const news *w = argument;
    return job_of(atomic_load(&w->s->open)) != w->seen || atomic_load(&w->s->team->over);
}

void ct_team_stand_by(ct_seat *s)
{
    for (news w = {s, 0};;) {
        ct_park(&s->parker, IDLE_SPIN, there_is_news, &w);
        if (atomic_load(&s->team->over))
            return;
        w.seen = job_of(atomic_load(&s->open));
        take_part(s->team, w.seen, s->thread);
    }
}

static bool all_done(void *argument)
{
    ct_team *t = argument;
    return atomic_load(&t->done) == t->tasks;
}

/* The leader's seat comes first: a thread that is done with its own tasks before the leader has got to his must find them. Only then are threads woken, which takes
 * a while. */
static void open_job(ct_team *t, int threads, int64_t first, int64_t n, ct_task_fn task, void *argument)
{
    ct_float_mode mode = ct_float_mode_get();
    t->job++;
    t->tasks = n;
    atomic_store_explicit(&t->done, 0, memory_order_relaxed);
    for (int i = 0; i < threads; i++) {
        ct_seat *s = &t->seats[i];
        int64_t start = ct_task_start(n, threads, i), end = ct_task_start(n, threads, i + 1);
        s->end = first + end, s->task = task, s->argument = argument, s->mode = mode;
        atomic_store(&s->open, (uint64_t)t->job << 32 | (uint64_t)(end - start));
    }
    for (int i = 1; i < threads; i++)
        ct_unpark(&t->seats[i].parker);
}

/* Tasks first..first+n-1, on at least two threads. */
static void share_out(ct_team *t, int threads, int64_t first, int64_t n, ct_task_fn task, void *argument)
{
    open_job(t, threads, first, n, task, argument);
    take_part(t, t->job, 0);
    ct_park(&t->seats[0].parker, FINISH_SPIN, all_done, t);
}

static void one_after_the_other(int64_t first, int64_t n, ct_task_fn task, void *argument)
{
    int thread = in_task ? in_task - 1 : 0;
    for (int64_t i = first; i < first + n; i++)
        task(argument, i, thread);
}

typedef struct loop {
    int threads;
    int64_t n;
    ct_task_fn task;
    void *argument;
} loop;

static int useful_threads(int threads)
{
    int there = led ? ct_team_threads(led) : 1;
    return there > 1 ? (int)ct_min(ct_min(threads, there), ct_pace_threads(led)) : 1;
}

static void run_loop(void *argument)
{
    const loop *l = argument;
    for (int64_t i = 0; i < l->n; i += MOST_TASKS) {
        int64_t n = ct_min(MOST_TASKS, l->n - i);
        int threads = useful_threads(l->threads);
        if (threads > 1)
            share_out(led, threads, i, n, l->task, l->argument);
        else
            one_after_the_other(i, n, l->task, l->argument);
    }
}

void ct_parallel_for(int threads, int64_t n, ct_task_fn task, void *argument)
{
    threads = (int)ct_min(threads, n);
    if (threads <= 1 || in_task)
        one_after_the_other(0, n, task, argument);
    else
        ct_team_run(threads, run_loop, &(loop){threads, n, task, argument});
}

/* A leader that is cancelled where it waits would leave its team with tasks on a stack that is gone. */
void ct_team_run(int threads, void (*body)(void *argument), void *argument)
{
    ct_team *t = threads > 1 && !led && !in_task ? ct_team_borrow(threads) : NULL;
    if (!t) {
        body(argument);
        return;
    }
    int cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    led = t;
    ct_pace_enter(t, &led);
    body(argument);
    ct_pace_leave(t);
    led = NULL;
    ct_team_return(t);
    pthread_setcancelstate(cancel, NULL);
}
