/* SPDX-License-Identifier: MIT */
/* Checks the derivatives of functions of one's own: a small network, and a loss whose target is held still by
 * stop_gradient. */
#include "cli.h"
#include "program.h"

#include <cotangent.h>
#include <stdio.h>

static const char *const summary =
    "Check the derivatives of a small network, and of a loss with a target under stop_gradient, in both modes and orders.\n"
    "Exit status 0 when all are right, else 1.";

/* x[0] [8, 3], weights x[1] [3, 16] and x[3] [16, 2], bias x[2] [16] -> [8, 2]. Any function of this type can be
 * checked. */
static ct_var *network(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *h = ct_relu(ct_add(ct_matmul(x[0], x[1]), x[2]));
    return ct_matmul(h, x[3]);
}

/* The target is computed from the parameters too, but not differentiated. */
static ct_var *loss(ct_graph *g, ct_var *const *x, void *context)
{
    ct_var *u = network(g, x, context);
    ct_var *target = ct_stop_gradient(ct_sin(u));
    return ct_mean_all(ct_square(ct_sub(u, target)));
}

static void print_failure(void *context, const ct_gradcheck_failure *failure)
{
    (void)context;
    printf("  %s\n", failure->message);
}

static bool check(const char *name, ct_gradcheck_fn f, ct_tensor *const *x, uint64_t seed)
{
    ct_gradcheck_options options = {.modes = CT_CHECK_ALL, .seed = seed, .report = print_failure};
    ct_gradcheck_result r;
    ct_error err;
    bool right = ct_gradcheck(f, NULL, 4, x, &options, &r, &err);
    const char *verdict = r.verdict == CT_GRADCHECK_INCONCLUSIVE ? "NOT decided" : right ? "right" : "NOT right";
    printf("%s: %s: %d compared, %d failed, %d at a kink, %d inconclusive; the closest used %.0f%% of its tolerance\n",
           name, verdict, r.compared, r.failed, r.kinks, r.inconclusive, 100 * r.worst);
    if (!right)
        printf("  %s\n", err.message);
    return right;
}

/* A point to check at: nothing special, such as all zeros. */
static bool draw_point(ct_tensor **x, uint64_t seed, ct_error *err)
{
    const ct_shape shapes[] = {CT_SHAPE(8, 3), CT_SHAPE(3, 16), CT_SHAPE(16), CT_SHAPE(16, 2)};
    for (int i = 0; i < 4; i++) {
        if (!(x[i] = ct_tensor_new(CT_F64, shapes[i], err)))
            return false;
        ct_random_normal(ct_array_of(x[i]), (ct_random_key){.seed = seed, .stream = (uint64_t)i}, 1);
    }
    return true;
}

static int command(int argc, char **argv)
{
    int64_t seed = 1;
    const cli_option options[] = {
        {CLI_INT, "seed", &seed, .min = 0, .max = 1e9, .help = "of the point and of the directions"},
    };
    int status = cli_parse("gradcheck", summary, CLI_COUNT(options), options, argc, argv);
    if (status >= 0)
        return status;
    ct_tensor *x[4] = {NULL};
    ct_error err;
    bool right = draw_point(x, (uint64_t)seed, &err);
    if (right) {
        right = check("network", network, x, (uint64_t)seed);
        right = check("loss", loss, x, (uint64_t)seed) && right;
    } else {
        cli_fail("gradcheck", "%s", err.message);
    }
    for (int i = 0; i < 4; i++)
        ct_tensor_free(x[i]);
    return right ? 0 : 1;
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("gradcheck", command(argc, argv));
}
