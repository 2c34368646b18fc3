/* SPDX-License-Identifier: MIT */
/* The gradient of a recurrence h' = tanh(h w) that fades to subnormal numbers: its time at 100, 200 and 400 steps, with subnormal numbers flushed and kept. */
#include "cli.h"
#include "clock.h"
#include "median.h"
#include "program.h"

#include <cotangent.h>

#include <math.h>
#include <stdio.h>

enum { LENGTHS = 3, MOST_ROUNDS = 1000 };
static const int64_t length[LENGTHS] = {100, 200, 400};

typedef struct arguments {
    int64_t batch, width, threads, rounds;
    double scale;
} arguments;

static int parse(arguments *a, int argc, char **argv)
{
    const cli_option options[] = {
        {CLI_INT, "batch", &a->batch, .min = 1, .max = 65536, .help = "rows of h"},
        {CLI_INT, "width", &a->width, .min = 1, .max = 4096, .help = "columns of h"},
        {CLI_INT, "threads", &a->threads, .min = 0, .max = 256, .help = "0: as many as there are processors"},
        {CLI_INT, "rounds", &a->rounds, .min = 1, .max = MOST_ROUNDS, .help = "timed runs, of which the median counts"},
        {CLI_DOUBLE, "scale", &a->scale, .min = 0, .max = 10, .help = "of the weights, which are uniform in -scale / sqrt(width) to scale / sqrt(width)"},
    };
    return cli_parse("recurrence", "Time the gradient of a tanh recurrence at 100, 200 and 400 steps.", CLI_COUNT(options), options, argc, argv);
}

/* The gradients of the sum of the last h in w and in the first h, which is 0.5. The weights are drawn in each run, the same ones. */
static ct_program *build(ct_graph *g, const arguments *a, int64_t steps, bool keep, ct_error *err)
{
    double half = a->scale / sqrt((double)a->width);
    ct_var *w = ct_alias(ct_affine(ct_uniform(g, CT_F32, CT_SHAPE(a->width, a->width)), 2 * half, -half));
    ct_var *start = ct_input(g, "h", CT_F32, CT_SHAPE(a->batch, a->width)), *h = start, *d[2] = {NULL};
    for (int64_t i = 0; i < steps; i++)
        h = ct_tanh(ct_matmul(h, w));
    ct_grad(ct_sum_all(h), 2, (ct_var *[]){w, start}, d);
    ct_program *p = ct_compile(g, 2, d, &(ct_compile_options){.threads = (int)a->threads, .keep_subnormals = keep}, err);
    if (p && ct_program_set_scalar(p, start, 0.5, err))
        return p;
    ct_program_free(p);
    return NULL;
}

/* The median of the rounds, after one run that does not count. */
static bool time_runs(ct_program *p, int64_t rounds, double *seconds, ct_error *err)
{
    double each[MOST_ROUNDS];
    bool ok = ct_program_run(p, err);
    for (int64_t i = 0; ok && i < rounds; i++) {
        double start = clock_now();
        ct_program_set_step(p, 0);
        ok = ct_program_run(p, err);
        each[i] = clock_now() - start;
    }
    *seconds = ok ? median_of(each, rounds) : 0;
    return ok;
}

static bool time_length(const arguments *a, int64_t steps, bool keep, double *seconds, ct_error *err)
{
    ct_graph *g = ct_graph_new();
    ct_program *p = build(g, a, steps, keep, err);
    bool ok = p && time_runs(p, a->rounds, seconds, err);
    ct_program_free(p);
    ct_graph_free(g);
    return ok;
}

static bool run(const arguments *a, bool keep, ct_error *err)
{
    double seconds[LENGTHS];
    for (int i = 0; i < LENGTHS; i++)
        if (!time_length(a, length[i], keep, &seconds[i], err))
            return false;
    printf("subnormal numbers %s:", keep ? "kept" : "flushed");
    for (int i = 0; i < LENGTHS; i++)
        printf("  %lld steps %.3f ms (%.2f x)", (long long)length[i], 1e3 * seconds[i], seconds[i] / seconds[0]);
    printf("\n");
    return true;
}

static int command(int argc, char **argv)
{
    arguments a = {.batch = 64, .width = 64, .rounds = 20, .scale = 1};
    int status = parse(&a, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    bool ok = run(&a, false, &err) && run(&a, true, &err);
    return ok ? 0 : cli_fail("recurrence", "%s", err.message);
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("recurrence", command(argc, argv));
}
