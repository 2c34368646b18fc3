/* SPDX-License-Identifier: MIT */
/* Where the time of a run goes, and how near to the machine's limits it is spent. */
#include "program_impl.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_EXPENSIVE = 20, MOST_OPS = 128 };

int64_t ct_program_step_count(const ct_program *p)
{
    return p->n_steps;
}

int64_t ct_program_runs_timed(const ct_program *p)
{
    return p->runs_timed;
}

bool ct_program_step_time(const ct_program *p, int64_t i, ct_program_time *out)
{
    if (i < 0 || i >= p->n_steps)
        return false;
    const step *s = &p->steps[i];
    *out = (ct_program_time){.op = ct_step_label(s), .name = ct_var_name(s->var), .index = s->var->index, .dtype = s->var->dtype,
                             .shape = s->var->shape, .seconds = s->seconds, .flops = s->flops, .bytes = s->bytes};
    return true;
}

void ct_program_profile_reset(ct_program *p)
{
    for (int i = 0; i < p->n_steps; i++)
        p->steps[i].seconds = 0;
    p->runs_timed = 0;
}

/* --- rows of a table ------------------------------------------------------------------------------------------------------- */

/* A step, or all steps of an op: then time.index says how many. */
typedef struct row {
    ct_program_time time;
    double needed[CT_LIMITS];  /* seconds of one run at the machine's limits, by the limit that binds */
} row;

typedef struct table {
    const ct_machine *limits;
    FILE *to;
    double total, runs;        /* seconds of all steps; runs they are summed over */
} table;

static row row_of(const ct_program *p, int64_t i, const ct_machine *limits)
{
    row r = {0};
    ct_limit binds = CT_LIMIT_NONE;
    ct_program_step_time(p, i, &r.time);
    double seconds = limits ? ct_program_step_limit(p, i, limits, &binds) : 0;
    r.needed[binds] = seconds;
    return r;
}

static void add(row *sum, const row *r)
{
    sum->time.seconds += r->time.seconds;
    sum->time.flops += r->time.flops;
    sum->time.bytes += r->time.bytes;
    for (int i = 0; i < CT_LIMITS; i++)
        sum->needed[i] += r->needed[i];
}

static int slower_first(const void *a, const void *b)
{
    const row *x = a, *y = b;
    if (x->time.seconds != y->time.seconds)
        return x->time.seconds > y->time.seconds ? -1 : 1;
    return x->time.index < y->time.index ? -1 : x->time.index > y->time.index;
}

static int by_op(const row *steps, int64_t n_steps, row *ops)
{
    int n = 0;
    for (int64_t i = 0; i < n_steps; i++) {
        int k = 0;
        while (k < n && strcmp(ops[k].time.op, steps[i].time.op) != 0)
            k++;
        if (k == MOST_OPS)
            continue;
        if (k == n)
            ops[n++] = (row){.time = {.op = steps[i].time.op}};
        add(&ops[k], &steps[i]);
        ops[k].time.index++;
    }
    qsort(ops, (size_t)n, sizeof *ops, slower_first);
    return n;
}

/* --- printing -------------------------------------------------------------------------------------------------------------- */

static double rate(double amount, double runs, double seconds)
{
    return seconds > 0 ? 1e-9 * amount * runs / seconds : 0;
}

static double percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : 0;
}

static double all_needed(const row *r)
{
    double sum = 0;
    for (int i = 0; i < CT_LIMITS; i++)
        sum += r->needed[i];
    return sum;
}

/* The limit with most of the time at limits. */
static ct_limit main_limit(const row *r)
{
    int most = CT_LIMIT_NONE;
    for (int i = 0; i < CT_LIMITS; i++)
        most = r->needed[i] > r->needed[most] ? i : most;
    return (ct_limit)most;
}

static void print_head(const table *t, const char *what, const char *number, const char *rest)
{
    fprintf(t->to, "%-16s %7s %10s %7s %9s %8s", what, number, "ms/run", "share", "GFLOP/s", "GB/s");
    if (t->limits)
        fprintf(t->to, " %8s %-8s", "of limit", "limit");
    fprintf(t->to, "%s\n", rest);
}

static void print_row(const table *t, const row *r)
{
    const ct_program_time *x = &r->time;
    fprintf(t->to, "%-16s %7lld %10.3f %6.1f%% %9.1f %8.1f", x->op, (long long)x->index, 1e3 * x->seconds / t->runs,
            percent(x->seconds, t->total), rate(x->flops, t->runs, x->seconds), rate(x->bytes, t->runs, x->seconds));
    if (t->limits)
        fprintf(t->to, " %7.1f%% %-8s", percent(all_needed(r) * t->runs, x->seconds), ct_limit_name(main_limit(r)));
}

static void print_ops(const table *t, const row *steps, int64_t n_steps)
{
    row ops[MOST_OPS];
    int n = by_op(steps, n_steps, ops);
    print_head(t, "op", "steps", "");
    for (int i = 0; i < n; i++) {
        print_row(t, &ops[i]);
        fprintf(t->to, "\n");
    }
}

static void print_steps(const table *t, const row *steps, int64_t n)
{
    print_head(t, "step", "node", "  shape");
    for (int64_t i = 0; i < n && i < MOST_EXPENSIVE; i++) {
        print_row(t, &steps[i]);
        fprintf(t->to, "  %s %s\n", CT_SHAPE_TEXT(steps[i].time.shape), steps[i].time.name);
    }
}

static void print_whole(const ct_program *p, const table *t, const row *whole)
{
    fprintf(t->to, "%lld runs, %.3f ms each, %d threads", (long long)p->runs_timed, 1e3 * t->total / t->runs, p->threads);
    if (t->limits)
        fprintf(t->to, "; at the machine's limits %.3f ms, %.1f%%", 1e3 * all_needed(whole), percent(all_needed(whole) * t->runs, t->total));
    fprintf(t->to, "\n");
}

void ct_program_profile(const ct_program *p, const ct_machine *limits, FILE *to)
{
    row whole = {0}, *steps = calloc((size_t)p->n_steps + 1, sizeof *steps);
    for (int64_t i = 0; i < p->n_steps; i++) {
        row r = row_of(p, i, limits);
        add(&whole, &r);
        if (steps)
            steps[i] = r;
    }
    table t = {limits, to, whole.time.seconds, p->runs_timed ? (double)p->runs_timed : 1};
    print_whole(p, &t, &whole);
    if (steps) {
        print_ops(&t, steps, p->n_steps);
        qsort(steps, (size_t)p->n_steps, sizeof *steps, slower_first);
        print_steps(&t, steps, p->n_steps);
    }
    free(steps);
}
