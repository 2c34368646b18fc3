/* SPDX-License-Identifier: MIT */
/* Matrix products of the shapes that training MeanFlow on a DiT and on an MLP multiplies, against BLIS called plainly on the same operands. */
#include "cli.h"
#include "program.h"

#include <cotangent.h>
#include <cotangent/team.h>

#include <blis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How a matrix lies: by rows, by columns, as one head's part of [batch, tokens, 3, heads, width], or as that transposed. */
typedef enum layout { ROWS, COLUMNS, HEAD, HEAD_TURNED } layout;
enum { HEADS = 4, PARTS = 3 };

typedef struct shape {
    const char *what;
    int64_t batch, m, n, k;
    layout a, b, c;
    bool cold;             /* b comes from memory: one of many is taken in turn */
} shape;

static const shape shapes[] = {
    {"dit qkv", 1, 3136, 768, 256, ROWS, COLUMNS, ROWS, false},
    {"dit qkv", 1, 2352, 768, 256, ROWS, COLUMNS, ROWS, false},
    {"dit qkv", 1, 784, 768, 256, ROWS, COLUMNS, ROWS, false},
    {"dit up", 1, 3136, 1024, 256, ROWS, COLUMNS, ROWS, false},
    {"dit out", 1, 3136, 256, 256, ROWS, COLUMNS, ROWS, false},
    {"dit down", 1, 3136, 256, 1024, ROWS, COLUMNS, ROWS, false},
    {"dit down", 1, 784, 256, 1024, ROWS, COLUMNS, ROWS, false},
    {"dit dx", 1, 3136, 256, 768, ROWS, ROWS, ROWS, false},
    {"dit dx", 1, 3136, 256, 1024, ROWS, ROWS, ROWS, false},
    {"dit dx", 1, 3136, 1024, 256, ROWS, ROWS, ROWS, false},
    {"dit dw", 1, 768, 256, 3136, COLUMNS, ROWS, ROWS, false},
    {"dit dw", 1, 1024, 256, 3136, COLUMNS, ROWS, ROWS, false},
    {"dit dw", 1, 256, 256, 3136, COLUMNS, ROWS, ROWS, false},
    {"dit dw", 1, 256, 1024, 3136, COLUMNS, ROWS, ROWS, false},
    {"dit dw", 1, 1024, 256, 784, COLUMNS, ROWS, ROWS, false},
    {"q k^T", 256, 49, 49, 64, HEAD, HEAD_TURNED, ROWS, false},
    {"p v", 256, 49, 64, 49, ROWS, HEAD, HEAD, false},
    {"p^T dy", 256, 49, 64, 49, COLUMNS, HEAD, HEAD, false},
    {"q k^T", 64, 49, 49, 64, HEAD, HEAD_TURNED, ROWS, false},
    {"p v", 64, 49, 64, 49, ROWS, HEAD, HEAD, false},
    {"dit cond", 1, 64, 1536, 256, ROWS, COLUMNS, ROWS, false},
    {"cond dw", 1, 1536, 256, 64, COLUMNS, ROWS, ROWS, false},
    {"mlp", 1, 64, 512, 512, ROWS, COLUMNS, ROWS, true},
    {"mlp", 1, 48, 512, 512, ROWS, COLUMNS, ROWS, true},
    {"mlp", 1, 16, 512, 512, ROWS, COLUMNS, ROWS, true},
    {"mlp cond", 1, 64, 1536, 512, ROWS, COLUMNS, ROWS, true},
    {"mlp out", 1, 64, 784, 512, ROWS, COLUMNS, ROWS, true},
    {"mlp dx", 1, 64, 512, 512, ROWS, ROWS, ROWS, true},
    {"mlp dx", 1, 64, 512, 1536, ROWS, ROWS, ROWS, true},
    {"mlp dw", 1, 512, 512, 64, COLUMNS, ROWS, ROWS, false},
    {"mlp dw", 1, 1536, 512, 64, COLUMNS, ROWS, ROWS, false},
};

typedef struct product {
    const shape *s;
    ct_array c, a, b;
    int64_t copies, copy_bytes;   /* of b */
    int64_t turn;
    char *b0;
    void *scratch;
    int threads;
    int64_t times;
} product;

static float *numbers(int64_t count)
{
    float *x = aligned_alloc(64, (size_t)(count + 16) / 16 * 64);
    for (int64_t i = 0; x && i < count; i++)
        x[i] = (float)(i * 7919 % 1000) * 1e-3f - 0.5f;
    return x;
}

static ct_array lay(float *data, layout how, int64_t batch, int64_t rows, int64_t columns)
{
    if (how == HEAD || how == HEAD_TURNED) {
        int64_t tokens = how == HEAD ? rows : columns, width = how == HEAD ? columns : rows;
        ct_array all = ct_array_make(data, CT_F32, CT_SHAPE(batch / HEADS, tokens, PARTS, HEADS, width)), one = ct_array_slice(all, 2, 1, 1, 1);
        ct_array head = ct_array_permute(one, how == HEAD ? (int[]){0, 3, 2, 1, 4} : (int[]){0, 3, 2, 4, 1});
        head.shape = CT_SHAPE(batch / HEADS, HEADS, rows, columns);
        memmove(&head.stride[2], &head.stride[3], 2 * sizeof head.stride[0]);
        return head;
    }
    bool turned = how == COLUMNS;
    ct_shape shape = batch > 1 ? CT_SHAPE(batch / HEADS, HEADS, turned ? columns : rows, turned ? rows : columns)
        : CT_SHAPE(1, 1, turned ? columns : rows, turned ? rows : columns);
    ct_array a = ct_array_make(data, CT_F32, shape);
    return turned ? ct_array_permute(a, (int[]){0, 1, 3, 2}) : a;
}

static int64_t room(layout how, int64_t batch, int64_t rows, int64_t columns)
{
    return batch * rows * columns * (how == HEAD || how == HEAD_TURNED ? PARTS : 1);
}

enum { COLD_BYTES = 48 << 20 };

static bool product_new(product *p, const shape *s, int threads)
{
    int64_t b = room(s->b, s->batch, s->k, s->n);
    *p = (product){.s = s, .copies = s->cold ? 1 + COLD_BYTES / (b * 4) : 1, .copy_bytes = b * 4};
    float *a_data = numbers(room(s->a, s->batch, s->m, s->k)), *b_data = numbers(b * p->copies), *c_data = numbers(room(s->c, s->batch, s->m, s->n));
    p->a = lay(a_data, s->a, s->batch, s->m, s->k);
    p->b = lay(b_data, s->b, s->batch, s->k, s->n);
    p->c = lay(c_data, s->c, s->batch, s->m, s->n);
    p->b0 = p->b.data;
    size_t one = ct_matmul_scratch(p->c, p->a, p->b, 1), several = ct_matmul_scratch(p->c, p->a, p->b, threads);
    p->scratch = aligned_alloc(64, ((one > several ? one : several) + 64) / 64 * 64);
    return a_data && b_data && c_data && p->scratch;
}

static void product_free(product *p)
{
    bool a_part = p->s->a == HEAD || p->s->a == HEAD_TURNED, b_part = p->s->b == HEAD || p->s->b == HEAD_TURNED, c_part = p->s->c == HEAD;
    free((float *)p->a.data - (a_part ? HEADS * p->s->k : 0));
    free((float *)(void *)p->b0 - (b_part ? HEADS * (p->s->b == HEAD ? p->s->n : p->s->k) : 0));
    free((float *)p->c.data - (c_part ? HEADS * p->s->n : 0));
    free(p->scratch);
}

static void next_b(product *p)
{
    p->b.data = p->b0 + p->turn++ % p->copies * p->copy_bytes;
}

static void ours(void *argument)
{
    product *p = argument;
    for (int64_t i = 0; i < p->times; i++) {
        next_b(p);
        ct_matmul_kernel(p->c, p->a, p->b, 0, p->scratch, p->threads);
    }
}

static void blis_each(product *p, rntm_t *runtime)
{
    float one = 1, zero = 0;
    const ct_array *a = &p->a, *b = &p->b, *c = &p->c;
    for (int64_t q = 0; q < p->s->batch; q++) {
        int64_t i = q / HEADS, j = q % HEADS;
        bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, p->s->m, p->s->n, p->s->k, &one, (float *)a->data + i * a->stride[0] + j * a->stride[1], a->stride[2],
            a->stride[3], (float *)b->data + i * b->stride[0] + j * b->stride[1], b->stride[2], b->stride[3], &zero,
            (float *)c->data + i * c->stride[0] + j * c->stride[1], c->stride[2], c->stride[3], NULL, runtime);
    }
}

static void blis(void *argument)
{
    product *p = argument;
    rntm_t runtime = BLIS_RNTM_INITIALIZER;
    bli_rntm_set_num_threads(p->threads, &runtime);
    for (int64_t i = 0; i < p->times; i++) {
        next_b(p);
        blis_each(p, &runtime);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(product *p, void (*run)(void *), int threads)
{
    p->threads = threads;
    double start = now();
    if (run == ours)
        ct_team_run(threads, run, p);
    else
        run(p);
    return (now() - start) / (double)p->times;
}

/* The best of `rounds` for each of: ours on one thread and on all, BLIS on one and on all; in turn. */
static void measure(product *p, int threads, int64_t rounds, double best[4])
{
    double flops = 2.0 * (double)(p->s->batch * p->s->m * p->s->n * p->s->k);
    p->times = 1 + (int64_t)(2e9 / flops);
    for (int64_t i = -1; i < rounds; i++)
        for (int v = 0; v < 4; v++) {
            double t = seconds(p, v < 2 ? ours : blis, v % 2 ? threads : 1);
            if (i < 1 || t < best[v])
                best[v] = t;
        }
    for (int v = 0; v < 4; v++)
        best[v] = 1e-9 * flops / best[v];
}

static bool run(const char *only, int threads, int64_t rounds)
{
    printf("%-9s %5s %5s %5s %5s  %9s %9s  %9s %9s   Gflop/s\n", "", "batch", "m", "n", "k", "1 thread", "all", "BLIS, 1", "BLIS, all");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const shape *s = &shapes[i];
        product p;
        double best[4];
        if (only && !strstr(s->what, only))
            continue;
        bool ok = product_new(&p, s, threads);
        if (ok) {
            measure(&p, threads, rounds, best);
            printf("%-9s %5lld %5lld %5lld %5lld  %9.1f %9.1f  %9.1f %9.1f\n", s->what, (long long)s->batch, (long long)s->m, (long long)s->n,
                (long long)s->k, best[0], best[1], best[2], best[3]);
        }
        product_free(&p);
        if (!ok)
            return false;
    }
    return true;
}

static int command(int argc, char **argv)
{
    int64_t threads = 2, rounds = 10;
    const char *only = NULL;
    const cli_option options[] = {
        {CLI_INT, "threads", &threads, .min = 1, .max = 1024, .help = "threads of \"all\""},
        {CLI_INT, "rounds", &rounds, .min = 1, .max = 10000, .help = "timings of each, of which the best counts"},
        {CLI_TEXT, "only", &only, .value = "TEXT", .help = "only the products whose name contains this"},
    };
    int status = cli_parse("matmul", "Time matrix products of the shapes that training has, against BLIS.", CLI_COUNT(options), options, argc, argv);
    if (status >= 0)
        return status;
    return run(only, (int)threads, rounds) ? 0 : cli_fail("matmul", "no memory");
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("matmul", command(argc, argv));
}
