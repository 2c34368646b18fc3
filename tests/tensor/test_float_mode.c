/* SPDX-License-Identifier: MIT */
/* Subnormal numbers: flushed or kept as a thread's mode says, in all threads of a team as in its leader. */
#include "support.h"

#include "team_threads.h"
#include <fenv.h>
#include <float.h>
#include <stdatomic.h>
#include <time.h>

#if defined(__x86_64__) || defined(__aarch64__)
enum { FLUSHES = 1 };
#else
enum { FLUSHES = 0 };
#endif

static volatile float least_f32 = FLT_MIN, half_f32 = 0.5f;
static volatile double least_f64 = DBL_MIN, half_f64 = 0.5;

/* A subnormal result, and a result of subnormal operands that is itself normal. */
static bool flushes_results(void)
{
    return least_f32 * half_f32 == 0 && least_f64 * half_f64 == 0;
}

static bool flushes_operands(void)
{
    volatile float x = 0x1p-140f, y = 0x1p100f;
    volatile double u = 0x1p-1060, v = 0x1p500;
    return x * y == 0 && u * v == 0;
}

static bool keeps(void)
{
    volatile float x = 0x1p-140f, y = 0x1p100f;
    volatile double u = 0x1p-1060, v = 0x1p500;
    return least_f32 * half_f32 == FLT_MIN / 2 && least_f64 * half_f64 == DBL_MIN / 2 && x * y == 0x1p-40f && u * v == 0x1p-560;
}

static void a_mode_flushes_or_keeps(void **state)
{
    (void)state;
    ct_float_mode before = ct_float_mode_get();
    ct_float_mode_set(ct_float_mode_flushing(before));
    bool flushed = flushes_results() && flushes_operands();
    ct_float_mode_set(ct_float_mode_keeping(ct_float_mode_get()));
    bool kept = keeps();
    ct_float_mode_set(before);
    assert_int_equal(flushed, FLUSHES);
    assert_true(kept);
    assert_true(keeps());
}

/* --- teams --- */

enum { TASKS = 64, THREADS = 4 };

typedef struct modes {
    atomic_int flushed, upward, other_threads;
} modes;

/* A tenth of a millisecond, so that all threads get some tasks. */
static void compute_a_while(void)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < 100000);
}

static void look(void *argument, int64_t i, int thread)
{
    modes *m = argument;
    (void)i;
    volatile double one = 1, tiny = 1e-30;
    atomic_fetch_add(&m->flushed, flushes_results());
    atomic_fetch_add(&m->upward, one + tiny > 1);
    atomic_fetch_add(&m->other_threads, thread > 0);
    compute_a_while();
}

static void look_in_all(void *argument)
{
    ct_parallel_for(THREADS, TASKS, look, argument);
}

static modes modes_of_tasks(ct_float_mode mode, int rounding)
{
    modes m = {0};
    ct_float_mode before = ct_float_mode_get();
    ct_float_mode_set(mode);
    fesetround(rounding);
    ct_team_run(THREADS, look_in_all, &m);
    ct_float_mode_set(before);
    fesetround(FE_TONEAREST);
    return m;
}

/* In turn, so that a mode that stays behind is seen. */
static void tasks_compute_in_their_leaders_mode(void **state)
{
    (void)state;
    ct_float_mode plain = ct_float_mode_keeping(ct_float_mode_get());
    for (int i = 0; i < 5; i++) {
        modes flushed = modes_of_tasks(ct_float_mode_flushing(plain), FE_TONEAREST), kept = modes_of_tasks(plain, FE_TONEAREST);
        assert_int_equal(atomic_load(&flushed.flushed), FLUSHES ? TASKS : 0);
        assert_int_equal(atomic_load(&kept.flushed), 0);
        assert_true(atomic_load(&flushed.other_threads) > 0 && atomic_load(&kept.other_threads) > 0);
    }
}

static void tasks_round_as_their_leader_does(void **state)
{
    (void)state;
    if (!FLUSHES)
        skip();
    ct_float_mode plain = ct_float_mode_get();
    for (int i = 0; i < 5; i++) {
        modes up = modes_of_tasks(plain, FE_UPWARD), near = modes_of_tasks(plain, FE_TONEAREST);
        assert_int_equal(atomic_load(&up.upward), TASKS);
        assert_int_equal(atomic_load(&near.upward), 0);
    }
}

int main(void)
{
    ct_pace_use_all(true);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mode_flushes_or_keeps),
        cmocka_unit_test(tasks_compute_in_their_leaders_mode),
        cmocka_unit_test(tasks_round_as_their_leader_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
