/* SPDX-License-Identifier: MIT */
/* Time and memory of this process. */
#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double clock_now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

/* Field 22 of /proc/self/stat: when the process began, in ticks since the machine did. Field 2 is a name in brackets and may hold anything. */
static bool parse_ticks(const char *stat, unsigned long long *ticks)
{
    const char *field = strrchr(stat, ')');
    for (int i = 2; field && i < 22; i++)
        field = strchr(field + 1, ' ');
    return field && sscanf(field, "%llu", ticks) == 1;
}

bool clock_since_start(double *seconds, ct_error *err)
{
#ifdef CLOCK_BOOTTIME
    char text[1024];
    unsigned long long ticks;
    FILE *f = fopen("/proc/self/stat", "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = 0;
    if (f)
        fclose(f);
    if (parse_ticks(text, &ticks)) {
        *seconds = seconds_of(CLOCK_BOOTTIME) - (double)ticks / (double)sysconf(_SC_CLK_TCK);
        return true;
    }
#endif
    *seconds = 0;
    return ct_fail(err, CT_E_IO, "start of the process: /proc/self/stat does not tell, expected Linux");
}

long long clock_peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (long long)usage.ru_maxrss * 1024;
}
