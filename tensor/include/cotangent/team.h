/* SPDX-License-Identifier: MIT */
/* Threads that share out work. Inside ct_team_run (a running program) one team of threads stays together from step to step: handing out work costs no fork and join.
 * Each thread has its own run of the tasks, the same in every job of as many, so that its cache holds what it made before; one that is done takes from the others,
 * so that a thread that is held up elsewhere delays only the task it has. Threads that wait spin for at most a tenth of a millisecond, then sleep. Where other processes
 * use the processors too, so that threads wait for each other longer than they compute, a team does the work with fewer of them for a while.
 *
 * The threads are the library's own (pthreads). A team is started when it is first needed and kept, asleep, for the next leader; several threads may lead teams at the
 * same time. Tasks compute in the leader's floating-point mode. Signals go to the other threads of the program. A child of fork() starts threads of its own. */
#ifndef COTANGENT_TEAM_H
#define COTANGENT_TEAM_H

#include <cotangent/error.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Task number i, on thread `thread` of the team: 0 is the one that called, others are below the `threads` asked for. */
typedef void (*ct_task_fn)(void *argument, int64_t i, int thread);

/* Tasks 0..n-1 on at most `threads` threads, in no fixed order; returns when all are done. Tasks write apart from each other. A call from within a task that
 * was shared out runs all its tasks on the calling thread, as that thread. */
CT_API void ct_parallel_for(int threads, int64_t n, ct_task_fn task, void *argument);

/* Call body(argument) on this thread while `threads` - 1 others (at most 255) stand by for its ct_parallel_for. Where threads cannot be started there are fewer.
 * The calling thread cannot be cancelled meanwhile. */
CT_API void ct_team_run(int threads, void (*body)(void *argument), void *argument);

/* The number of threads to use where none is given: the processors that this process may run on, but no more than the processor time that Linux's control groups allow
 * it, rounded up (cpu.max of version 2, cpu.cfs_quota_us of version 1, of its group and those above). Where OMP_NUM_THREADS or omp_set_num_threads asks for a number it
 * is that, but no more than the processors. At least 1. */
CT_API int ct_threads_default(void);

#ifdef __cplusplus
}
#endif
#endif
