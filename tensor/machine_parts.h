/* SPDX-License-Identifier: MIT */
/* Private: what ct_machine_measure is made of. The measurements are made inside ct_team_run. */
#ifndef CT_MACHINE_PARTS_H
#define CT_MACHINE_PARTS_H

#include <cotangent/machine.h>

double ct_machine_now(void);  /* seconds */

/* Bytes of the cache at a level, of 2 (a core's own) and 3 (shared); 0 when unknown. */
size_t ct_machine_cache_bytes(int level);

/* Greatest number of operations a second on `threads` threads. */
double ct_machine_measure_peak(int threads, ct_dtype dtype);

/* Fill all but the capacity, using `bytes` bytes of memory at `at`, which has an address that is a multiple of 64 and holds numbers. */
void ct_machine_measure_bandwidth(int threads, void *at, size_t bytes, ct_machine_bandwidth *out);

#endif
