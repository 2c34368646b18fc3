/* SPDX-License-Identifier: MIT */
/* Checks one MeanFlow step against values another program computed (tests/reference): u, du/dt, the loss and every gradient, in float64. */
#include "cli.h"
#include "evaluate.h"
#include "program.h"

#include <math.h>
#include <stdio.h>

static const char *const summary =
    "Compare one MeanFlow step with reference values: FILE holds params.*, in.*, out.* and grad.* in float64.\n"
    "The last line is \"u E du_dt E loss E grads E\", the largest relative differences; exit status 0 when all are below 1e-9, else 1.";

static void print(const differences *d, const char *end)
{
    printf("u %.3e du_dt %.3e loss %.3e grads %.3e%s\n", d->u, d->du_dt, d->loss, d->grads, end);
}

static double worse(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

static differences worst_of(const differences *a, const differences *b)
{
    return (differences){worse(a->u, b->u), worse(a->du_dt, b->du_dt), worse(a->loss, b->loss), worse(a->grads, b->grads)};
}

/* Both ways of computing the step. */
static bool compare(const reference *ref, int threads, differences *worst, ct_error *err)
{
    differences all, split;
    if (!evaluate(ref, true, threads, &all, err) || !evaluate(ref, false, threads, &split, err))
        return false;
    print(&all, "  (tangent on all rows)");
    print(&split, "  (tangent where r != t)");
    *worst = worst_of(&all, &split);
    print(worst, "");
    return true;
}

static int command(int argc, char **argv)
{
    const char *path = NULL;
    int64_t threads = 0;
    const cli_option options[] = {
        {CLI_ARGUMENT, "FILE", &path, .help = "a .safetensors file of reference values"},
        {CLI_INT, "threads", &threads, .min = 0, .max = 1024, .help = "OpenMP threads; 0: all"},
    };
    int status = cli_parse("check_reference", summary, CLI_COUNT(options), options, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    reference ref;
    if (!reference_read(&ref, path, &err))
        return cli_fail("check_reference", "%s", err.message);
    differences d;
    bool ok = compare(&ref, (int)threads, &d, &err);
    reference_free(&ref);
    if (!ok)
        return cli_fail("check_reference", "%s: %s", path, err.message);
    return d.u < 1e-9 && d.du_dt < 1e-9 && d.loss < 1e-9 && d.grads < 1e-9 ? 0 : 1;
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("check_reference", command(argc, argv));
}
