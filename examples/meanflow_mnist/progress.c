/* SPDX-License-Identifier: MIT */
/* Progress on stderr. */
#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"

progress progress_of(const train_options *o, int64_t done)
{
    return (progress){.first = done, .steps = o->steps, .minutes = o->minutes, .terminal = isatty(STDERR_FILENO),
                      .start = clock_seconds()};
}

static double seconds_left(const progress *p, int64_t done, double elapsed)
{
    double left = elapsed / (double)(done - p->first) * (double)(p->steps - done), limit = 60 * p->minutes - elapsed;
    return p->minutes > 0 && limit < left ? (limit > 0 ? limit : 0) : left;
}

static void draw_bar(int64_t done, int64_t steps)
{
    enum { WIDTH = 20 };
    int full = (int)(WIDTH * done / steps);
    fprintf(stderr, "\r[%.*s%*s] ", full, "####################", WIDTH - full, "");
}

static void show(progress *p, int64_t done, const double metrics[METRICS])
{
    double elapsed = clock_seconds() - p->start;
    long left = (long)(seconds_left(p, done, elapsed) + 0.5);
    if (p->terminal)
        draw_bar(done, p->steps);
    fprintf(stderr, "step %lld/%lld  %.1f steps/s  %ld:%02ld left  log_loss %.3f  raw %.4f  velocity %.4f%s",
            (long long)done, (long long)p->steps, (double)(done - p->first) / (elapsed + 1e-9), left / 60, left % 60,
            metrics[LOG_LOSS], metrics[RAW], metrics[VELOCITY], p->terminal ? "\033[K" : "\n");
    p->open_line = p->terminal;
}

void progress_step(progress *p, int64_t done, const double metrics[METRICS], bool last)
{
    double time = clock_seconds(), pause = p->terminal ? 0.25 : 10;
    if (last || p->shown == 0 || time - p->shown >= pause) {
        show(p, done, metrics);
        p->shown = time;
    }
}

void progress_end_line(progress *p)
{
    if (p->open_line)
        fputc('\n', stderr);
    p->open_line = false;
}

void progress_note(progress *p, const char *format, ...)
{
    va_list args;
    progress_end_line(p);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

bool progress_time_is_up(const progress *p)
{
    return p->minutes > 0 && clock_seconds() - p->start >= 60 * p->minutes;
}
