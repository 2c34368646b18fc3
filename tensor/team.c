/* Threads that share out work. The tasks of a job are cut into as many runs as there are threads, and each thread takes those of its own run by counting down a word
 * that hardly anyone else looks at: cores may be far apart, and a counter common to all would go back and forth for every task. One that has no more of its own takes
 * what is left of the others'. A word also holds the job's number, so that a thread that was held up between looking and taking can never take from a job other than
 * the one it looked at. */
#include <cotangent/team.h>

#include "walk.h"

#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

enum {
    /* Looks before a waiting thread offers its core to others: one that waits for work holds on through the short steps that the leader does alone, one that
     * waits for others to finish soon lets them have it. */
    IDLE_SPINS = 50000,
    FINISH_SPINS = 2000,
    APART = 128,         /* bytes: two lines, since processors fetch them in pairs */
    MOST_THREADS = 256   /* of a team: their seats are on the leader's stack, as running a program allocates nothing */
};

/* What a thread of a job has to do. Only `open` changes while any task of it is unfinished. */
typedef struct seat {
    _Alignas(APART) _Atomic uint64_t open;  /* job number << 32 | tasks not taken yet */
    int64_t end;                            /* the task after its last */
    ct_task_fn task;
    void *argument;
} seat;

typedef struct team {
    int threads;
    uint32_t job;
    _Alignas(APART) _Atomic int64_t done;   /* tasks of the job that are finished */
    _Alignas(APART) _Atomic bool over;
    seat seats[MOST_THREADS];               /* of which `threads` are used */
} team;

/* The team this thread leads, and its number while it is in a task; the number is 1 more than the thread's. */
static _Thread_local team *led;
static _Thread_local int in_task;

static void pause_thread(int *spins, int most)
{
    if (++*spins < most) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
        return;
    }
    *spins = 0;
    sched_yield();
}

static int64_t left_of(uint64_t open)
{
    return (int64_t)(uint32_t)open;
}

static uint32_t job_of(uint64_t open)
{
    return (uint32_t)(open >> 32);
}

/* Take and do one task of this job; false when none is left. The next job may be open already, and may be for fewer threads. */
static bool do_one(seat *s, uint32_t job, int thread)
{
    uint64_t open = atomic_load_explicit(&s->open, memory_order_acquire);
    do {
        if (left_of(open) == 0 || job_of(open) != job)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&s->open, &open, open - 1, memory_order_acq_rel, memory_order_acquire));
    in_task = thread + 1;
    s->task(s->argument, s->end - left_of(open), thread);
    in_task = 0;
    return true;
}

static void do_all(team *t, seat *s, uint32_t job, int thread)
{
    int64_t n = 0;
    while (do_one(s, job, thread))
        n++;
    if (n > 0)
        atomic_fetch_add_explicit(&t->done, n, memory_order_release);
}

/* Its own tasks, then those that others have not got to. */
static void take_part(team *t, uint32_t job, int thread)
{
    for (int i = 0; i < t->threads; i++)
        do_all(t, &t->seats[(thread + i) % t->threads], job, thread);
}

static void stand_by(team *t, int thread)
{
    uint32_t seen = 0;
    for (int spins = 0; !atomic_load_explicit(&t->over, memory_order_acquire);) {
        uint32_t job = job_of(atomic_load_explicit(&t->seats[thread].open, memory_order_acquire));
        if (job != seen) {
            take_part(t, job, thread);
            seen = job;
            spins = 0;
        } else {
            pause_thread(&spins, IDLE_SPINS);
        }
    }
}

static void share_out(team *t, int threads, int64_t n, ct_task_fn task, void *argument)
{
    t->job++;
    atomic_store_explicit(&t->done, 0, memory_order_relaxed);
    for (int i = threads - 1; i >= 0; i--) {
        seat *s = &t->seats[i];
        int64_t start = ct_task_start(n, threads, i);
        s->end = ct_task_start(n, threads, i + 1), s->task = task, s->argument = argument;
        atomic_store_explicit(&s->open, (uint64_t)t->job << 32 | (uint64_t)(s->end - start), memory_order_release);
    }
    take_part(t, t->job, 0);
    for (int spins = 0; atomic_load_explicit(&t->done, memory_order_acquire) < n;)
        pause_thread(&spins, FINISH_SPINS);
}

static void one_after_the_other(int64_t n, ct_task_fn task, void *argument)
{
    int thread = in_task ? in_task - 1 : 0;
    for (int64_t i = 0; i < n; i++)
        task(argument, i, thread);
}

static void fork_and_join(int threads, int64_t n, ct_task_fn task, void *argument)
{
#pragma omp parallel num_threads(threads)
    {
        in_task = omp_get_thread_num() + 1;
#pragma omp for schedule(dynamic)
        for (int64_t i = 0; i < n; i++)
            task(argument, i, omp_get_thread_num());
        in_task = 0;
    }
}

void ct_parallel_for(int threads, int64_t n, ct_task_fn task, void *argument)
{
    if (threads > n)
        threads = (int)n;
    if (threads <= 1 || in_task)
        one_after_the_other(n, task, argument);
    else if (led && n <= UINT32_MAX)
        share_out(led, (int)ct_min(threads, led->threads), n, task, argument);
    else
        fork_and_join(threads, n, task, argument);
}

static void start_team(team *t, int threads)
{
    t->threads = threads;
    t->job = 0;
    atomic_init(&t->over, false);
    for (int i = 0; i < threads; i++)
        atomic_init(&t->seats[i].open, 0);
}

void ct_team_run(int threads, void (*body)(void *argument), void *argument)
{
    if (threads <= 1 || led || in_task) {
        body(argument);
        return;
    }
    team t;
    start_team(&t, (int)ct_min(threads, MOST_THREADS));
#pragma omp parallel num_threads(t.threads)
    {
        if (omp_get_thread_num() == 0) {
            led = &t;
            body(argument);
            led = NULL;
            atomic_store_explicit(&t.over, true, memory_order_release);
        } else {
            stand_by(&t, omp_get_thread_num());
        }
    }
}
