/* SPDX-License-Identifier: MIT */
/* Gather and scatter-add along one axis. */
#include "walk.h"

#include <cotangent/kernels.h>
#include <cotangent/team.h>
#include <string.h>

enum { GRAIN = 32768 };   /* elements a task should have */

/* --- gather --- */

typedef struct gather_job {
    char *y;
    const char *x;
    const int32_t *index;
    int64_t picks, rows, entries, tasks;  /* entries: picks of all outer elements */
    size_t bytes;                         /* of an entry */
} gather_job;

static void gather_task(void *argument, int64_t task, int thread)
{
    const gather_job *j = argument;
    int64_t end = ct_task_start(j->entries, j->tasks, task + 1);
    (void)thread;
    for (int64_t k = ct_task_start(j->entries, j->tasks, task); k < end; k++) {
        int64_t row = j->index[k % j->picks];
        char *to = j->y + (size_t)k * j->bytes;
        if (row >= 0 && row < j->rows)
            memcpy(to, j->x + (size_t)(k / j->picks * j->rows + row) * j->bytes, j->bytes);
        else
            memset(to, 0, j->bytes);
    }
}

void ct_gather(ct_array y, ct_array x, ct_array index, int64_t outer, int64_t rows, int64_t inner, int threads)
{
    gather_job j = {.y = y.data, .x = x.data, .index = index.data, .picks = ct_array_count(&index), .rows = rows};
    if (outer == 0 || j.picks == 0 || inner == 0)
        return;
    j.entries = outer * j.picks;
    j.bytes = (size_t)inner * ct_dtype_size(x.dtype);
    j.tasks = ct_tasks_for(threads, j.entries, j.entries * inner, GRAIN);
    ct_parallel_for(threads, j.tasks, gather_task, &j);
}

/* --- scatter-add --- */

typedef struct scatter {
    void *y;
    const void *u;
    const int32_t *index;
    int64_t picks, rows, inner;
    int64_t parts, pieces, tasks;         /* parts: of the rows; pieces: parts of all outer elements */
    void (*part)(const struct scatter *s, int64_t o, int64_t low, int64_t high);
} scatter;

/* Rows low..high-1 of outer element `o`, each from its own picks in their order. */
#define SCATTER(name, T)                                                                     \
    static void scatter_##name(const scatter *s, int64_t o, int64_t low, int64_t high)       \
    {                                                                                        \
        T *y = (T *)s->y + o * s->rows * s->inner;                                           \
        const T *u = (const T *)s->u + o * s->picks * s->inner;                              \
        for (int64_t i = low * s->inner; i < high * s->inner; i++)                           \
            y[i] = 0;                                                                        \
        for (int64_t i = 0; i < s->picks; i++) {                                             \
            if (s->index[i] < low || s->index[i] >= high)                                    \
                continue;                                                                    \
            T *to = y + s->index[i] * s->inner;                                              \
            const T *from = u + i * s->inner;                                                \
            _Pragma("omp simd") for (int64_t j = 0; j < s->inner; j++) to[j] = (T)(to[j] + from[j]); \
        }                                                                                    \
    }
SCATTER(f32, float)
SCATTER(f64, double)
SCATTER(i32, uint32_t)
SCATTER(u8, uint8_t)

/* Every piece reads all the indices and adds what falls into its rows, so the order of a sum is that of the indices. */
static void scatter_task(void *argument, int64_t task, int thread)
{
    const scatter *s = argument;
    int64_t end = ct_task_start(s->pieces, s->tasks, task + 1);
    (void)thread;
    for (int64_t k = ct_task_start(s->pieces, s->tasks, task); k < end; k++) {
        int64_t p = k % s->parts;
        s->part(s, k / s->parts, ct_task_start(s->rows, s->parts, p), ct_task_start(s->rows, s->parts, p + 1));
    }
}

void ct_scatter_add(ct_array y, ct_array u, ct_array index, int64_t outer, int64_t rows, int64_t inner, int threads)
{
    static void (*const part[CT_DTYPES])(const scatter *, int64_t, int64_t, int64_t) = {
        [CT_F32] = scatter_f32, [CT_F64] = scatter_f64, [CT_I32] = scatter_i32, [CT_U8] = scatter_u8};
    scatter s = {y.data, u.data, index.data, ct_array_count(&index), rows, inner, .part = part[y.dtype]};
    if (outer == 0 || rows == 0 || inner == 0)
        return;
    int64_t work = outer * (rows + s.picks) * inner;
    int workers = ct_threads_for(threads, work, GRAIN);
    s.parts = outer >= workers ? 1 : ct_min(rows, workers);
    s.pieces = outer * s.parts;
    s.tasks = ct_tasks_for(workers, s.pieces, work, GRAIN);
    ct_parallel_for(workers, s.tasks, scatter_task, &s);
}
