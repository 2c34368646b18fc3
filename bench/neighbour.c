/* SPDX-License-Identifier: MIT */
/* A training step beside a busy neighbour: with several threads against one thread, both while another process computes without pause. The neighbour is started here,
 * ends itself after some time in any case, and is ended after each measurement. */
#include "cli.h"
#include "clock.h"
#include "median.h"
#include "program.h"
#include "step.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_ROUNDS = 1000, NEIGHBOUR_SECONDS = 120 };

typedef struct arguments {
    step_options step;
    int64_t rounds, neighbours;
    double seconds;  /* of a measurement */
} arguments;

/* The same step on one thread and on several, and seconds a step: [0] without the neighbours, [1] beside them. */
typedef struct contest {
    step one, several;
    double one_s[2][MOST_ROUNDS], several_s[2][MOST_ROUNDS], ratio[2][MOST_ROUNDS];
} contest;

static int parse(arguments *a, int argc, char **argv)
{
    step_options *s = &a->step;
    const cli_option options[] = {
        STEP_NETWORK_OPTIONS(s),
        {CLI_INT, "threads", &s->threads, .min = 2, .max = 256, .help = "of the step that is held against one thread"},
        {CLI_INT, "neighbours", &a->neighbours, .min = 0, .max = 16, .help = "processes that compute without pause"},
        {CLI_INT, "rounds", &a->rounds, .min = 1, .max = MOST_ROUNDS, .help = "measurements of each kind"},
        {CLI_DOUBLE, "seconds", &a->seconds, .min = 0.01, .max = 20, .help = "of a measurement, at least"},
    };
    return cli_parse("neighbour", "Time a training step on several threads and on one, beside a busy neighbour.", CLI_COUNT(options), options, argc, argv);
}

/* --- neighbours --- */

static void compute_for_ever(void)
{
    alarm(NEIGHBOUR_SECONDS);
    for (volatile unsigned i = 0;; i++)
        ;
}

static void stop(int64_t n, const pid_t *id)
{
    for (int64_t i = 0; i < n; i++) {
        kill(id[i], SIGKILL);
        waitpid(id[i], NULL, 0);
    }
}

/* How many were started. */
static int64_t start(int64_t n, pid_t *id)
{
    for (int64_t i = 0; i < n; i++) {
        id[i] = fork();
        if (id[i] == 0)
            compute_for_ever();
        if (id[i] < 0)
            return i;
    }
    return n;
}

/* --- measurements --- */

/* Seconds a step, the mean over as many steps as take `least` seconds. */
static bool time_step(step *s, double least, double *seconds, ct_error *err)
{
    double begin = clock_now(), passed = 0;
    int64_t n = 0;
    for (; passed < least; passed = clock_now() - begin, n++)
        if (!ct_program_run(s->program, err))
            return false;
    *seconds = passed / (double)n;
    return true;
}

/* Both in turn, the other one first in every second round, after as long a time in which the team finds out what there is beside it. */
static bool time_both(contest *c, const arguments *a, int beside, int64_t round, ct_error *err)
{
    double settled, *one = &c->one_s[beside][round], *several = &c->several_s[beside][round];
    if (!time_step(&c->several, a->seconds, &settled, err))
        return false;
    bool ok = round % 2 ? time_step(&c->several, a->seconds, several, err) && time_step(&c->one, a->seconds, one, err)
        : time_step(&c->one, a->seconds, one, err) && time_step(&c->several, a->seconds, several, err);
    c->ratio[beside][round] = *several / *one;
    return ok;
}

static bool run_round(contest *c, const arguments *a, int64_t round, ct_error *err)
{
    if (!time_both(c, a, 0, round, err))
        return false;
    pid_t id[16];
    int64_t started = start(a->neighbours, id);
    bool ok = started == a->neighbours ? time_both(c, a, 1, round, err) : ct_fail(err, CT_E_MEMORY, "cannot start a neighbour");
    stop(started, id);
    return ok;
}

static void report(contest *c, const arguments *a, int beside)
{
    long long n = beside ? a->neighbours : 0, threads = a->step.threads;
    double ratio = median_of(c->ratio[beside], a->rounds);
    printf("neighbours %lld: 1 thread %.3f ms, %lld threads %.3f ms a step; %lld threads take %.3f of the time of 1 (%.3f to %.3f, %lld rounds)\n", n,
           1e3 * median_of(c->one_s[beside], a->rounds), threads, 1e3 * median_of(c->several_s[beside], a->rounds), threads, ratio, c->ratio[beside][0],
           c->ratio[beside][a->rounds - 1], (long long)a->rounds);
}

/* --- */

static bool prepare(step *s, step_options o, int64_t threads, ct_error *err)
{
    double warm;
    o.threads = threads;
    return step_configure(s, &o, err) && step_build(s, &o, err) && step_compile(s, &o, err) && time_step(s, 0.01, &warm, err);
}

static bool run(contest *c, const arguments *a, ct_error *err)
{
    if (!prepare(&c->one, a->step, 1, err) || !prepare(&c->several, a->step, a->step.threads, err))
        return false;
    for (int64_t i = 0; i < a->rounds; i++)
        if (!run_round(c, a, i, err))
            return false;
    report(c, a, 0);
    report(c, a, 1);
    return true;
}

static int command(int argc, char **argv)
{
    arguments a = {.step = {.model = "mlp", .objective = "meanflow", .batch = 128, .heads = 4, .patch = 4, .threads = 2, .dtype = CT_F32},
                   .rounds = 7, .neighbours = 1, .seconds = 1};
    int status = parse(&a, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    contest *c = calloc(1, sizeof *c);
    bool ok = c ? run(c, &a, &err) : ct_fail(&err, CT_E_MEMORY, "no memory for the times");
    if (c) {
        step_free(&c->one);
        step_free(&c->several);
    }
    free(c);
    return ok ? 0 : cli_fail("neighbour", "%s", err.message);
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("neighbour", command(argc, argv));
}
