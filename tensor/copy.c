/* SPDX-License-Identifier: MIT */
/* Copies between strided arrays with conversion of dtype, and fills. Two axes matter: the one where the destination is
 * dense and the one where the source is. Where they differ (a transpose) the copy goes by square tiles. */
#include "walk.h"

#include <cotangent/kernels.h>
#include <cotangent/team.h>
#include <string.h>

enum {
    TILE = 32,       /* side of a transposed tile */
    RUN = 8192,      /* elements of a run that are copied at once */
    GRAIN = 32768    /* elements a task should have */
};

/* --- conversion of one run --- */

#define SAME(T, x) ((T)(x))
#define FLOAT_TO_I32(T, x) \
    ((x) >= 2147483648.0 ? INT32_MAX : (x) < -2147483648.0 ? INT32_MIN : (x) == (x) ? (int32_t)(x) : 0)
#define FLOAT_TO_U8(T, x) ((uint8_t)((x) >= 255 ? 255 : (x) > 0 ? (x) : 0))

#define CONVERT(from, F, to, T, CAST)                                                                 \
    static void from##_to_##to(int64_t n, const void *src, int64_t ss, void *dst, int64_t ds)         \
    {                                                                                                 \
        const F *x = src;                                                                             \
        T *y = dst;                                                                                   \
        if (ss == 1 && ds == 1)                                                                       \
            for (int64_t i = 0; i < n; i++)                                                           \
                y[i] = CAST(T, x[i]);                                                                 \
        else                                                                                          \
            for (int64_t i = 0; i < n; i++)                                                           \
                y[i * ds] = CAST(T, x[i * ss]);                                                       \
    }
CONVERT(f32, float, f32, float, SAME)
CONVERT(f32, float, f64, double, SAME)
CONVERT(f32, float, i32, int32_t, FLOAT_TO_I32)
CONVERT(f32, float, u8, uint8_t, FLOAT_TO_U8)
CONVERT(f64, double, f32, float, SAME)
CONVERT(f64, double, f64, double, SAME)
CONVERT(f64, double, i32, int32_t, FLOAT_TO_I32)
CONVERT(f64, double, u8, uint8_t, FLOAT_TO_U8)
CONVERT(i32, int32_t, f32, float, SAME)
CONVERT(i32, int32_t, f64, double, SAME)
CONVERT(i32, int32_t, i32, int32_t, SAME)
CONVERT(i32, int32_t, u8, uint8_t, FLOAT_TO_U8)
CONVERT(u8, uint8_t, f32, float, SAME)
CONVERT(u8, uint8_t, f64, double, SAME)
CONVERT(u8, uint8_t, i32, int32_t, SAME)
CONVERT(u8, uint8_t, u8, uint8_t, SAME)

typedef void (*convert_fn)(int64_t n, const void *src, int64_t src_stride, void *dst, int64_t dst_stride);

static const convert_fn convert[CT_DTYPES][CT_DTYPES] = {
    [CT_F32] = {[CT_F32] = f32_to_f32, [CT_F64] = f32_to_f64, [CT_I32] = f32_to_i32, [CT_U8] = f32_to_u8},
    [CT_F64] = {[CT_F32] = f64_to_f32, [CT_F64] = f64_to_f64, [CT_I32] = f64_to_i32, [CT_U8] = f64_to_u8},
    [CT_I32] = {[CT_F32] = i32_to_f32, [CT_F64] = i32_to_f64, [CT_I32] = i32_to_i32, [CT_U8] = i32_to_u8},
    [CT_U8] = {[CT_F32] = u8_to_f32, [CT_F64] = u8_to_f64, [CT_I32] = u8_to_i32, [CT_U8] = u8_to_u8},
};

/* --- the loops --- */

/* dst[0] and src[1] strides over common axes; the last two axes are the plane that is copied by tiles. */
typedef struct plan {
    int rank;
    int64_t dim[CT_MAX_RANK];
    int64_t stride[2][CT_MAX_RANK];   /* 0: dst, 1: src */
    char *dst;
    const char *src;
    size_t dst_size, src_size;
    bool move;                        /* runs dense on both sides and of one dtype: memcpy */
    convert_fn convert;
    int64_t tile[2];                  /* extents of a tile */
} plan;

static void swap_axes(plan *p, int a, int b)
{
    int64_t dim = p->dim[a], dst = p->stride[0][a], src = p->stride[1][a];
    p->dim[a] = p->dim[b], p->stride[0][a] = p->stride[0][b], p->stride[1][a] = p->stride[1][b];
    p->dim[b] = dim, p->stride[0][b] = dst, p->stride[1][b] = src;
}

static int64_t magnitude(int64_t x)
{
    return x < 0 ? -x : x;
}

/* Insertion sort: the widest steps of the destination outermost, so that the last axis is its densest. */
static void sort_axes(plan *p)
{
    for (int i = 1; i < p->rank; i++)
        for (int j = i; j > 0 && magnitude(p->stride[0][j - 1]) < magnitude(p->stride[0][j]); j--)
            swap_axes(p, j - 1, j);
}

/* Bring the source's densest axis next to the last; true when it was not the last itself. */
static bool place_source_axis(plan *p)
{
    int best = p->rank - 1;
    for (int i = 0; i < p->rank; i++)
        if (p->stride[1][i] != 0 && magnitude(p->stride[1][i]) < magnitude(p->stride[1][best]))
            best = i;
    if (best == p->rank - 1)
        return false;
    swap_axes(p, best, p->rank - 2);
    return true;
}

static plan plan_of(ct_array dst, ct_array src)
{
    plan p = {.dst = dst.data, .src = src.data, .convert = convert[src.dtype][dst.dtype]};
    p.dst_size = ct_dtype_size(dst.dtype);
    p.src_size = ct_dtype_size(src.dtype);
    memcpy(p.dim, dst.shape.dim, sizeof p.dim);
    memcpy(p.stride[0], dst.stride, sizeof p.stride[0]);
    memcpy(p.stride[1], src.stride, sizeof p.stride[1]);
    p.rank = ct_merge_axes(dst.shape.rank, p.dim, 2, p.stride);
    sort_axes(&p);
    p.rank = ct_merge_axes(p.rank, p.dim, 2, p.stride);
    if (p.rank == 1) {
        p.dim[1] = p.dim[0], p.stride[0][1] = p.stride[0][0], p.stride[1][1] = p.stride[1][0];
        p.dim[0] = 1, p.stride[0][0] = p.stride[1][0] = 0;
        p.rank = 2;
    }
    bool transposed = place_source_axis(&p);
    int inner = p.rank - 1;
    p.move = dst.dtype == src.dtype && p.stride[0][inner] == 1 && p.stride[1][inner] == 1;
    p.tile[1] = transposed ? ct_max(TILE, TILE * TILE / p.dim[inner - 1]) : ct_min(RUN, p.dim[inner]);
    p.tile[0] = transposed ? TILE : ct_max(1, RUN / p.tile[1]);
    return p;
}

static void copy_tile(const plan *p, char *dst, const char *src, int64_t rows, int64_t columns)
{
    int row = p->rank - 2, column = p->rank - 1;
    int64_t dst_step = p->stride[0][row] * (int64_t)p->dst_size, src_step = p->stride[1][row] * (int64_t)p->src_size;
    for (int64_t i = 0; i < rows; i++) {
        if (p->move)
            memcpy(dst + i * dst_step, src + i * src_step, (size_t)columns * p->dst_size);
        else
            p->convert(columns, src + i * src_step, p->stride[1][column], dst + i * dst_step, p->stride[0][column]);
    }
}

/* Tile number `t`: the last two axes in tiles, the others one coordinate at a time. */
static void copy_nth_tile(const plan *p, int64_t t)
{
    int64_t at[CT_MAX_RANK], dst = 0, src = 0;
    for (int axis = p->rank - 1; axis >= 0; axis--) {
        int64_t step = axis < p->rank - 2 ? 1 : p->tile[axis - (p->rank - 2)];
        int64_t steps = ct_ceil_div(p->dim[axis], step);
        at[axis] = t % steps * step;
        t /= steps;
        dst += at[axis] * p->stride[0][axis];
        src += at[axis] * p->stride[1][axis];
    }
    int row = p->rank - 2, column = p->rank - 1;
    copy_tile(p, p->dst + dst * (int64_t)p->dst_size, p->src + src * (int64_t)p->src_size,
              ct_min(p->tile[0], p->dim[row] - at[row]), ct_min(p->tile[1], p->dim[column] - at[column]));
}

typedef struct copy_job {
    plan plan;
    int64_t tiles, tasks;
} copy_job;

static void copy_task(void *argument, int64_t task, int thread)
{
    const copy_job *j = argument;
    int64_t end = ct_task_start(j->tiles, j->tasks, task + 1);
    (void)thread;
    for (int64_t t = ct_task_start(j->tiles, j->tasks, task); t < end; t++)
        copy_nth_tile(&j->plan, t);
}

void ct_copy(ct_array dst, ct_array src, int threads)
{
    int64_t count = ct_array_count(&dst);
    if (count == 0)
        return;
    copy_job j = {.plan = plan_of(dst, src)};
    const plan *p = &j.plan;
    j.tiles = ct_ceil_div(p->dim[p->rank - 2], p->tile[0]) * ct_ceil_div(p->dim[p->rank - 1], p->tile[1]);
    for (int axis = 0; axis < p->rank - 2; axis++)
        j.tiles *= p->dim[axis];
    j.tasks = ct_tasks_for(threads, j.tiles, count, GRAIN);
    ct_parallel_for(threads, j.tasks, copy_task, &j);
}

void ct_fill(ct_array dst, double value, int threads)
{
    union { float f32; double f64; int32_t i32; uint8_t u8; } element;
    convert[CT_F64][dst.dtype](1, &value, 1, &element, 1);
    ct_array src = dst;
    src.data = &element;
    memset(src.stride, 0, sizeof src.stride);
    ct_copy(dst, src, threads);
}
