/* Where the time of a run goes. */
#include "program_impl.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_EXPENSIVE = 20, MOST_OPS = 128 };

static const char *label(const step *s)
{
    if (s->kind == STEP_COPY)
        return "copy";
    if (s->kind == STEP_PRODUCT)
        return s->instructions ? "matmul+fused" : "matmul";
    return s->kind == STEP_MAP && s->instructions > 1 ? "fused" : s->var->op->name;
}

int64_t ct_program_step_count(const ct_program *p)
{
    return p->n_steps;
}

bool ct_program_step_time(const ct_program *p, int64_t i, ct_program_time *out)
{
    if (i < 0 || i >= p->n_steps)
        return false;
    const step *s = &p->steps[i];
    *out = (ct_program_time){.op = label(s), .name = ct_var_name(s->var), .index = s->var->index, .shape = s->var->shape,
                             .seconds = s->seconds, .flops = s->flops, .bytes = s->bytes};
    return true;
}

void ct_program_profile_reset(ct_program *p)
{
    for (int i = 0; i < p->n_steps; i++)
        p->steps[i].seconds = 0;
    p->runs_timed = 0;
}

static int slower_first(const void *a, const void *b)
{
    const ct_program_time *x = a, *y = b;
    return x->seconds > y->seconds ? -1 : x->seconds < y->seconds;
}

static int by_op(const ct_program *p, ct_program_time *ops)
{
    int n = 0;
    for (int64_t i = 0; i < p->n_steps; i++) {
        ct_program_time t;
        int k = 0;
        ct_program_step_time(p, i, &t);
        while (k < n && strcmp(ops[k].op, t.op) != 0)
            k++;
        if (k == MOST_OPS)
            continue;
        if (k == n)
            ops[n++] = (ct_program_time){.op = t.op};
        ops[k].seconds += t.seconds;
        ops[k].flops += t.flops;
        ops[k].bytes += t.bytes;
        ops[k].index++;
    }
    qsort(ops, (size_t)n, sizeof *ops, slower_first);
    return n;
}

static double rate(double amount, double runs, double seconds)
{
    return seconds > 0 ? 1e-9 * amount * runs / seconds : 0;
}

static void print_ops(const ct_program *p, FILE *to, double total, double runs)
{
    ct_program_time ops[MOST_OPS];
    int n = by_op(p, ops);
    fprintf(to, "%-16s %7s %10s %7s %9s %8s\n", "op", "steps", "ms/run", "share", "GFLOP/s", "GB/s");
    for (int i = 0; i < n; i++)
        fprintf(to, "%-16s %7lld %10.3f %6.1f%% %9.1f %8.1f\n", ops[i].op, (long long)ops[i].index, 1e3 * ops[i].seconds / runs,
                total > 0 ? 100 * ops[i].seconds / total : 0, rate(ops[i].flops, runs, ops[i].seconds),
                rate(ops[i].bytes, runs, ops[i].seconds));
}

static void print_steps(const ct_program_time *steps, int64_t n, FILE *to, double total, double runs)
{
    fprintf(to, "%-16s %7s %10s %7s %9s %8s  %s\n", "step", "node", "ms/run", "share", "GFLOP/s", "GB/s", "shape");
    for (int64_t i = 0; i < n && i < MOST_EXPENSIVE; i++)
        fprintf(to, "%-16s %7lld %10.3f %6.1f%% %9.1f %8.1f  %s %s\n", steps[i].op, (long long)steps[i].index,
                1e3 * steps[i].seconds / runs, total > 0 ? 100 * steps[i].seconds / total : 0, rate(steps[i].flops, runs, steps[i].seconds),
                rate(steps[i].bytes, runs, steps[i].seconds), CT_SHAPE_TEXT(steps[i].shape), steps[i].name);
}

void ct_program_profile(const ct_program *p, FILE *to)
{
    double total = 0, runs = p->runs_timed ? (double)p->runs_timed : 1;
    ct_program_time *steps = calloc((size_t)p->n_steps + 1, sizeof *steps);
    for (int64_t i = 0; i < p->n_steps; i++)
        total += p->steps[i].seconds;
    fprintf(to, "%lld runs, %.3f ms each, %d threads\n", (long long)p->runs_timed, 1e3 * total / runs, p->threads);
    print_ops(p, to, total, runs);
    for (int64_t i = 0; steps && i < p->n_steps; i++)
        ct_program_step_time(p, i, &steps[i]);
    if (steps) {
        qsort(steps, (size_t)p->n_steps, sizeof *steps, slower_first);
        print_steps(steps, p->n_steps, to, total, runs);
    }
    free(steps);
}
