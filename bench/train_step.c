/* SPDX-License-Identifier: MIT */
/* One whole step, timed: of training (noise, forward, tangent, backward, AdamW and EMA as one compiled program), or of drawing samples. */
#include "cli.h"
#include "clock.h"
#include "median.h"
#include "program.h"
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    step_options step;
    int64_t steps;
    bool startup, print;
} arguments;

/* What was measured, besides the time of each step. */
typedef struct measured {
    double median, best;  /* seconds of a step */
    double first;       /* seconds of the first step */
    double startup;     /* seconds from the start of the process to the end of the first step */
    long long base;     /* bytes that were resident before anything was built */
} measured;

static int parse(arguments *a, int argc, char **argv)
{
    step_options *s = &a->step;
    const cli_option options[] = {
        STEP_NETWORK_OPTIONS(s),
        {CLI_INT, "heads", &s->heads, .min = 1, .max = 1024, .help = "of a dit"},
        {CLI_INT, "patch", &s->patch, .min = 1, .max = 28, .help = "pixels a side, of a dit"},
        {CLI_CHOICE, "objective", &s->objective, .value = "meanflow|flow|draw",
         .help = "train with r != t in a quarter of the rows, or nowhere; or draw a batch in one evaluation"},
        {CLI_INT, "threads", &s->threads, .min = 0, .max = 1024, .help = "OpenMP threads; 0: all"},
        {CLI_INT, "steps", &a->steps, .min = 1, .max = 1000000, .help = "timed steps, after two that are not"},
        {CLI_FLAG, "startup", &a->startup, .help = "print a line with the first step's time, and that from the start of the process to its end"},
        {CLI_FLAG, "profile", &s->profile, .help = "print where the time goes"},
        {CLI_FLAG, "print", &a->print, .help = "print the compiled program"},
    };
    return cli_parse("train_step", "Time one step of training on random images, or of drawing samples.", CLI_COUNT(options), options, argc,
                     argv);
}

static bool time_step(step *s, double *seconds, ct_error *err)
{
    double start = clock_now();
    bool ok = ct_program_run(s->program, err);
    *seconds = clock_now() - start;
    return ok;
}

static bool time_first(step *s, bool startup, measured *m, ct_error *err)
{
    return time_step(s, &m->first, err) && (!startup || clock_since_start(&m->startup, err));
}

/* Every step's time into `seconds`, and the median. */
static bool time_steps(step *s, int64_t steps, double *seconds, measured *m, ct_error *err)
{
    double warm;
    if (!time_step(s, &warm, err))
        return false;
    ct_program_profile_reset(s->program);
    for (int64_t i = 0; i < steps; i++)
        if (!time_step(s, &seconds[i], err))
            return false;
    m->median = median_of(seconds, steps);
    m->best = seconds[0];
    return true;
}

static bool measure(step *s, const arguments *a, measured *m, ct_error *err)
{
    double *seconds = malloc((size_t)a->steps * sizeof *seconds);
    bool ok = seconds || ct_fail(err, CT_E_MEMORY, "no memory for %lld times", (long long)a->steps);
    ok = ok && time_first(s, a->startup, m, err) && time_steps(s, a->steps, seconds, m, err);
    free(seconds);
    return ok;
}

/* Against the machine's limits where they can be measured. */
static void print_profile(const step *s, int64_t threads)
{
    ct_machine limits;
    bool measured = ct_machine_measure(threads ? (int)threads : ct_threads_default(), &limits, NULL);
    ct_program_profile(s->program, measured ? &limits : NULL, stdout);
}

/* Lines of names and values in turn. */
static void report(const step *s, const arguments *a, const measured *m)
{
    if (a->startup)
        printf("startup_ms %.3f first_step_ms %.3f base_rss_bytes %lld\n", 1e3 * m->startup, 1e3 * m->first, m->base);
    printf("step_ms %.3f best_ms %.3f plan_bytes %lld peak_rss_bytes %lld params %lld\n", 1e3 * m->median, 1e3 * m->best, (long long)ct_program_bytes(s->program),
           clock_peak_bytes(), (long long)nn_params_numbers(s->params));
}

static bool run(step *s, const arguments *a, ct_error *err)
{
    measured m = {.base = clock_peak_bytes()};
    if (!step_build(s, &a->step, err) || !step_compile(s, &a->step, err))
        return false;
    if (a->print)
        ct_program_print(s->program, stdout);
    if (!measure(s, a, &m, err))
        return false;
    report(s, a, &m);
    if (a->step.profile)
        print_profile(s, a->step.threads);
    return true;
}

static int command(int argc, char **argv)
{
    arguments a = {.step = {.model = "mlp", .objective = "meanflow", .batch = 128, .heads = 4, .patch = 4, .dtype = CT_F32}, .steps = 20};
    int status = parse(&a, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    step s = {.graph = NULL};
    if (!step_configure(&s, &a.step, &err))
        return cli_fail("train_step", "%s", err.message);
    bool ok = run(&s, &a, &err);
    step_free(&s);
    return ok ? 0 : cli_fail("train_step", "%s", err.message);
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("train_step", command(argc, argv));
}
