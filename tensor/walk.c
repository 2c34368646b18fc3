/* Merging of axes, and loads from strided memory by runs of the innermost axis. */
#include "walk.h"

#include <string.h>


int ct_merge_axes(int rank, int64_t *dim, int n, int64_t (*stride)[CT_MAX_RANK])
{
    int out = 0;
    for (int axis = 0; axis < rank; axis++) {
        if (dim[axis] == 1)
            continue;
        bool merge = out > 0;
        int at = merge ? out - 1 : 0;
        for (int i = 0; merge && i < n; i++)
            merge = stride[i][at] == stride[i][axis] * dim[axis];
        dim[merge ? at : out] = merge ? dim[at] * dim[axis] : dim[axis];
        for (int i = 0; i < n; i++)
            stride[i][merge ? at : out] = stride[i][axis];
        out += !merge;
    }
    if (out == 0) {
        dim[0] = 1;
        for (int i = 0; i < n; i++)
            stride[i][0] = 1;
        out = 1;
    }
    return out;
}

ct_walk ct_walk_of(const ct_array *a)
{
    ct_walk w = {.data = a->data, .dtype = a->dtype, .size = ct_dtype_size(a->dtype)};
    memcpy(w.dim, a->shape.dim, sizeof w.dim);
    int64_t stride[1][CT_MAX_RANK];
    memcpy(stride[0], a->stride, sizeof stride[0]);
    w.rank = ct_merge_axes(a->shape.rank, w.dim, 1, stride);
    memcpy(w.stride, stride[0], sizeof w.stride);
    return w;
}

/* A strided run into contiguous memory, one element type each. */
#define LOAD_RUN(name, T)                                                        \
    static void load_##name(int64_t n, const void *from, int64_t stride, void *to) \
    {                                                                            \
        const T *x = from;                                                       \
        T *y = to;                                                               \
        if (stride == 1)                                                         \
            for (int64_t i = 0; i < n; i++)                                      \
                y[i] = x[i];                                                     \
        else if (stride == 0)                                                    \
            for (int64_t i = 0; i < n; i++)                                      \
                y[i] = *x;                                                       \
        else                                                                     \
            for (int64_t i = 0; i < n; i++)                                      \
                y[i] = x[i * stride];                                            \
    }
LOAD_RUN(f32, float)
LOAD_RUN(f64, double)
LOAD_RUN(i32, int32_t)
LOAD_RUN(u8, uint8_t)

static void load_run(ct_dtype dtype, int64_t n, const void *from, int64_t stride, void *to)
{
    static void (*const load[CT_DTYPES])(int64_t, const void *, int64_t, void *) = {
        [CT_F32] = load_f32, [CT_F64] = load_f64, [CT_I32] = load_i32, [CT_U8] = load_u8};
    load[dtype](n, from, stride, to);
}

/* Offset of element `start`, and its coordinate on every axis. */
static int64_t locate(const ct_walk *w, int64_t start, int64_t *at)
{
    int64_t offset = 0;
    for (int axis = w->rank - 1; axis > 0; axis--) {
        at[axis] = start % w->dim[axis];
        start /= w->dim[axis];
        offset += at[axis] * w->stride[axis];
    }
    at[0] = start;
    return offset + start * w->stride[0];
}

int64_t ct_walk_offset(const ct_walk *w, int64_t i)
{
    int64_t at[CT_MAX_RANK];
    return locate(w, i, at);
}

/* The offset after the last axis has been used up from its coordinate on: carry into the outer axes. */
static int64_t next_row(const ct_walk *w, int64_t offset, int64_t *at)
{
    int axis = w->rank - 1;
    offset -= at[axis] * w->stride[axis];
    at[axis] = 0;
    while (--axis >= 0) {
        offset += w->stride[axis];
        if (++at[axis] < w->dim[axis] || axis == 0)
            break;
        offset -= at[axis] * w->stride[axis];
        at[axis] = 0;
    }
    return offset;
}

void ct_walk_load(const ct_walk *w, int64_t start, int64_t n, void *to)
{
    int64_t at[CT_MAX_RANK], inner = w->rank - 1;
    int64_t offset = locate(w, start, at);
    char *y = to;
    while (n > 0) {
        int64_t run = ct_min(w->dim[inner] - at[inner], n);
        load_run(w->dtype, run, w->data + offset * (int64_t)w->size, w->stride[inner], y);
        y += (size_t)run * w->size;
        n -= run;
        offset = next_row(w, offset, at);
    }
}

const void *ct_walk_run(const ct_walk *w, int64_t start, int64_t n)
{
    int64_t at[CT_MAX_RANK], inner = w->rank - 1;
    int64_t offset = locate(w, start, at);
    bool together = at[inner] + n <= w->dim[inner] && (w->stride[inner] == 1 || n == 1);
    return together ? w->data + offset * (int64_t)w->size : NULL;
}
