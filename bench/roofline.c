/* SPDX-License-Identifier: MIT */
/* A training step against the machine: where its time goes, and how much less would do at the measured limits of arithmetic and of memory. */
#include "cli.h"
#include "clock.h"
#include "median.h"
#include "program.h"
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPS = 128, WARM_UP = 2 };

typedef struct arguments {
    step_options step;
    int64_t steps, top;
    bool all;
} arguments;

/* A step of the program, or all steps of an op: then time.index says how many. */
typedef struct row {
    ct_program_time time;      /* seconds: of one run */
    double needed[CT_LIMITS];  /* seconds at the machine's limits, by the limit that binds */
} row;

/* Of each training step: how long it took, and what multiply-adds could have done meanwhile at the peak measured after it. */
typedef struct timing {
    double *seconds, *peak_flops;
} timing;

static int parse(arguments *a, int argc, char **argv)
{
    step_options *s = &a->step;
    const cli_option options[] = {
        STEP_NETWORK_OPTIONS(s),
        {CLI_INT, "heads", &s->heads, .min = 1, .max = 1024, .help = "of a dit"},
        {CLI_INT, "patch", &s->patch, .min = 1, .max = 28, .help = "pixels a side, of a dit"},
        {CLI_CHOICE, "objective", &s->objective, .value = "meanflow|flow", .help = "with r != t in a quarter of the rows, or nowhere"},
        {CLI_INT, "threads", &s->threads, .min = 0, .max = 1024, .help = "OpenMP threads; 0: all"},
        {CLI_INT, "steps", &a->steps, .min = 1, .max = 1000000, .help = "timed training steps, after two that are not"},
        {CLI_INT, "top", &a->top, .min = 0, .max = 1000000, .help = "how many of the most expensive steps of the program to print"},
        {CLI_FLAG, "all", &a->all, .help = "print every step, in the order of the run, instead"},
    };
    return cli_parse("roofline", "Hold a training step against what this machine can do at most.", CLI_COUNT(options), options, argc, argv);
}

/* --- rows ------------------------------------------------------------------------------------------------------------------ */

static row row_of(const ct_program *p, int64_t i, const ct_machine *m)
{
    row r = {0};
    ct_limit binds;
    ct_program_step_time(p, i, &r.time);
    r.time.seconds /= (double)ct_program_runs_timed(p);
    double seconds = ct_program_step_limit(p, i, m, &binds);
    r.needed[binds] = seconds;
    return r;
}

static void add(row *sum, const row *r)
{
    sum->time.seconds += r->time.seconds;
    sum->time.flops += r->time.flops;
    sum->time.bytes += r->time.bytes;
    sum->time.index++;
    for (int i = 0; i < CT_LIMITS; i++)
        sum->needed[i] += r->needed[i];
}

static double needed(const row *r)
{
    double sum = 0;
    for (int i = 0; i < CT_LIMITS; i++)
        sum += r->needed[i];
    return sum;
}

static ct_limit main_limit(const row *r)
{
    int most = CT_LIMIT_NONE;
    for (int i = 0; i < CT_LIMITS; i++)
        most = r->needed[i] > r->needed[most] ? i : most;
    return (ct_limit)most;
}

static int slower_first(const void *a, const void *b)
{
    const row *x = a, *y = b;
    if (x->time.seconds != y->time.seconds)
        return x->time.seconds > y->time.seconds ? -1 : 1;
    return x->time.index < y->time.index ? -1 : x->time.index > y->time.index;
}

static int by_op(const row *rows, int64_t n, row ops[MOST_OPS])
{
    int count = 0;
    for (int64_t i = 0; i < n; i++) {
        int k = 0;
        while (k < count && strcmp(ops[k].time.op, rows[i].time.op) != 0)
            k++;
        if (k == MOST_OPS)
            continue;
        if (k == count)
            ops[count++] = (row){.time = {.op = rows[i].time.op}};
        add(&ops[k], &rows[i]);
    }
    qsort(ops, (size_t)count, sizeof *ops, slower_first);
    return count;
}

/* --- printing -------------------------------------------------------------------------------------------------------------- */

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static void print_head(const char *what, const char *number, const char *rest)
{
    printf("\n%-14s %6s %9s %6s %8s %7s %8s %-8s %9s %8s  %s\n", what, number, "ms", "share", "GFLOP/s", "GB/s", "flop/B", "limit",
           "at limit", "of limit", rest);
}

static void print_row(const row *r, double total)
{
    const ct_program_time *t = &r->time;
    printf("%-14s %6lld %9.3f %5.1f%% %8.1f %7.1f %8.2f %-8s %9.3f %7.1f%%", t->op, (long long)t->index, 1e3 * t->seconds,
           100 * ratio(t->seconds, total), 1e-9 * ratio(t->flops, t->seconds), 1e-9 * ratio(t->bytes, t->seconds), ratio(t->flops, t->bytes),
           ct_limit_name(main_limit(r)), 1e3 * needed(r), 100 * ratio(needed(r), t->seconds));
}

static void print_ops(const row *rows, int64_t n, double total)
{
    row ops[MOST_OPS];
    int count = by_op(rows, n, ops);
    print_head("op", "steps", "");
    for (int i = 0; i < count; i++) {
        print_row(&ops[i], total);
        printf("\n");
    }
}

static void print_steps(const row *rows, int64_t n, double total)
{
    print_head("step", "node", "result");
    for (int64_t i = 0; i < n; i++) {
        print_row(&rows[i], total);
        printf("  %s %s %s\n", ct_dtype_name(rows[i].time.dtype), CT_SHAPE_TEXT(rows[i].time.shape), rows[i].time.name);
    }
}

static void print_whole(const row *w, const ct_machine *m)
{
    double s = w->time.seconds;
    printf("\nwhole: %.3f ms, %.3f GFLOP, %.3f GB; %.1f GFLOP/s, %.1f%% of the float32 peak; at the limits %.3f ms, %.1f%%:", 1e3 * s,
           1e-9 * w->time.flops, 1e-9 * w->time.bytes, 1e-9 * ratio(w->time.flops, s), 100 * ratio(w->time.flops / m->flops_f32, s),
           1e3 * needed(w), 100 * ratio(needed(w), s));
    for (int i = CT_LIMIT_COMPUTE; i < CT_LIMITS; i++)
        printf(" %s %.3f", ct_limit_name((ct_limit)i), 1e3 * w->needed[i]);
    printf("\n");
}

/* A hiccup makes one step slow: the median is that of the machine as it mostly is. */
static void print_median(const row *w, const timing *t, int64_t steps)
{
    printf("median of the steps: %.3f ms, %.1f%% of the float32 peak measured after it\n", 1e3 * median_of(t->seconds, steps),
           100 * ratio(w->time.flops, median_of(t->peak_flops, steps)));
}

static void print_tables(row *rows, int64_t n, const arguments *a, const timing *t, const ct_machine *m)
{
    row whole = {0};
    for (int64_t i = 0; i < n; i++)
        add(&whole, &rows[i]);
    print_ops(rows, n, whole.time.seconds);
    if (!a->all)
        qsort(rows, (size_t)n, sizeof *rows, slower_first);
    print_steps(rows, a->all || n < a->top ? n : a->top, whole.time.seconds);
    print_whole(&whole, m);
    print_median(&whole, t, a->steps);
}

/* --- running --------------------------------------------------------------------------------------------------------------- */

/* One step, and the machine's peaks after it. */
static bool time_step(ct_program *p, ct_machine *now, double *seconds, ct_error *err)
{
    double start = clock_now();
    bool ok = ct_program_run(p, err);
    *seconds = clock_now() - start;
    return ok && ct_machine_measure_flops(now, err);
}

/* The peaks become those of the same minutes: means over what is measured after each step. */
static bool time_steps(ct_program *p, int64_t steps, ct_machine *m, const timing *t, ct_error *err)
{
    ct_machine now = *m, sum = {0};
    double warm;
    for (int64_t i = 0; i < WARM_UP; i++)
        if (!time_step(p, &now, &warm, err))
            return false;
    ct_program_profile_reset(p);
    for (int64_t i = 0; i < steps; i++) {
        if (!time_step(p, &now, &t->seconds[i], err))
            return false;
        t->peak_flops[i] = t->seconds[i] * now.flops_f32;
        sum.flops_f32 += now.flops_f32, sum.flops_f64 += now.flops_f64;
    }
    m->flops_f32 = sum.flops_f32 / (double)steps, m->flops_f64 = sum.flops_f64 / (double)steps;
    return true;
}

static bool report(const ct_program *p, const arguments *a, const timing *t, const ct_machine *m, ct_error *err)
{
    int64_t n = ct_program_step_count(p);
    row *rows = calloc((size_t)n + 1, sizeof *rows);
    if (!rows)
        return ct_fail(err, CT_E_MEMORY, "no memory for the times of %lld steps", (long long)n);
    for (int64_t i = 0; i < n; i++)
        rows[i] = row_of(p, i, m);
    print_tables(rows, n, a, t, m);
    free(rows);
    return true;
}

static bool time_and_report(ct_program *p, const arguments *a, ct_machine *m, const timing *t, ct_error *err)
{
    if (!time_steps(p, a->steps, m, t, err))
        return false;
    printf("between the steps: %.1f GFLOP/s in float32\n", 1e-9 * m->flops_f32);
    return report(p, a, t, m, err);
}

static bool run(step *s, const arguments *a, ct_error *err)
{
    ct_machine m;
    if (!ct_machine_measure(a->step.threads ? (int)a->step.threads : ct_threads_default(), &m, err))
        return false;
    ct_machine_print(&m, stdout);
    if (!step_build(s, &a->step, err) || !step_compile(s, &a->step, err))
        return false;
    size_t bytes = (size_t)a->steps * sizeof(double);
    timing t = {malloc(bytes), malloc(bytes)};
    bool ok = (t.seconds && t.peak_flops) || ct_fail(err, CT_E_MEMORY, "no memory for the times of %lld steps", (long long)a->steps);
    ok = ok && time_and_report(s->program, a, &m, &t, err);
    free(t.seconds);
    free(t.peak_flops);
    return ok;
}

static int command(int argc, char **argv)
{
    arguments a = {.step = {.model = "mlp", .objective = "meanflow", .batch = 128, .heads = 4, .patch = 4, .dtype = CT_F32, .profile = true},
                   .steps = 20, .top = 10};
    int status = parse(&a, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    step s = {.graph = NULL};
    if (!step_configure(&s, &a.step, &err))
        return cli_fail("roofline", "%s", err.message);
    bool ok = run(&s, &a, &err);
    step_free(&s);
    return ok ? 0 : cli_fail("roofline", "%s", err.message);
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("roofline", command(argc, argv));
}
