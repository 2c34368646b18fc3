/* Threads that share out work. A job's tasks are taken by counting down one word, which also holds the job's number and its number of threads: so a thread
 * that was held up between looking and taking can never take from a job other than the one it looked at. */
#include <cotangent/team.h>

#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

enum {
    /* Looks before a waiting thread offers its core to others: one that waits for work holds on through the short steps that the leader does alone, one that
     * waits for others to finish soon lets them have it. */
    IDLE_SPINS = 50000,
    FINISH_SPINS = 2000,
    MOST_THREADS = 1 << 16
};

typedef struct team {
    _Alignas(64) _Atomic uint64_t open;  /* job number << 48 | threads that may take part << 32 | tasks not taken yet */
    _Alignas(64) _Atomic int64_t done;   /* tasks of the job that are finished */
    _Alignas(64) _Atomic bool over;
    ct_task_fn task;                     /* of the present job: fixed while any of its tasks is unfinished */
    void *argument;
    int64_t tasks;
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

/* Take and do one task; false when none is left. */
static bool do_one(team *t, int thread)
{
    uint64_t open = atomic_load_explicit(&t->open, memory_order_acquire);
    do {
        if ((uint32_t)open == 0 || thread >= (int)(open >> 32 & 0xffff))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&t->open, &open, open - 1, memory_order_acq_rel, memory_order_acquire));
    int64_t left = (int64_t)(uint32_t)open;
    in_task = thread + 1;
    t->task(t->argument, t->tasks - left, thread);
    in_task = 0;
    atomic_fetch_add_explicit(&t->done, 1, memory_order_release);
    return true;
}

static void stand_by(team *t, int thread)
{
    int spins = 0;
    while (!atomic_load_explicit(&t->over, memory_order_acquire)) {
        if (do_one(t, thread))
            spins = 0;
        else
            pause_thread(&spins, IDLE_SPINS);
    }
}

static void share_out(team *t, int threads, int64_t n, ct_task_fn task, void *argument)
{
    uint64_t job = (atomic_load_explicit(&t->open, memory_order_relaxed) >> 48) + 1;
    t->task = task;
    t->argument = argument;
    t->tasks = n;
    atomic_store_explicit(&t->done, 0, memory_order_relaxed);
    atomic_store_explicit(&t->open, job << 48 | (uint64_t)threads << 32 | (uint64_t)n, memory_order_release);
    while (do_one(t, 0))
        ;
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
    else if (led && n <= UINT32_MAX && threads < MOST_THREADS)
        share_out(led, threads, n, task, argument);
    else
        fork_and_join(threads, n, task, argument);
}

void ct_team_run(int threads, void (*body)(void *argument), void *argument)
{
    if (threads <= 1 || led || in_task) {
        body(argument);
        return;
    }
    team t = {.tasks = 0};
#pragma omp parallel num_threads(threads)
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
