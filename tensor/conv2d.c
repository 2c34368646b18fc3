/* SPDX-License-Identifier: MIT */
/* Convolution and its two transposes as matrix products over panels of columns. What is shared out among threads is
 * cut by the shapes alone, every piece is computed on one thread, and each sum over images runs in their order. */
#include "conv2d.h"
#include "gemm.h"
#include "walk.h"

#include <cotangent/team.h>
#include <string.h>

enum {
    ALIGNMENT = 64,
    PIECES = 8,              /* to cut a problem into, at least, where that is possible */
    TASK_WORK = 1 << 20,     /* multiplications that are worth a task of their own */
    DW_COLUMNS = 64,         /* columns of a weight gradient that are worth a product of their own */
    DW_ROWS = 8              /* and rows */
};

static size_t panel_bytes(const conv2d *v)
{
    size_t bytes = v->pointwise ? 0 : (size_t)(v->patch * v->panel) * v->size;
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* What ct_gemm needs for any of the products below. */
static size_t gemm_bytes(const conv2d *v)
{
    ct_tiler t = ct_tiler_of(v->dtype);
    size_t bytes = 0;
    int64_t extents[3][3] = {{v->o, v->panel, v->patch}, {v->patch, v->panel, v->o}, {v->o, v->patch, v->panel}};
    for (int i = 0; i < 3; i++) {
        size_t each = ct_gemm_scratch(&t, extents[i][0], extents[i][1], extents[i][2]);
        bytes = each > bytes ? each : bytes;
    }
    return bytes;
}

size_t ct_conv2d_scratch(const ct_conv2d_attr *conv, ct_dtype dtype, ct_shape x, ct_shape w, ct_shape y, int threads)
{
    conv2d v = ct_conv2d_of(conv, dtype, x, w, y);
    return (panel_bytes(&v) + gemm_bytes(&v)) * (size_t)threads;
}

/* How a weight gradient is cut: into runs of channels, then of outputs until there are enough pieces. */
typedef struct weight_cuts {
    int64_t channels, c_cuts, o_cuts;
} weight_cuts;

/* What a thread has to itself: a panel of columns (none where v->pointwise), and room for products. */
typedef struct workroom {
    ct_tiler tiler;
    void *panel, *scratch;
} workroom;

/* What the tasks of one call share. A task is one piece, or several small ones. */
typedef struct conv2d_job {
    conv2d v;
    char *x, *w, *y;    /* or their gradients: one of them is written */
    char *scratch;
    int64_t cuts;       /* panels of an image, or runs of its channels */
    weight_cuts weights;
    int64_t pieces, tasks;
    ct_tiler tiler;
    size_t panel_bytes, thread_bytes;
    void (*piece)(const struct conv2d_job *j, int64_t k, const workroom *room);
} conv2d_job;

/* Address of element `i`. */
static char *at(const conv2d *v, void *data, int64_t i)
{
    return (char *)data + i * (int64_t)v->size;
}

static void run_task(void *argument, int64_t task, int thread)
{
    const conv2d_job *j = argument;
    int64_t end = ct_task_start(j->pieces, j->tasks, task + 1);
    char *panel = j->scratch + j->thread_bytes * (size_t)thread;
    workroom room = {j->tiler, panel, panel + j->panel_bytes};
    for (int64_t k = ct_task_start(j->pieces, j->tasks, task); k < end; k++)
        j->piece(j, k, &room);
}

static void share_out(conv2d_job *j, int64_t pieces, int threads)
{
    const conv2d *v = &j->v;
    double work = (double)v->images * (double)v->groups * (double)v->o * (double)v->patch * (double)v->positions;
    int workers = work < CT_GEMM_SMALL ? 1 : threads;
    j->tiler = ct_tiler_of(v->dtype);
    j->panel_bytes = panel_bytes(v);
    j->thread_bytes = j->panel_bytes + gemm_bytes(v);
    j->pieces = pieces;
    j->tasks = ct_min(pieces, ct_max((int64_t)CT_TASKS_EACH * workers, (int64_t)(work / TASK_WORK)));
    ct_parallel_for(workers, j->tasks, run_task, j);
}

/* The columns of some channels of an image: gathered into the panel, or the image itself. */
static ct_matrix columns_of(const conv2d *v, conv2d_part part, void *x, const workroom *room)
{
    if (v->pointwise)
        return (ct_matrix){at(v, x, part.start), v->positions, 1};
    ct_conv2d_gather(v, part, x, room->panel);
    return (ct_matrix){room->panel, part.n, 1};
}

/* --- y from x and w --- */

/* y[o, n] = w[o, patch] columns[patch, n] for one panel of one group (`block`: image and group). */
static void forward_panel(const conv2d *v, char *y, char *x, char *w, int64_t block, int64_t start, const workroom *room)
{
    conv2d_part part = {v->c, start, ct_min(v->panel, v->positions - start)};
    ct_matrix weights = {at(v, w, block % v->groups * v->o * v->patch), v->patch, 1};
    ct_matrix columns = columns_of(v, part, at(v, x, block * v->c * v->h * v->w), room);
    char *to = at(v, y, block * v->o * v->positions + start);
    ct_gemm(&room->tiler, v->o, part.n, v->patch, weights, columns, (ct_target){to, v->positions, false, NULL}, room->scratch, (ct_ahead){0});
}

static void forward_piece(const conv2d_job *j, int64_t k, const workroom *room)
{
    forward_panel(&j->v, j->y, j->x, j->w, k / j->cuts, k % j->cuts * j->v.panel, room);
}

void ct_conv2d_kernel(ct_array y, ct_array x, ct_array w, const ct_conv2d_attr *conv, void *scratch, int threads)
{
    conv2d v = ct_conv2d_of(conv, x.dtype, x.shape, w.shape, y.shape);
    if (ct_array_count(&y) == 0)
        return;
    if (v.patch == 0) {
        ct_fill(y, 0, threads);
        return;
    }
    conv2d_job j = {.v = v, .x = x.data, .w = w.data, .y = y.data, .scratch = scratch, .piece = forward_piece};
    j.cuts = ct_ceil_div(v.positions, v.panel);
    share_out(&j, v.images * v.groups * j.cuts, threads);
}

/* --- dx from dy and w --- */

/* dx[channels, h, w] of one image and group: columns[channels kh kw, n] = w^T dy panel by panel, scattered in that
 * order. */
static void input_channels(const conv2d *v, char *dx, char *dy, char *w, int64_t block, int64_t first,
    int64_t channels, const workroom *room)
{
    int64_t element = v->kh * v->kw, rows = channels * element;
    char *to = at(v, dx, (block * v->c + first) * v->h * v->w);
    ct_matrix weights = {at(v, w, block % v->groups * v->o * v->patch + first * element), 1, v->patch};
    if (!v->pointwise)
        memset(to, 0, (size_t)(channels * v->h * v->w) * v->size);
    for (int64_t start = 0; start < v->positions; start += v->panel) {
        conv2d_part part = {channels, start, ct_min(v->panel, v->positions - start)};
        ct_matrix from = {at(v, dy, block * v->o * v->positions + start), v->positions, 1};
        if (v->pointwise) {
            ct_gemm(&room->tiler, rows, part.n, v->o, weights, from, (ct_target){at(v, to, start), v->positions, false, NULL}, room->scratch, (ct_ahead){0});
        } else {
            ct_gemm(&room->tiler, rows, part.n, v->o, weights, from, (ct_target){room->panel, part.n, false, NULL}, room->scratch, (ct_ahead){0});
            ct_conv2d_scatter(v, part, to, room->panel);
        }
    }
}

static void input_piece(const conv2d_job *j, int64_t k, const workroom *room)
{
    int64_t cut = k % j->cuts, first = j->v.c * cut / j->cuts, end = j->v.c * (cut + 1) / j->cuts;
    input_channels(&j->v, j->x, j->y, j->w, k / j->cuts, first, end - first, room);
}

void ct_conv2d_dx_kernel(ct_array dx, ct_array dy, ct_array w, const ct_conv2d_attr *conv, void *scratch, int threads)
{
    conv2d v = ct_conv2d_of(conv, dx.dtype, dx.shape, w.shape, dy.shape);
    if (ct_array_count(&dx) == 0)
        return;
    if (v.o == 0 || v.positions == 0 || v.patch == 0) {
        ct_fill(dx, 0, threads);
        return;
    }
    int64_t blocks = v.images * v.groups;
    conv2d_job j = {.v = v, .x = dx.data, .w = w.data, .y = dy.data, .scratch = scratch, .piece = input_piece};
    j.cuts = ct_min(v.c, ct_ceil_div(PIECES, blocks));
    share_out(&j, blocks * j.cuts, threads);
}

/* --- dw from x and dy --- */

/* A block of the weight gradient: some outputs and some channels of one group. */
typedef struct weight_block {
    int64_t group, o, outputs, c, channels;
} weight_block;

static weight_cuts cut_weights(const conv2d *v)
{
    weight_cuts cuts = {.channels = ct_min(v->c, ct_ceil_div(DW_COLUMNS, v->kh * v->kw))};
    cuts.c_cuts = ct_ceil_div(v->c, cuts.channels);
    cuts.o_cuts = ct_min(ct_ceil_div(v->o, DW_ROWS), ct_ceil_div(PIECES, v->groups * cuts.c_cuts));
    return cuts;
}

static weight_block nth_block(const conv2d *v, weight_cuts cuts, int64_t t)
{
    int64_t o = t % cuts.o_cuts, c = t / cuts.o_cuts % cuts.c_cuts * cuts.channels;
    weight_block b = {.group = t / cuts.o_cuts / cuts.c_cuts, .c = c, .channels = ct_min(cuts.channels, v->c - c)};
    b.o = v->o * o / cuts.o_cuts;
    b.outputs = v->o * (o + 1) / cuts.o_cuts - b.o;
    return b;
}

/* dw[outputs, channels kh kw] += dy[outputs, n] columns^T[n, channels kh kw], over all images and panels in order. */
static void weights_of_block(const conv2d *v, char *dw, char *x, char *dy, weight_block b, const workroom *room)
{
    int64_t element = v->kh * v->kw;
    char *to = at(v, dw, (b.group * v->o + b.o) * v->patch + b.c * element);
    bool beta = false;
    for (int64_t image = 0; image < v->images; image++) {
        int64_t block = image * v->groups + b.group;
        for (int64_t start = 0; start < v->positions; start += v->panel, beta = true) {
            conv2d_part part = {b.channels, start, ct_min(v->panel, v->positions - start)};
            ct_matrix columns = columns_of(v, part, at(v, x, (block * v->c + b.c) * v->h * v->w), room);
            ct_matrix transposed = {columns.data, columns.column, columns.row};
            ct_matrix from = {at(v, dy, (block * v->o + b.o) * v->positions + start), v->positions, 1};
            ct_gemm(&room->tiler, b.outputs, b.channels * element, part.n, from, transposed, (ct_target){to, v->patch, beta, NULL}, room->scratch, (ct_ahead){0});
        }
    }
}

static void weights_piece(const conv2d_job *j, int64_t k, const workroom *room)
{
    weights_of_block(&j->v, j->w, j->x, j->y, nth_block(&j->v, j->weights, k), room);
}

void ct_conv2d_dw_kernel(ct_array dw, ct_array x, ct_array dy, const ct_conv2d_attr *conv, void *scratch, int threads)
{
    conv2d v = ct_conv2d_of(conv, dw.dtype, x.shape, dw.shape, dy.shape);
    if (ct_array_count(&dw) == 0)
        return;
    if (v.images == 0 || v.positions == 0) {
        ct_fill(dw, 0, threads);
        return;
    }
    conv2d_job j = {.v = v, .x = x.data, .w = dw.data, .y = dy.data, .scratch = scratch, .piece = weights_piece};
    j.weights = cut_weights(&v);
    share_out(&j, v.groups * j.weights.c_cuts * j.weights.o_cuts, threads);
}
