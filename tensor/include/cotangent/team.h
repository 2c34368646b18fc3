/* Threads that share out work. Inside ct_team_run (a running program) one team of OpenMP threads stays together from step to step: handing out work costs no fork and
 * join. Each thread has its own run of the tasks, the same in every job of as many, so that its cache holds what it made before; one that is done takes from the others,
 * so that a thread that is held up elsewhere delays only the task it has. */
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

/* Call body(argument) on this thread while `threads` - 1 others (at most 255) stand by for its ct_parallel_for. */
CT_API void ct_team_run(int threads, void (*body)(void *argument), void *argument);

#ifdef __cplusplus
}
#endif
#endif
