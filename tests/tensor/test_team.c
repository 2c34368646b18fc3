/* SPDX-License-Identifier: MIT */
/* Threads that share out work: every task runs once, on a thread that may take it, and what tasks wrote is there when the call returns. */
#include "support.h"

#include "team_threads.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

/* The same on this thread. */
static void one_chain(chain *c)
{
    for (int k = 0; k < JOBS; k++) {
        for (int i = 0; i < TASKS; i++)
            chain_task(c, i, 0);
        c->sum = 0;
        for (int i = 0; i < TASKS; i++)
            c->sum += c->part[i];
    }
}

static void small_jobs_follow_each_other(void **state)
{
    (void)state;
    chain shared = {.sum = 1}, alone = {.sum = 1};
    one_chain(&alone);
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

/* Only where there are always two. */
static void others_take_over(void **state)
{
    (void)state;
    ct_pace_use_all(true);
    for (int i = 0; i < 200; i++) {
        delay d = {0};
        ct_team_run(2, run_late, &d);
        assert_false(atomic_load(&d.given_up));
        assert_int_equal(atomic_load(&d.others), LATE - 1);
    }
    ct_pace_use_all(false);
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

/* --- beside others ------------------------------------------------------------------------------------------------------- */

/* Processes that compute without pause, and end themselves in any case. */
typedef struct neighbours {
    pid_t id[2];
} neighbours;

static neighbours start_neighbours(void)
{
    neighbours n;
    for (int i = 0; i < 2; i++)
        if ((n.id[i] = fork()) == 0) {
            alarm(60);
            for (volatile unsigned k = 0;; k++)
                ;
        }
    return n;
}

static void stop_neighbours(neighbours n)
{
    for (int i = 0; i < 2; i++)
        if (n.id[i] > 0) {
            kill(n.id[i], SIGKILL);
            waitpid(n.id[i], NULL, 0);
        }
}

/* Long enough for teams to give up threads and to try them again. */
static void *lead_for_a_while(void *argument)
{
    chain *c = argument;
    for (time_t start = time(NULL); time(NULL) - start < 2; c->sum = 1)
        ct_team_run(2, run_chain, c);
    ct_team_run(2, run_chain, c);
    return NULL;
}

static void busy_neighbours_change_nothing(void **state)
{
    (void)state;
    neighbours n = start_neighbours();
    pthread_t thread[2];
    chain c[2] = {{.sum = 1}, {.sum = 1}}, alone = {.sum = 1};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, lead_for_a_while, &c[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    stop_neighbours(n);
    ct_team_run(2, run_chain, &alone);
    assert_int_equal(c[0].sum, alone.sum);
    assert_int_equal(c[1].sum, alone.sum);
}

/* Tasks that sleep use no processor time, as tasks that are held up do. */
enum { SLEEPY = 8 };

static void sleep_and_tell(void *argument, int64_t i, int thread)
{
    (void)i;
    nanosleep(&(struct timespec){0, 500000}, NULL);
    if (thread > 0)
        atomic_store((atomic_bool *)argument, true);
}

typedef struct shares {
    int jobs, shared, shared_late;  /* jobs in all; of which other threads had tasks; of these after the first half second */
} shares;

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run_sleepy_jobs(void *argument)
{
    shares *s = argument;
    for (double start = seconds_now(), passed = 0; passed < 2; passed = seconds_now() - start, s->jobs++) {
        atomic_bool others = false;
        ct_parallel_for(2, SLEEPY, sleep_and_tell, &others);
        s->shared += atomic_load(&others);
        s->shared_late += passed > 0.5 && atomic_load(&others);
    }
}

static void threads_that_get_no_time_rest_and_are_tried_again(void **state)
{
    (void)state;
    shares s = {0};
    ct_team_run(2, run_sleepy_jobs, &s);
    if (s.shared > s.jobs / 2 || s.shared_late == 0)
        fail_msg("of %d jobs %d were shared, %d of them late; expected less than half, and some late ones", s.jobs, s.shared, s.shared_late);
}

/* --- waiting ------------------------------------------------------------------------------------------------------------- */

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void sleep_a_while(void *argument, int64_t i, int thread)
{
    (void)argument, (void)thread;
    if (i == 0)
        nanosleep(&(struct timespec){0, 400000000}, NULL);
}

static void wait_for_one(void *argument)
{
    ct_parallel_for(4, 4, sleep_a_while, argument);
}

/* Before the leader's next job, for a task that takes long, and between two runs. */
static void waiting_threads_sleep(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        double start = processor_seconds();
        ct_team_run(4, wait_for_one, NULL);
        nanosleep(&(struct timespec){0, 400000000}, NULL);
        if (processor_seconds() - start > 0.2)
            fail_msg("waiting for 0.8 s took %g s of processor time", processor_seconds() - start);
    }
}

/* A leader waits where threads can be cancelled, but holds its team with the tasks it has shared out. */
static atomic_bool leads;

static void run_chain_and_tell(void *argument)
{
    atomic_store(&leads, true);
    wait_for_one(argument);
    run_chain(argument);
}

static void *lead_until_the_end(void *argument)
{
    chain *c = argument;
    ct_team_run(3, run_chain_and_tell, c);
    c->sum += 1000;
    pthread_testcancel();
    return NULL;
}

static void a_leader_is_cancelled_after_its_run(void **state)
{
    (void)state;
    chain c = {.sum = 1};
    void *result;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, lead_until_the_end, &c), 0);
    while (!atomic_load(&leads))
        sched_yield();
    pthread_cancel(thread);
    pthread_join(thread, &result);
    assert_true(result == PTHREAD_CANCELED && c.sum >= 1000);
}

/* --- children -------------------------------------------------------------------------------------------------------------- */

/* Whether the child did what it was to do, and in time. */
static bool in_a_child(bool (*what)(void))
{
    int status = 0;
    pid_t id = fork();
    if (id == 0) {
        alarm(60);
        _exit(what() ? 0 : 1);
    }
    return id > 0 && waitpid(id, &status, 0) == id && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool runs_as_alone(void)
{
    chain c = {.sum = 1}, alone = {.sum = 1};
    ct_team_run(3, run_chain, &c);
    run_chain(&alone);
    return c.sum == alone.sum;
}

static bool has_several_threads(void)
{
    delay d = {0};
    ct_pace_use_all(true);
    ct_team_run(2, run_late, &d);
    ct_pace_use_all(false);
    return !atomic_load(&d.given_up) && atomic_load(&d.others) == LATE - 1;
}

static bool runs_in_a_child_too(void)
{
    return runs_as_alone() && has_several_threads() && in_a_child(runs_as_alone);
}

static void a_child_has_threads_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_true(runs_as_alone());
        assert_true(in_a_child(has_several_threads));
        assert_true(in_a_child(runs_in_a_child_too));
        assert_true(has_several_threads());
    }
}

/* The parent's loops before and after the fork, and the child's, which goes on with the run. */
static void fork_between_loops(void *argument)
{
    bool *ok = argument;
    chain c = {.sum = 1}, alone = {.sum = 1};
    run_chain(&c);
    pid_t id = fork();
    if (id == 0)
        alarm(60);
    run_chain(&c);
    for (int i = 0; i < 2; i++)
        one_chain(&alone);
    *ok = c.sum == alone.sum;
    if (id != 0) {
        int status = 1;
        waitpid(id, &status, 0);
        *ok = *ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
}

static void a_child_goes_on_with_the_run(void **state)
{
    (void)state;
    pid_t parent = getpid();
    bool ok = false;
    ct_team_run(3, fork_between_loops, &ok);
    if (getpid() != parent)
        _exit(ok && runs_as_alone() && has_several_threads() ? 0 : 1);
    assert_true(ok);
}

/* While another thread leads a team. */
static void a_child_is_forked_beside_a_run(void **state)
{
    (void)state;
    pthread_t thread;
    chain c = {.sum = 1};
    assert_int_equal(pthread_create(&thread, NULL, lead_a_team, &c), 0);
    for (int i = 0; i < 10; i++)
        assert_true(in_a_child(runs_in_a_child_too));
    pthread_join(thread, NULL);
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
        cmocka_unit_test(busy_neighbours_change_nothing),
        cmocka_unit_test(threads_that_get_no_time_rest_and_are_tried_again),
        cmocka_unit_test(waiting_threads_sleep),
        cmocka_unit_test(a_leader_is_cancelled_after_its_run),
        cmocka_unit_test(a_child_has_threads_of_its_own),
        cmocka_unit_test(a_child_goes_on_with_the_run),
        cmocka_unit_test(a_child_is_forked_beside_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
