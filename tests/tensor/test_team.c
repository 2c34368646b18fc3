/* Threads that share out work: every task runs once, on a thread that may take it, and what tasks wrote is there when the call returns. */
#include "support.h"

#include <cotangent/team.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 10000 };

typedef struct tally {
    atomic_int times[MOST];
    atomic_int misplaced;  /* tasks on a thread beyond those asked for */
    int threads;
} tally;

static void count_task(void *argument, int64_t i, int thread)
{
    tally *t = argument;
    atomic_fetch_add(&t->times[i], 1);
    if (thread < 0 || thread >= t->threads)
        atomic_fetch_add(&t->misplaced, 1);
}

static void check_once(int threads, int64_t n)
{
    tally *t = calloc(1, sizeof *t);
    t->threads = threads;
    ct_parallel_for(threads, n, count_task, t);
    assert_int_equal(atomic_load(&t->misplaced), 0);
    for (int64_t i = 0; i < MOST; i++)
        if (atomic_load(&t->times[i]) != (i < n))
            fail_msg("%d threads, %lld tasks: task %lld ran %d times", threads, (long long)n, (long long)i, atomic_load(&t->times[i]));
    free(t);
}

static void check_all_sizes(void *argument)
{
    static const int64_t sizes[] = {0, 1, 2, 3, 7, 100, 1001, MOST};
    (void)argument;
    for (int threads = 1; threads <= 5; threads++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            check_once(threads, sizes[i]);
}

static void every_task_runs_once(void **state)
{
    (void)state;
    check_all_sizes(NULL);
    for (int threads = 1; threads <= 5; threads++)
        ct_team_run(threads, check_all_sizes, NULL);
}

/* --- nested calls ---------------------------------------------------------------------------------------------------- */

typedef struct nest {
    atomic_long inner;
    atomic_int strayed;  /* inner tasks on another thread than the outer one */
} nest;

typedef struct nest_task {
    nest *n;
    int thread;
} nest_task;

static void inner_task(void *argument, int64_t i, int thread)
{
    nest_task *t = argument;
    (void)i;
    atomic_fetch_add(&t->n->inner, 1);
    if (thread != t->thread)
        atomic_fetch_add(&t->n->strayed, 1);
}

static void outer_task(void *argument, int64_t i, int thread)
{
    nest_task t = {argument, thread};
    (void)i;
    ct_parallel_for(3, 10, inner_task, &t);
}

static void run_nested(void *argument)
{
    ct_parallel_for(3, 50, outer_task, argument);
}

static void nested_calls_stay_on_their_thread(void **state)
{
    (void)state;
    nest n = {0};
    run_nested(&n);
    ct_team_run(3, run_nested, &n);
    assert_int_equal(atomic_load(&n.inner), 2 * 50 * 10);
    assert_int_equal(atomic_load(&n.strayed), 0);
}

/* --- many small jobs -------------------------------------------------------------------------------------------------- */

enum { JOBS = 100000, TASKS = 6 };

typedef struct chain {
    long part[TASKS], sum;
} chain;

/* Each task adds what the job before left: a task that ran early, twice or not at all changes the sum. */
static void chain_task(void *argument, int64_t i, int thread)
{
    chain *c = argument;
    (void)thread;
    c->part[i] = (c->sum + i) % 1000;
}

static void run_chain(void *argument)
{
    chain *c = argument;
    for (int k = 0; k < JOBS; k++) {
        ct_parallel_for(2, TASKS, chain_task, c);
        c->sum = 0;
        for (int i = 0; i < TASKS; i++)
            c->sum += c->part[i];
    }
}

static void small_jobs_follow_each_other(void **state)
{
    (void)state;
    chain shared = {.sum = 1}, alone = {.sum = 1};
    for (int k = 0; k < JOBS; k++) {
        for (int i = 0; i < TASKS; i++)
            chain_task(&alone, i, 0);
        alone.sum = 0;
        for (int i = 0; i < TASKS; i++)
            alone.sum += alone.part[i];
    }
    ct_team_run(2, run_chain, &shared);
    assert_int_equal(shared.sum, alone.sum);
}

/* --- jobs for fewer threads ----------------------------------------------------------------------------------------- */

typedef struct few {
    int threads;
    atomic_int strayed;  /* tasks on a thread that the job is not for */
} few;

static void stray(void *argument, int64_t i, int thread)
{
    few *f = argument;
    (void)i;
    if (thread >= f->threads)
        atomic_fetch_add(&f->strayed, 1);
}

/* A thread that looks for what is left of a job may find the next one open. */
static void alternate(void *argument)
{
    few *f = argument;
    for (int k = 0; k < JOBS; k++) {
        f->threads = 4 - k % 3;
        ct_parallel_for(f->threads, 5 + k % 2, stray, f);
    }
}

static void a_job_has_no_more_threads_than_asked_for(void **state)
{
    (void)state;
    few f = {.threads = 0};
    ct_team_run(4, alternate, &f);
    assert_int_equal(atomic_load(&f.strayed), 0);
}

/* --- threads that are held up ---------------------------------------------------------------------------------------- */

enum { LATE = 40 };

typedef struct delay {
    atomic_int others;     /* tasks that are finished, but for the first */
    atomic_bool given_up;
} delay;

/* The first waits until all others are done, those of its own thread too. */
static void wait_for_all(void *argument, int64_t i, int thread)
{
    delay *d = argument;
    (void)thread;
    if (i > 0) {
        atomic_fetch_add(&d->others, 1);
        return;
    }
    for (time_t start = time(NULL); atomic_load(&d->others) < LATE - 1 && !atomic_load(&d->given_up); sched_yield())
        if (time(NULL) - start > 60)
            atomic_store(&d->given_up, true);
}

static void run_late(void *argument)
{
    ct_parallel_for(2, LATE, wait_for_all, argument);
}

static void others_take_over(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        delay d = {0};
        ct_team_run(2, run_late, &d);
        assert_false(atomic_load(&d.given_up));
        assert_int_equal(atomic_load(&d.others), LATE - 1);
    }
}

/* --- several teams ------------------------------------------------------------------------------------------------------ */

static void *lead_a_team(void *argument)
{
    chain *c = argument;
    ct_team_run(2, run_chain, c);
    return NULL;
}

static void teams_do_not_meet(void **state)
{
    (void)state;
    pthread_t thread[3];
    chain c[3] = {{.sum = 1}, {.sum = 1}, {.sum = 1}};
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, lead_a_team, &c[i]), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(c[0].sum, c[1].sum);
    assert_int_equal(c[0].sum, c[2].sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(nested_calls_stay_on_their_thread),
        cmocka_unit_test(small_jobs_follow_each_other),
        cmocka_unit_test(a_job_has_no_more_threads_than_asked_for),
        cmocka_unit_test(others_take_over),
        cmocka_unit_test(teams_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
