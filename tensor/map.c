/* SPDX-License-Identifier: MIT */
/* Elementwise maps over arrays: blocks of contiguous operands, or of operands loaded into small buffers first. */
#include "walk.h"

#include <cotangent/kernels.h>
#include <cotangent/team.h>

enum {
    DIRECT_BLOCK = 4096,   /* elements of a block when every operand is contiguous */
    LOAD_BLOCK = 1024,     /* when some are loaded: all of a block's operands fit in the first-level cache */
    GRAIN = 16384          /* elements a task should have */
};

typedef struct operand {
    ct_walk walk;
    bool contiguous;
    bool scalar;           /* one element, repeated */
} operand;

static operand operand_of(const ct_array *a)
{
    operand o = {.walk = ct_walk_of(a)};
    o.contiguous = o.walk.rank == 1 && (o.walk.stride[0] == 1 || o.walk.dim[0] == 1);
    o.scalar = !o.contiguous && o.walk.rank == 1 && o.walk.stride[0] == 0;
    return o;
}

/* What the tasks of a map share. */
typedef struct map_job {
    ct_map_fn fn;
    const void *attr;
    ct_array y;
    int n;
    const operand *x;
    int64_t count, block, blocks, tasks;
} map_job;

static void run_block(const map_job *j, int64_t start, const void *const *in)
{
    char *to = (char *)j->y.data + (size_t)start * ct_dtype_size(j->y.dtype);
    j->fn(ct_min(j->block, j->count - start), in, to, j->attr);
}

static void direct_task(void *argument, int64_t task, int thread)
{
    const map_job *j = argument;
    int64_t end = ct_task_start(j->blocks, j->tasks, task + 1);
    (void)thread;
    for (int64_t b = ct_task_start(j->blocks, j->tasks, task); b < end; b++) {
        const void *in[CT_MAP_MAX_INPUTS] = {NULL};
        for (int i = 0; i < j->n; i++)
            in[i] = j->x[i].walk.data + (size_t)(b * j->block) * j->x[i].walk.size;
        run_block(j, b * j->block, in);
    }
}

/* One buffer for each operand: a block of at most 8-byte elements. */
typedef char buffers[CT_MAP_MAX_INPUTS][LOAD_BLOCK * 8];

static void load_scalars(int n, const operand *x, int64_t count, buffers buffer)
{
    for (int i = 0; i < n; i++)
        if (x[i].scalar)
            ct_walk_load(&x[i].walk, 0, ct_min(LOAD_BLOCK, count), buffer[i]);
}

static void load_block(int n, const operand *x, int64_t start, int64_t block, buffers buffer, const void **in)
{
    for (int i = 0; i < n; i++) {
        const void *run = x[i].scalar ? buffer[i] : ct_walk_run(&x[i].walk, start, block);
        if (!run)
            ct_walk_load(&x[i].walk, start, block, buffer[i]);
        in[i] = run ? run : buffer[i];
    }
}

static void loaded_task(void *argument, int64_t task, int thread)
{
    const map_job *j = argument;
    int64_t end = ct_task_start(j->blocks, j->tasks, task + 1);
    _Alignas(64) buffers buffer;
    (void)thread;
    load_scalars(j->n, j->x, j->count, buffer);
    for (int64_t b = ct_task_start(j->blocks, j->tasks, task); b < end; b++) {
        const void *in[CT_MAP_MAX_INPUTS] = {NULL};
        load_block(j->n, j->x, b * LOAD_BLOCK, ct_min(LOAD_BLOCK, j->count - b * LOAD_BLOCK), buffer, in);
        run_block(j, b * LOAD_BLOCK, in);
    }
}

void ct_map(ct_map_fn fn, const void *attr, ct_array y, int n, const ct_array *x, int threads)
{
    int64_t count = ct_array_count(&y);
    if (count == 0)
        return;
    operand operands[CT_MAP_MAX_INPUTS];
    bool direct = true;
    for (int i = 0; i < n; i++) {
        operands[i] = operand_of(&x[i]);
        direct = direct && operands[i].contiguous;
    }
    map_job j = {.fn = fn, .attr = attr, .y = y, .n = n, .x = operands, .count = count, .block = direct ? DIRECT_BLOCK : LOAD_BLOCK};
    j.blocks = ct_ceil_div(count, j.block);
    j.tasks = ct_tasks_for(threads, j.blocks, count, GRAIN);
    ct_parallel_for(threads, j.tasks, direct ? direct_task : loaded_task, &j);
}
