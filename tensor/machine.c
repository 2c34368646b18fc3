/* SPDX-License-Identifier: MIT */
/* The limits of this machine, measured. */
#include "machine_parts.h"
#include <cotangent/team.h>

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE = 4096 };
static const size_t least_memory = (size_t)64 << 20, most_memory = (size_t)512 << 20;
static const size_t unknown_core = (size_t)256 << 10, unknown_shared = (size_t)8 << 20;  /* caches of which the system says nothing */

double ct_machine_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void set_capacities(ct_machine *m)
{
    int cores = m->threads < omp_get_num_procs() ? m->threads : omp_get_num_procs();
    size_t core = ct_machine_cache_bytes(2), own = (core ? core : unknown_core) * (size_t)cores;
    size_t last = ct_machine_cache_bytes(3), shared = last ? last : unknown_shared;
    m->bandwidth[CT_IN_CORE_CACHES].capacity = own;
    m->bandwidth[CT_IN_SHARED_CACHE].capacity = shared > own ? shared : own;
    m->bandwidth[CT_IN_MEMORY].capacity = SIZE_MAX;
}

/* Bytes of the arrays to go over: half of a cache, so that they stay in it; for memory far more than any cache. */
static size_t span(const ct_machine *m, int place)
{
    if (place != CT_IN_MEMORY)
        return m->bandwidth[place].capacity / 2;
    size_t bytes = 4 * m->bandwidth[CT_IN_SHARED_CACHE].capacity;
    bytes = bytes < least_memory ? least_memory : bytes;
    return bytes < most_memory ? bytes : most_memory;
}

static void measure_flops(void *argument)
{
    ct_machine *m = argument;
    m->flops_f32 = ct_machine_measure_peak(m->threads, CT_F32);
    m->flops_f64 = ct_machine_measure_peak(m->threads, CT_F64);
}

bool ct_machine_measure_flops(ct_machine *m, ct_error *err)
{
    if (!m)
        return ct_fail(err, CT_E_ARGUMENT, "machine_measure_flops: the machine is NULL");
    if (m->threads < 1)
        return ct_fail(err, CT_E_ARGUMENT, "machine_measure_flops: expected at least 1 thread, got %d", m->threads);
    ct_team_run(m->threads, measure_flops, m);
    return true;
}

typedef struct measurement {
    ct_machine *m;
    void *memory;
} measurement;

static void measure(void *argument)
{
    const measurement *w = argument;
    ct_machine *m = w->m;
    measure_flops(m);
    for (int i = 0; i < CT_MACHINE_PLACES; i++)
        ct_machine_measure_bandwidth(m->threads, w->memory, span(m, i), &m->bandwidth[i]);
}

bool ct_machine_measure(int threads, ct_machine *out, ct_error *err)
{
    if (!out)
        return ct_fail(err, CT_E_ARGUMENT, "machine_measure: the place for the result is NULL");
    if (threads < 1)
        return ct_fail(err, CT_E_ARGUMENT, "machine_measure: expected at least 1 thread, got %d", threads);
    ct_machine m = {.threads = threads};
    set_capacities(&m);
    size_t bytes = (span(&m, CT_IN_MEMORY) + PAGE - 1) / PAGE * PAGE;
    measurement w = {&m, aligned_alloc(PAGE, bytes)};
    if (!w.memory)
        return ct_fail(err, CT_E_MEMORY, "machine_measure: no memory for arrays of %zu bytes", bytes);
    memset(w.memory, 0, bytes);
    ct_team_run(threads, measure, &w);
    free(w.memory);
    *out = m;
    return true;
}
