/* One whole training step, timed: noise, forward, tangent, backward, AdamW and EMA as one compiled program, on random images. */
#include "cli.h"

#include <cotangent.h>

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct arguments {
    const char *model, *objective;
    int64_t batch, width, depth, heads, patch, threads, steps;
    bool profile, print;
} arguments;

/* All that a run owns. */
typedef struct bench {
    flow_config config;
    ct_graph *graph;
    nn_params *params, *state, *ema;
    nn_train *train;
    ct_program *program;
    ct_var *images, *labels, *loss;
} bench;

static int parse(arguments *a, int argc, char **argv)
{
    const cli_option options[] = {
        {CLI_CHOICE, "model", &a->model, .value = "mlp|dit", .help = "the network"},
        {CLI_INT, "batch", &a->batch, .min = 1, .max = 65536, .help = "rows of a batch"},
        {CLI_INT, "width", &a->width, .min = 0, .max = 65536, .help = "of the network; 0: its own default"},
        {CLI_INT, "depth", &a->depth, .min = 0, .max = 1024, .help = "blocks; 0: the network's own default"},
        {CLI_INT, "heads", &a->heads, .min = 1, .max = 1024, .help = "of a dit"},
        {CLI_INT, "patch", &a->patch, .min = 1, .max = 28, .help = "pixels a side, of a dit"},
        {CLI_CHOICE, "objective", &a->objective, .value = "meanflow|flow", .help = "with r != t in a quarter of the rows, or nowhere"},
        {CLI_INT, "threads", &a->threads, .min = 0, .max = 1024, .help = "OpenMP threads; 0: all"},
        {CLI_INT, "steps", &a->steps, .min = 1, .max = 1000000, .help = "timed steps, after two that are not"},
        {CLI_FLAG, "profile", &a->profile, .help = "print where the time goes"},
        {CLI_FLAG, "print", &a->print, .help = "print the compiled program"},
    };
    return cli_parse("train_step", "Time one training step on random images.", CLI_COUNT(options), options, argc, argv);
}

static bool configure(bench *b, const arguments *a, ct_error *err)
{
    if (!flow_config_default(&b->config, a->model, err))
        return false;
    b->config.width = a->width ? a->width : b->config.width;
    b->config.depth = a->depth ? a->depth : b->config.depth;
    b->config.heads = a->heads;
    b->config.patch = a->patch;
    return flow_config_check(&b->config, err);
}

static ct_var *build_loss(bench *b, const arguments *a)
{
    mf_options o = mf_options_default();
    o.unequal_share = strcmp(a->objective, "flow") == 0 ? 0 : o.unequal_share;
    b->images = ct_input(b->graph, "images", CT_U8, CT_SHAPE(a->batch, 1, 28, 28));
    b->labels = ct_input(b->graph, "labels", CT_I32, CT_SHAPE(a->batch));
    ct_var *x = ct_affine(ct_cast(b->images, CT_F32), 2.0 / 255, -1);
    mf_draw draw;
    mf_loss loss;
    nn_scope s = nn_training(nn_root(b->graph, b->params), true);
    if (!mf_draw_batch(x, b->labels, b->config.classes, &o, &draw) ||
        !mf_loss_of(s, flow_config_net(&b->config), x, &draw, b->config.classes, &o, &loss))
        return NULL;
    return loss.loss;
}

static bool build(bench *b, const arguments *a, ct_error *err)
{
    b->graph = ct_graph_new();
    b->params = nn_params_new(CT_F32, 1, err);
    b->state = nn_params_new(CT_F32, 2, err);
    b->ema = nn_params_new(CT_F32, 3, err);
    if (!b->params || !b->state || !b->ema)
        return false;
    b->loss = build_loss(b, a);
    if (!b->loss) {
        const ct_error *why = ct_graph_error(b->graph);
        return ct_fail(err, why->code, "%s", why->message);
    }
    b->train = nn_train_new(b->loss, b->params, err);
    if (!b->train)
        return false;
    nn_train_adamw(b->train, b->state, ct_scalar(b->graph, CT_F32, 1e-4), (nn_adamw_options){.weight_decay = 0.01});
    nn_train_ema(b->train, b->ema, 0.999);
    nn_train_output(b->train, b->loss);
    b->program = nn_train_compile(b->train, &(ct_compile_options){.threads = (int)a->threads, .profile = a->profile, .seed = 1}, err);
    return b->program != NULL;
}

static void bench_free(bench *b)
{
    ct_program_free(b->program);
    nn_train_free(b->train);
    nn_params_free(b->params);
    nn_params_free(b->state);
    nn_params_free(b->ema);
    ct_graph_free(b->graph);
}

static bool fill(bench *b, int64_t batch, ct_error *err)
{
    ct_tensor *images = ct_tensor_new(CT_U8, CT_SHAPE(batch, 1, 28, 28), err), *labels = ct_tensor_new(CT_I32, CT_SHAPE(batch), err);
    uint32_t state = 1;
    for (int64_t i = 0; images && i < ct_tensor_count(images); i++)
        ((uint8_t *)ct_tensor_data(images))[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
    for (int64_t i = 0; labels && i < batch; i++)
        ((int32_t *)ct_tensor_data(labels))[i] = (int32_t)(i % 10);
    bool ok = images && labels && ct_program_set(b->program, b->images, images, err) && ct_program_set(b->program, b->labels, labels, err);
    ct_tensor_free(images);
    ct_tensor_free(labels);
    return ok;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median milliseconds of a step, or -1 with a message. */
static double time_steps(bench *b, int64_t steps, ct_error *err)
{
    enum { WARM_UP = 2 };
    double *ms = malloc((size_t)steps * sizeof *ms);
    bool ok = ms || ct_fail(err, CT_E_MEMORY, "no memory for %lld times", (long long)steps);
    for (int64_t i = -WARM_UP; ok && i < steps; i++) {
        if (i == 0)
            ct_program_profile_reset(b->program);
        double start = now();
        ok = ct_program_run(b->program, err);
        if (i >= 0)
            ms[i] = 1e3 * (now() - start);
    }
    if (ok)
        qsort(ms, (size_t)steps, sizeof *ms, compare);
    double median = ok ? 0.5 * (ms[(steps - 1) / 2] + ms[steps / 2]) : -1;
    free(ms);
    return median;
}

/* Share of the time, and rate, of the matrix products. */
static void print_matmul_share(const ct_program *p, int64_t steps)
{
    double all = 0, matmul = 0, flops = 0;
    ct_program_time t;
    for (int64_t i = 0; ct_program_step_time(p, i, &t); i++) {
        all += t.seconds;
        if (strcmp(t.op, "matmul") == 0) {
            matmul += t.seconds;
            flops += t.flops * (double)steps;
        }
    }
    if (all > 0 && matmul > 0)
        printf("matmul (BLIS): %.1f %% of the time, %.1f Gflop/s\n", 100 * matmul / all, 1e-9 * flops / matmul);
}

/* Against the machine's limits where they can be measured. */
static void print_profile(const bench *b, const arguments *a)
{
    ct_machine limits;
    bool measured = ct_machine_measure(a->threads ? (int)a->threads : omp_get_max_threads(), &limits, NULL);
    ct_program_profile(b->program, measured ? &limits : NULL, stdout);
    print_matmul_share(b->program, a->steps);
}

static long long peak_rss(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (long long)usage.ru_maxrss * 1024;
}

static void report(const bench *b, double ms, long long rss)
{
    printf("step_ms %.3f plan_bytes %lld peak_rss_bytes %lld params %lld\n", ms, (long long)ct_program_bytes(b->program), rss,
           (long long)nn_params_numbers(b->params));
}

static bool run(bench *b, const arguments *a, ct_error *err)
{
    if (!build(b, a, err) || !fill(b, a->batch, err))
        return false;
    if (a->print)
        ct_program_print(b->program, stdout);
    double ms = time_steps(b, a->steps, err);
    if (ms < 0)
        return false;
    long long rss = peak_rss();  /* before the machine is measured, which takes memory too */
    if (a->profile)
        print_profile(b, a);
    report(b, ms, rss);
    return true;
}

int main(int argc, char **argv)
{
    arguments a = {.model = "mlp", .objective = "meanflow", .batch = 128, .heads = 4, .patch = 4, .steps = 20};
    int status = parse(&a, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    bench b = {.graph = NULL};
    if (!configure(&b, &a, &err))
        return cli_fail("train_step", "%s", err.message);
    bool ok = run(&b, &a, &err);
    bench_free(&b);
    if (!ok)
        fprintf(stderr, "train_step: %s\n", err.message);
    return ok ? 0 : 1;
}
