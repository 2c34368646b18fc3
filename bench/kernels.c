/* SPDX-License-Identifier: MIT */
/* The kernels that row programs consist of, on blocks that lie in the first-level cache: elements a nanosecond and cycles an
 * element. Where the C library has vectors of the same functions (libmvec), they are timed beside ours. Loads are of one block of
 * a view; sums over whole arrays follow, in GB/s. */
#include "cli.h"
#include "libmvec.h"
#include "program.h"
#include "stopwatch.h"

#include <cotangent.h>
#include <cotangent/kernels.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024 };

/* What is timed: one of the kinds of kernel, with its operands. */
typedef struct work {
    ct_map_fn map;
    const void *attr;
    ct_row_fn row;
    libmvec_fn vector;
    ct_array load;
    int64_t n, rows;
    const void *x[CT_MAP_MAX_INPUTS];
    void *y;
    int threads;
} work;

typedef struct bench {
    const char *filter;         /* what a name must contain */
    double clock;               /* cycles a nanosecond */
    char *memory;               /* operands: WIDE bytes */
    char *out;
} bench;

enum { OPERAND = 64 << 10, WIDE = 64 << 20 };

static bool wanted(const bench *b, const char *name)
{
    return strstr(name, b->filter) != NULL;
}

static void measure(const bench *b, const char *name, void (*call)(const void *), const work *w, int64_t elements)
{
    if (!wanted(b, name))
        return;
    double ns = 1e9 * stopwatch_best(call, w, 7, 3e-4);
    printf("%-36s %9.1f ns %8.2f /ns %7.3f cycles\n", name, ns, (double)elements / ns, ns * b->clock / (double)elements);
}

/* --- maps --- */

static void call_map(const void *what)
{
    const work *w = what;
    w->map(w->n, w->x, w->y, w->attr);
}

typedef struct named_map {
    const char *name;
    ct_map_fn f32, f64;
} named_map;

#define NAMED_MAP(name) {#name, ct_map_##name##_f32, ct_map_##name##_f64},
static const named_map maps[] = {CT_MAPS(NAMED_MAP)};
enum { MAPS = sizeof maps / sizeof *maps };

static void time_map(const bench *b, const char *name, const char *dtype, ct_map_fn fn, const void *attr)
{
    char full[64];
    snprintf(full, sizeof full, "%s_%s", name, dtype);
    work w = {.map = fn, .attr = attr, .n = BLOCK, .x = {b->memory, b->memory + OPERAND, b->memory + 2 * OPERAND}, .y = b->out};
    measure(b, full, call_map, &w, BLOCK);
}

static void time_pow(const bench *b, const char *dtype, ct_map_fn fn)
{
    static const double exponents[] = {2, 3, 0.5, -0.5, -1, -2, 1.7};
    for (int i = 0; i < 7; i++) {
        char name[32];
        snprintf(name, sizeof name, "pow(%g)", exponents[i]);
        time_map(b, name, dtype, fn, &(ct_pow_attr){exponents[i]});
    }
}

static void time_maps(const bench *b, bool wide)
{
    for (int i = 0; i < MAPS; i++) {
        ct_map_fn fn = wide ? maps[i].f64 : maps[i].f32;
        const char *dtype = wide ? "f64" : "f32";
        if (strcmp(maps[i].name, "pow") == 0)
            time_pow(b, dtype, fn);
        else
            time_map(b, maps[i].name, dtype, fn, &(ct_affine_attr){1.5, -0.25});
    }
}

static void call_vector(const void *what)
{
    const work *w = what;
    libmvec_map(w->vector, w->n, w->x[0], w->y);
}

static void time_libmvec(const bench *b)
{
    static const char *const names[] = {"exp", "log", "tanh", "erf", "sin", "cos"};
    for (int i = 0; i < 6; i++) {
        char full[64];
        snprintf(full, sizeof full, "%s_f32 of libmvec", names[i]);
        work w = {.vector = libmvec_find(names[i]), .n = BLOCK, .x = {b->memory}, .y = b->out};
        if (w.vector)
            measure(b, full, call_vector, &w, BLOCK);
    }
}

/* --- rows --- */

static void call_row(const void *what)
{
    const work *w = what;
    w->row(w->rows, w->n, w->x[0], w->y);
}

static void time_rows(const bench *b, const char *name, ct_row_fn fn)
{
    static const int64_t lengths[] = {2, 16, 49, 64, 128, 196, 256, 512, 784, 1024};
    for (int i = 0; i < 10; i++) {
        char full[64];
        snprintf(full, sizeof full, "%s %lld", name, (long long)lengths[i]);
        work w = {.row = fn, .n = lengths[i], .rows = BLOCK / lengths[i], .x = {b->memory}, .y = b->out};
        measure(b, full, call_row, &w, w.rows * w.n);
    }
}

/* --- loads --- */

static void call_load(const void *what)
{
    const work *w = what;
    ct_array_load(&w->load, w->n, BLOCK, w->y);
}

/* A block out of the middle. */
static void time_load(const bench *b, const char *name, ct_array a, int64_t start)
{
    work w = {.load = a, .n = start, .y = b->out};
    measure(b, name, call_load, &w, BLOCK);
}

static ct_array view(const bench *b, ct_dtype dtype, ct_shape shape, const int64_t *stride)
{
    ct_array a = ct_array_make(b->memory, dtype, shape);
    memcpy(a.stride, stride, (size_t)shape.rank * sizeof *stride);
    return a;
}

#define STRIDES(...) ((const int64_t[]){__VA_ARGS__})

static void time_loads(const bench *b)
{
    const ct_dtype t = CT_F32;
    const ct_shape rows = CT_SHAPE(3136, 256), tokens = CT_SHAPE(64, 49, 256);
    time_load(b, "load contiguous", view(b, t, rows, STRIDES(256, 1)), 4096);
    time_load(b, "load one element", view(b, t, rows, STRIDES(0, 0)), 4096);
    time_load(b, "load row [256] of every row", view(b, t, rows, STRIDES(0, 1)), 4096);
    time_load(b, "load row [16] of every row", view(b, t, CT_SHAPE(3136, 16), STRIDES(0, 1)), 4096);
    time_load(b, "load [64,1,256] of 49 tokens", view(b, t, tokens, STRIDES(256, 0, 1)), 4096);
    time_load(b, "load [1,49,256] of a batch of 64", view(b, t, tokens, STRIDES(0, 256, 1)), 4096);
    time_load(b, "load [3136,256] out of rows of 768", view(b, t, rows, STRIDES(768, 1)), 4096);
    time_load(b, "load [3136,256] out of rows of 1536", view(b, t, rows, STRIDES(1536, 1)), 4096);
    time_load(b, "load [3136,1] along 256 columns", view(b, t, rows, STRIDES(1, 0)), 4096);
    time_load(b, "load [3136,1] along 16 columns", view(b, t, CT_SHAPE(3136, 16), STRIDES(1, 0)), 4096);
    time_load(b, "load [49,64] transposed", view(b, t, CT_SHAPE(49, 64), STRIDES(1, 49)), 1024);
    time_load(b, "load [256,256] transposed", view(b, t, CT_SHAPE(256, 256), STRIDES(1, 256)), 4096);
    time_load(b, "load every other", view(b, t, CT_SHAPE(8192), STRIDES(2)), 4096);
    time_load(b, "load heads [64,4,49,64]", view(b, t, CT_SHAPE(64, 4, 49, 64), STRIDES(12544, 64, 256, 1)), 4096);
}

/* --- reductions of whole arrays --- */

static void call_sum(const void *what)
{
    const work *w = what;
    ct_shape shape = w->load.shape;
    for (int i = 0; i < shape.rank; i++)
        shape.dim[i] = (unsigned)w->n >> i & 1 ? 1 : shape.dim[i];
    ct_reduce_sum(ct_array_make(w->y, w->load.dtype, shape), w->load, (unsigned)w->n, w->threads);
}

static void time_sum(const bench *b, const char *name, ct_array a, unsigned axes)
{
    for (int threads = 1; wanted(b, name) && threads <= 2; threads++) {
        work w = {.load = a, .n = axes, .y = b->out, .threads = threads};
        double ns = 1e9 * stopwatch_best(call_sum, &w, 9, 2e-3);
        double bytes = (double)ct_array_count(&a) * (double)ct_dtype_size(a.dtype);
        printf("%-36s %9.1f us %8.2f GB/s on %d thread%s\n", name, 1e-3 * ns, bytes / ns, threads, threads > 1 ? "s" : "");
    }
}

static void time_sums(const bench *b)
{
    const ct_dtype t = CT_F32;
    time_sum(b, "sum of columns [3136,1024]", view(b, t, CT_SHAPE(3136, 1024), STRIDES(1024, 1)), 1);
    time_sum(b, "sum of columns [12544,1024]", view(b, t, CT_SHAPE(12544, 1024), STRIDES(1024, 1)), 1);
    time_sum(b, "sum of columns [3136,256]", view(b, t, CT_SHAPE(3136, 256), STRIDES(256, 1)), 1);
    time_sum(b, "sum of columns [64,256]", view(b, t, CT_SHAPE(64, 256), STRIDES(256, 1)), 1);
    time_sum(b, "sum of columns [50000,10]", view(b, t, CT_SHAPE(50000, 10), STRIDES(10, 1)), 1);
    time_sum(b, "sum of columns [3136,1024] f64", view(b, CT_F64, CT_SHAPE(3136, 1024), STRIDES(1024, 1)), 1);
    time_sum(b, "sum of tokens [64,49,256]", view(b, t, CT_SHAPE(64, 49, 256), STRIDES(12544, 256, 1)), 2);
    time_sum(b, "sum of batch, image [64,16,784]", view(b, t, CT_SHAPE(64, 16, 784), STRIDES(12544, 784, 1)), 5);
    time_sum(b, "sum of rows [3136,1024]", view(b, t, CT_SHAPE(3136, 1024), STRIDES(1024, 1)), 2);
    time_sum(b, "sum of rows [3136,256]", view(b, t, CT_SHAPE(3136, 256), STRIDES(256, 1)), 2);
    time_sum(b, "sum of rows of [256,3136] turned", view(b, t, CT_SHAPE(3136, 256), STRIDES(1, 3136)), 2);
    time_sum(b, "sum of columns of [256,3136] turned", view(b, t, CT_SHAPE(3136, 256), STRIDES(1, 3136)), 1);
    time_sum(b, "sum of everything [3136,1024]", view(b, t, CT_SHAPE(3136, 1024), STRIDES(1024, 1)), 3);
    time_sum(b, "sum of everything [12544,1024]", view(b, t, CT_SHAPE(12544, 1024), STRIDES(1024, 1)), 3);
}

/* Positive numbers, small enough for any of the functions; float32 or float64. */
static void fill(char *memory, bool wide)
{
    for (int64_t i = 0; i < WIDE / (wide ? 8 : 4); i++) {
        double x = 0.1 + 1e-3 * (double)(i * 7919 % 3001);
        if (wide)
            ((double *)(void *)memory)[i] = x;
        else
            ((float *)(void *)memory)[i] = (float)x;
    }
}

static void run(const bench *b)
{
    printf("%.2f cycles a nanosecond\n", b->clock);
    fill(b->memory, true);
    time_maps(b, true);
    time_rows(b, "row_sum_f64", ct_row_sum_f64);
    time_rows(b, "row_max_f64", ct_row_max_f64);
    fill(b->memory, false);
    time_maps(b, false);
    time_libmvec(b);
    time_rows(b, "row_sum_f32", ct_row_sum_f32);
    time_rows(b, "row_max_f32", ct_row_max_f32);
    time_loads(b);
    time_sums(b);
}

static int command(int argc, char **argv)
{
    bench b = {.filter = ""};
    const cli_option options[] = {{CLI_ARGUMENT, "FILTER", &b.filter, .help = "only kernels whose name contains this"}};
    int status = cli_parse("kernels", "Time the kernels of row programs.", CLI_COUNT(options), options, argc, argv);
    if (status >= 0)
        return status;
    b.memory = aligned_alloc(64, WIDE);
    b.out = aligned_alloc(64, WIDE);
    b.clock = stopwatch_clock();
    bool ready = b.memory && b.out;
    if (ready)
        run(&b);
    status = ready ? 0 : cli_fail("kernels", "no memory");
    free(b.memory);
    free(b.out);
    return status;
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("kernels", command(argc, argv));
}
