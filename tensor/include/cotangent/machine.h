/* SPDX-License-Identifier: MIT */
/* What the machine can do at most, measured: the limits that a program's times are held against. */
#ifndef COTANGENT_MACHINE_H
#define COTANGENT_MACHINE_H

#include <cotangent/shape.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where numbers can lie. */
typedef enum ct_machine_place {
    CT_IN_CORE_CACHES,   /* the caches that the cores in use have for themselves, taken together */
    CT_IN_SHARED_CACHE,  /* the last cache before memory */
    CT_IN_MEMORY,
    CT_MACHINE_PLACES
} ct_machine_place;

/* Bytes a second, read and written ones added up, of passes over arrays that lie in one place. Where a processor reads a line before it overwrites it, as most
 * do, `write` and `copy` move more bytes than they count; `update`, which overwrites what it has read, does not. */
typedef struct ct_machine_bandwidth {
    size_t capacity;   /* bytes that the place holds; SIZE_MAX for memory */
    double read;       /* s = s + x[i] */
    double write;      /* y[i] = i */
    double copy;       /* y[i] = x[i] + 1 */
    double update;     /* x[i] = x[i] + 1 */
    double best;       /* the greatest of them */
} ct_machine_bandwidth;

typedef struct ct_machine {
    int threads;                /* that shared the work */
    double flops_f32;           /* multiplications and additions a second, a fused multiply-add counted as two */
    double flops_f64;
    ct_machine_bandwidth bandwidth[CT_MACHINE_PLACES];
} ct_machine;

/* Measure with `threads` threads, at least 1, into *out; takes about half a second and is right only if nothing else runs. Each figure is the best of several
 * short rounds.
 * On x86-64 the multiply-adds are those of the widest vectors that the processor has, whatever the library was compiled for; elsewhere those the compiler
 * makes for vectors of 16 bytes. The passes over arrays use vectors as wide as the library was compiled for.
 * Capacities are what Linux says of the first processor's caches (256 KiB a core and 8 MiB where nothing is said). The memory it needs, four times the shared
 * cache but 64 MiB to 512 MiB, is freed again.
 * CT_E_ARGUMENT: threads < 1 or out is NULL; CT_E_MEMORY. */
CT_API bool ct_machine_measure(int threads, ct_machine *out, ct_error *err);

/* Only flops_f32 and flops_f64 of *m again, in some forty milliseconds, with m->threads threads: where the clock changes with the minute, as on shared machines, what a
 * piece of work is held against has to be measured beside it. CT_E_ARGUMENT: m is NULL or m->threads < 1. */
CT_API bool ct_machine_measure_flops(ct_machine *m, ct_error *err);

/* What keeps a piece of work from being done faster. */
typedef enum ct_limit {
    CT_LIMIT_NONE,      /* there is no work */
    CT_LIMIT_COMPUTE,   /* multiply-adds */
    CT_LIMIT_CORE,      /* bandwidth of the cores' own caches */
    CT_LIMIT_SHARED,    /* bandwidth of the shared cache */
    CT_LIMIT_MEMORY,    /* bandwidth of memory */
    CT_LIMITS
} ct_limit;
CT_API const char *ct_limit_name(ct_limit limit);  /* one word */

/* Seconds that `flops` operations need at the machine's limits on operands and results of which bytes[i] lie in place i, read and written ones added up: the
 * greater of flops / peak and the sum of bytes[i] / bandwidth[i].best (the roofline model). The peak is that of float64 if dtype is float64, else that of
 * float32. Into *binds, unless NULL, which of the two is the greater; of the places the one with most of the time. */
CT_API double ct_machine_seconds(const ct_machine *m, ct_dtype dtype, double flops, const double bytes[CT_MACHINE_PLACES], ct_limit *binds);

/* The first place with room for so many bytes. */
CT_API ct_machine_place ct_machine_place_for(const ct_machine *m, double bytes);

/* The limits as a table. */
CT_API void ct_machine_print(const ct_machine *m, FILE *to);

#ifdef __cplusplus
}
#endif
#endif
