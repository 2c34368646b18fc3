/* SPDX-License-Identifier: MIT */
/* Strided arrays as loops: axes of extent 1 dropped, neighbours merged where memory allows, so that a contiguous array
 * of any rank is one run. Shared by the copies, the maps and the reductions. */
#ifndef COTANGENT_WALK_H
#define COTANGENT_WALK_H

#include <cotangent/array.h>

typedef struct ct_walk {
    const char *data;
    ct_dtype dtype;
    size_t size;                    /* bytes of an element */
    int rank;                       /* at least 1 */
    int64_t dim[CT_MAX_RANK];
    int64_t stride[CT_MAX_RANK];    /* in elements */
} ct_walk;

ct_walk ct_walk_of(const ct_array *a);
/* Offset in elements of element `i`. */
int64_t ct_walk_offset(const ct_walk *w, int64_t i);
/* Elements start..start+n-1 of the walk's order (the row-major order of the array) into contiguous memory. */
void ct_walk_load(const ct_walk *w, int64_t start, int64_t n, void *to);
/* Where n elements from `start` lie one after the other in memory, their address; else NULL. */
const void *ct_walk_run(const ct_walk *w, int64_t start, int64_t n);

/* Merge the axes of `n` arrays that are walked together (n strides per axis); returns the new rank, at least 1. */
int ct_merge_axes(int rank, int64_t *dim, int n, int64_t (*stride)[CT_MAX_RANK]);

/* Threads worth waking for `work` units of which one thread should have at least `grain`. */
static inline int ct_threads_for(int threads, int64_t work, int64_t grain)
{
    int64_t useful = work / grain;
    return useful <= 1 ? 1 : useful < threads ? (int)useful : threads;
}

static inline int64_t ct_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t ct_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t ct_ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

enum { CT_TASKS_EACH = 4 };   /* tasks of a thread, where there is the work for it */

/* Tasks to cut `items` equal pieces of work into, `work` units in all: several for each thread worth waking, so that a late
 * one delays little, but none (of several) much below `grain` ... */
static inline int64_t ct_tasks_for(int threads, int64_t items, int64_t work, int64_t grain)
{
    int64_t workers = ct_threads_for(threads, work, grain);
    int64_t tasks = workers == 1 ? 1 : workers * ct_min(CT_TASKS_EACH, work / (workers * grain));
    return ct_min(items, tasks);
}

/* ... of which number i begins here, and ends where the next begins. */
static inline int64_t ct_task_start(int64_t items, int64_t tasks, int64_t i)
{
    return items * i / tasks;
}

#endif
