/* SPDX-License-Identifier: MIT */
/* KID from third moments, which a program on the engine adds up. */
#include "kid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 128 };  /* rows of a run of the program */

static int64_t extended(const kid_set *s)
{
    return s->width + 1;
}

static int64_t pairs(const kid_set *s)
{
    return extended(s) * (extended(s) + 1) / 2;
}

/* The indices a and b of the pairs a <= b, in order. */
static ct_tensor *pair_index(const kid_set *s, bool second, ct_error *err)
{
    ct_tensor *index = ct_tensor_new(CT_I32, CT_SHAPE(pairs(s)), err);
    if (!index)
        return NULL;
    int32_t *to = ct_tensor_data(index), d = (int32_t)extended(s);
    for (int32_t a = 0; a < d; a++)
        for (int32_t b = a; b < d; b++)
            *to++ = second ? b : a;
    return index;
}

/* x'[index], float64 [pairs, BATCH], of x' as columns. The graph keeps the index. */
static ct_var *paired(kid_set *s, ct_var *columns, bool second, ct_error *err)
{
    ct_tensor *index = pair_index(s, second, err);
    ct_var *v = index ? ct_gather(columns, ct_constant(s->graph, index), 0) : NULL;
    ct_tensor_free(index);
    return v;
}

/* T + sum over the batch of (x'_a x'_b) x'_c */
static bool build(kid_set *s, int64_t threads, ct_error *err)
{
    s->x = ct_input(s->graph, "rows", CT_F64, CT_SHAPE(BATCH, extended(s)));
    ct_var *columns = ct_transpose(s->x, 0, 1);
    ct_var *a = paired(s, columns, false, err), *b = a ? paired(s, columns, true, err) : NULL;
    if (!b && !ct_graph_error(s->graph))
        return false;
    ct_var *moment = ct_state(s->graph, "moment", s->moment);
    ct_var *next = ct_assign(moment, ct_add(moment, ct_matmul(ct_mul(a, b), s->x)));
    s->program = ct_compile(s->graph, 1, &next, &(ct_compile_options){.threads = (int)threads}, err);
    return s->program != NULL;
}

bool kid_init(kid_set *s, int64_t width, int64_t threads, ct_error *err)
{
    *s = (kid_set){.width = width};
    s->rows = calloc((size_t)(BATCH * extended(s)), sizeof *s->rows);
    s->graph = ct_graph_new();
    if (!s->rows || !s->graph)
        return ct_fail(err, CT_E_MEMORY, "out of memory");
    s->moment = ct_tensor_new(CT_F64, CT_SHAPE(pairs(s), extended(s)), err);
    return s->moment && build(s, threads, err);
}

void kid_free(kid_set *s)
{
    ct_program_free(s->program);
    ct_graph_free(s->graph);
    ct_tensor_free(s->moment);
    free(s->rows);
}

static double cube(double x)
{
    return x * x * x;
}

/* One row waits as x'; returns |x'|^2. */
static double put_row(kid_set *s, const float *row)
{
    double *to = s->rows + s->waiting++ * extended(s), square = 1, scale = 1 / sqrt((double)s->width);
    for (int64_t i = 0; i < s->width; i++) {
        to[i] = row[i] * scale;
        square += to[i] * to[i];
    }
    to[s->width] = 1;
    return square;
}

/* Rows that are zero add nothing, so those that wait need not fill the batch. */
bool kid_finish(kid_set *s, ct_error *err)
{
    int64_t missing = (BATCH - s->waiting) * extended(s);
    if (s->waiting == 0)
        return true;
    memset(s->rows + s->waiting * extended(s), 0, (size_t)missing * sizeof *s->rows);
    s->waiting = 0;
    return ct_program_set_data(s->program, s->x, s->rows, err) && ct_program_run(s->program, err);
}

bool kid_add(kid_set *s, int64_t n, const float *rows, ct_error *err)
{
    for (int64_t i = 0; i < n; i++) {
        s->diagonal += cube(put_row(s, rows + i * s->width));
        if (s->waiting == BATCH && !kid_finish(s, err))
            return false;
    }
    s->count += n;
    return true;
}

/* Sum of k over all rows of s by all rows of t: the product of the two T, in which indices a < b stand for b, a too. */
static double kernel_sum(const kid_set *s, const kid_set *t)
{
    const double *x = ct_tensor_data(s->moment), *y = ct_tensor_data(t->moment);
    int64_t d = extended(s);
    double sum = 0;
    for (int64_t a = 0; a < d; a++)
        for (int64_t b = a; b < d; b++, x += d, y += d) {
            double row = 0;
            for (int64_t c = 0; c < d; c++)
                row += x[c] * y[c];
            sum += a == b ? row : 2 * row;
        }
    return sum;
}

/* Mean of k over pairs of different rows. */
static double mean_apart(const kid_set *s)
{
    double n = (double)s->count;
    return (kernel_sum(s, s) - s->diagonal) / (n * (n - 1));
}

bool kid_between(const kid_set *a, const kid_set *b, double *distance, ct_error *err)
{
    if (a->count < 2 || b->count < 2)
        return ct_fail(err, CT_E_ARGUMENT, "a kernel distance needs two rows on both sides, got %lld and %lld",
                       (long long)a->count, (long long)b->count);
    double across = kernel_sum(a, b) / ((double)a->count * (double)b->count);
    *distance = mean_apart(a) + mean_apart(b) - 2 * across;
    return isfinite(*distance) || ct_fail(err, CT_E_NUMERIC, "a feature is not finite");
}
