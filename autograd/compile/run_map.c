/* SPDX-License-Identifier: MIT */
/* A fused step on its own: its rows are shared out. */
#include "row_code.h"
#include <cotangent/team.h>

enum { TASK_WORK = 1 << 17 };  /* elements times instructions of a task: some ten microseconds */

/* Blocks in runs of TASK_WORK, so that a late thread delays little; all of a thread's runs use its registers. */
typedef struct map_job {
    const ct_program *p;
    const step *s;
    int64_t per_task;  /* rows */
} map_job;

static void run_task(void *argument, int64_t task, int thread)
{
    const map_job *j = argument;
    int64_t first = task * j->per_task, left = j->s->rows - first;
    ct_run_rows(j->p, j->s, (row_range){first, left < j->per_task ? left : j->per_task}, NULL, thread);
}

void ct_run_map(const ct_program *p, const step *s)
{
    if (s->rows == 0 || s->columns == 0)
        return;
    int64_t work = s->block_rows * s->columns * s->instructions, blocks = work < TASK_WORK ? (TASK_WORK + work - 1) / work : 1;
    map_job j = {p, s, (blocks * s->block_rows + s->unit - 1) / s->unit * s->unit};
    ct_parallel_for(p->threads, (s->rows + j.per_task - 1) / j.per_task, run_task, &j);
    ct_code_finish_sums(p, s);
}
