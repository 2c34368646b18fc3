/* Progress on stderr and rows in log.csv. */
#include "progress.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool progress_init(progress *p, const char *path, const train_options *o, ct_error *err)
{
    *p = (progress){.log = fopen(path, "w"), .steps = o->steps, .batch = o->batch, .every = o->log_every,
                    .minutes = o->minutes, .terminal = isatty(STDERR_FILENO)};
    if (!p->log)
        return ct_fail(err, CT_E_IO, "%s: cannot be written: %s", path, strerror(errno));
    fputs("step,seconds", p->log);
    for (int i = 0; i < METRICS; i++)
        fprintf(p->log, ",%s", metric_names[i]);
    fputs(",samples_per_second\n", p->log);
    p->start = p->row_start = now();
    return true;
}

bool progress_free(progress *p, ct_error *err)
{
    bool bad = ferror(p->log) != 0;
    bad = fclose(p->log) != 0 || bad;
    return !bad || ct_fail(err, CT_E_IO, "log.csv could not be written in full: %s", strerror(errno));
}

/* Losses are means over the steps since the last row; the gradient's norm and the learning rate are the last step's. */
static void write_row(progress *p, int64_t done, const double metrics[METRICS])
{
    double time = now();
    fprintf(p->log, "%lld,%.3f", (long long)done, time - p->start);
    for (int i = 0; i < METRICS; i++)
        fprintf(p->log, ",%.6g", i < GRAD_NORM ? p->sum[i] / (double)p->summed : metrics[i]);
    fprintf(p->log, ",%.1f\n", (double)(p->summed * p->batch) / (time - p->row_start + 1e-9));
    fflush(p->log);
    memset(p->sum, 0, sizeof p->sum);
    p->summed = 0;
    p->row_start = time;
}

static double seconds_left(const progress *p, int64_t done, double elapsed)
{
    double left = elapsed / (double)done * (double)(p->steps - done), limit = 60 * p->minutes - elapsed;
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
    double elapsed = now() - p->start;
    long left = (long)(seconds_left(p, done, elapsed) + 0.5);
    if (p->terminal)
        draw_bar(done, p->steps);
    fprintf(stderr, "step %lld/%lld  %.1f steps/s  %ld:%02ld left  log_loss %.3f  raw %.4f  velocity %.4f%s",
            (long long)done, (long long)p->steps, (double)done / (elapsed + 1e-9), left / 60, left % 60,
            metrics[LOG_LOSS], metrics[RAW], metrics[VELOCITY], p->terminal ? "\033[K" : "\n");
    p->open_line = p->terminal;
}

void progress_step(progress *p, int64_t done, const double metrics[METRICS], bool last)
{
    for (int i = 0; i < METRICS; i++)
        p->sum[i] += metrics[i];
    p->summed++;
    if (last || done % p->every == 0)
        write_row(p, done, metrics);
    double time = now(), pause = p->terminal ? 0.25 : 10;
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

bool progress_time_is_up(const progress *p)
{
    return p->minutes > 0 && now() - p->start >= 60 * p->minutes;
}
