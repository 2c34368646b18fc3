/* SPDX-License-Identifier: MIT */
/* Nearest neighbours by products of blocks: |x - y|^2 is least where x . y - |y|^2 / 2 is greatest. */
#include "nearest.h"

#include <math.h>

enum { BLOCK = 1000 };  /* rows of x and of y in a run of the program, at most */

typedef struct search {
    const ct_tensor *x, *y;
    int64_t width, n, m;         /* numbers of a row; rows of x and of y */
    int64_t rows_x, rows_y;      /* of a block */
    ct_graph *graph;
    ct_program *program;
    ct_var *x_block, *y_block;
    ct_var *best, *place;        /* [rows_x]: the greatest score, and the row of y's block that has it */
} search;

static const float *row_of(const ct_tensor *t, int64_t width, int64_t row)
{
    return (const float *)ct_tensor_data(t) + row * width;
}

/* Of equal scores in a block, the last. */
static void build(search *s)
{
    s->x_block = ct_input(s->graph, "x", CT_F32, CT_SHAPE(s->rows_x, s->width));
    s->y_block = ct_input(s->graph, "y", CT_F32, CT_SHAPE(s->rows_y, s->width));
    ct_var *half = ct_scale(ct_sum(ct_square(s->y_block), CT_AXES(1)), 0.5);
    ct_var *score = ct_sub(ct_matmul(s->x_block, ct_transpose(s->y_block, 0, 1)), half);
    ct_var *best = ct_max_keep(score, CT_AXES(1));
    s->best = ct_reshape(best, CT_SHAPE(s->rows_x));
    s->place = ct_max(ct_mul(ct_equal(score, best), ct_iota(s->graph, CT_F32, s->rows_y)), CT_AXES(1));
}

static bool search_init(search *s, const ct_tensor *x, const ct_tensor *y, int64_t threads, ct_error *err)
{
    int64_t n = ct_tensor_shape(x).dim[0], m = ct_tensor_shape(y).dim[0];
    *s = (search){.x = x, .y = y, .width = ct_tensor_count(y) / m, .n = n, .m = m,
                  .rows_x = n < BLOCK ? n : BLOCK, .rows_y = m < BLOCK ? m : BLOCK, .graph = ct_graph_new()};
    build(s);
    ct_compile_options options = {.threads = (int)threads};
    s->program = ct_compile(s->graph, 2, (ct_var *[]){s->best, s->place}, &options, err);
    return s->program != NULL;
}

static void search_free(search *s)
{
    ct_program_free(s->program);
    ct_graph_free(s->graph);
}

/* Where the block begins that holds row `first` first, or, near the end, among the last. */
static int64_t start_of(int64_t first, int64_t block, int64_t rows)
{
    return first + block > rows ? rows - block : first;
}

/* Better scores of the present blocks, which begin at row x0 and row y0, into out. */
static void keep_better(search *s, int64_t x0, int64_t y0, neighbour *out)
{
    const float *best = ct_tensor_data(ct_program_get(s->program, s->best));
    const float *place = ct_tensor_data(ct_program_get(s->program, s->place));
    for (int64_t i = 0; i < s->rows_x; i++)
        if (best[i] > out[x0 + i].distance)
            out[x0 + i] = (neighbour){best[i], y0 + (int64_t)place[i]};
}

/* All of x against the block of y that is set. */
static bool search_block(search *s, int64_t y0, neighbour *out, ct_error *err)
{
    for (int64_t first = 0; first < s->n; first += s->rows_x) {
        int64_t x0 = start_of(first, s->rows_x, s->n);
        if (!ct_program_set_data(s->program, s->x_block, row_of(s->x, s->width, x0), err) ||
            !ct_program_run(s->program, err))
            return false;
        keep_better(s, x0, y0, out);
    }
    return true;
}

/* Scores and places; the scores stand where distances will. */
static bool search_all(search *s, neighbour *out, ct_error *err)
{
    for (int64_t i = 0; i < s->n; i++)
        out[i] = (neighbour){-INFINITY, -1};
    for (int64_t first = 0; first < s->m; first += s->rows_y) {
        int64_t y0 = start_of(first, s->rows_y, s->m);
        if (!ct_program_set_data(s->program, s->y_block, row_of(s->y, s->width, y0), err) ||
            !search_block(s, y0, out, err))
            return false;
    }
    return true;
}

static double distance(int64_t width, const float *a, const float *b)
{
    double sum = 0;
    for (int64_t i = 0; i < width; i++) {
        double apart = (double)a[i] - b[i];
        sum += apart * apart;
    }
    return sqrt(sum);
}

/* From scores to distances. */
static bool finish(const search *s, neighbour *out, ct_error *err)
{
    for (int64_t i = 0; i < s->n; i++) {
        if (out[i].index < 0)
            return ct_fail(err, CT_E_NUMERIC, "row %lld has no nearest neighbour: it is not finite", (long long)i);
        out[i].distance = distance(s->width, row_of(s->x, s->width, i), row_of(s->y, s->width, out[i].index));
    }
    return true;
}

bool nearest_rows(const ct_tensor *x, const ct_tensor *y, int64_t threads, neighbour *out, ct_error *err)
{
    search s;
    bool ok = search_init(&s, x, y, threads, err) && search_all(&s, out, err) && finish(&s, out, err);
    search_free(&s);
    return ok;
}
