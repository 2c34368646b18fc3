/* SPDX-License-Identifier: MIT */
/* How many threads to use where none is given. */
#include "cpu_quota.h"
#include "walk.h"
#include <cotangent/team.h>

#include <omp.h>
#include <stdlib.h>

/* OpenMP is asked, not used: its settings are those that users know. */
static bool is_asked_for(int wanted, int there)
{
    const char *text = getenv("OMP_NUM_THREADS");
    return wanted != there || (text && atoi(text) > 0);
}

int ct_threads_default(void)
{
    int wanted = omp_get_max_threads(), there = omp_get_num_procs();
    int64_t most = ct_min(wanted, there), allowed = is_asked_for(wanted, there) ? most : ct_cpu_quota("");
    return (int)ct_max(1, ct_min(most, allowed));
}
