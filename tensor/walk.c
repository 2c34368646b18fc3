/* SPDX-License-Identifier: MIT */
/* Merging of axes, and loads from strided memory by runs of the innermost axis. */
#include "walk.h"

#include <cotangent/kernels.h>

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

/* As ct_merge_axes, of one array: done for every load of a block. */
ct_walk ct_walk_of(const ct_array *a)
{
    ct_walk w = {.data = a->data, .dtype = a->dtype, .size = ct_dtype_size(a->dtype), .dim = {1}, .stride = {1}};
    for (int axis = 0; axis < a->shape.rank; axis++) {
        int64_t dim = a->shape.dim[axis], stride = a->stride[axis];
        if (dim == 1)
            continue;
        bool merge = w.rank > 0 && w.stride[w.rank - 1] == stride * dim;
        w.rank += !merge;
        w.dim[w.rank - 1] = merge ? w.dim[w.rank - 1] * dim : dim;
        w.stride[w.rank - 1] = stride;
    }
    w.rank += w.rank == 0;
    return w;
}

/* The first `unit` bytes, again and again up to `bytes`: what is there already is copied, twice as much each time. */
static void repeat(char *to, size_t unit, size_t bytes)
{
    for (size_t done = unit; done < bytes; done += done)
        memcpy(to + done, to, done < bytes - done ? done : bytes - done);
}

/* Some rows of a plane into contiguous memory. Where the rows lie closer together than the columns (a transpose), what lies in one
 * cache line is read at once. */
typedef struct plane {
    const void *from;
    int64_t rows, columns, row_stride, column_stride;
} plane;

#define LOAD_PLANE(bits)                                                                                          \
    static void load_##bits(const plane *p, void *to)                                                             \
    {                                                                                                             \
        const int64_t rows = p->rows, columns = p->columns, down = p->row_stride, across = p->column_stride;      \
        const uint##bits##_t *x = p->from;                                                                        \
        uint##bits##_t *y = to;                                                                                   \
        if (across == 1)                                                                                          \
            for (int64_t i = 0; i < rows; i++)                                                                    \
                memcpy(y + i * columns, x + i * down, (size_t)columns * sizeof *y);                               \
        else if (across == 0)                                                                                     \
            ct_spread_##bits(rows, columns, x, down, y);                                                          \
        else if (down > 0 && down < across)                                                                       \
            for (int64_t j = 0; j < columns; j++)                                                                 \
                for (int64_t i = 0; i < rows; i++)                                                                \
                    y[i * columns + j] = x[i * down + j * across];                                                \
        else                                                                                                      \
            for (int64_t i = 0; i < rows; i++)                                                                    \
                for (int64_t j = 0; j < columns; j++)                                                             \
                    y[i * columns + j] = x[i * down + j * across];                                                \
    }
/* Bytes are labels and pixels: nothing hurries there. */
static void ct_spread_8(int64_t rows, int64_t columns, const uint8_t *x, int64_t stride, uint8_t *y)
{
    for (int64_t i = 0; i < rows; i++)
        memset(y + i * columns, x[i * stride], (size_t)columns);
}

LOAD_PLANE(8)
LOAD_PLANE(32)
LOAD_PLANE(64)

/* Every row the same: one is loaded. */
static void load_plane(plane p, size_t size, char *to)
{
    const int64_t rows = p.rows;
    p.rows = p.row_stride == 0 ? 1 : rows;
    if (size == 4)
        load_32(&p, to);
    else if (size == 8)
        load_64(&p, to);
    else
        load_8(&p, to);
    if (p.rows < rows)
        repeat(to, (size_t)p.columns * size, (size_t)(rows * p.columns) * size);
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

/* Coordinates one past the end of an axis carry into the axis before; returns the offset. */
static int64_t carry(const ct_walk *w, int64_t *at)
{
    int64_t offset = 0;
    for (int axis = w->rank - 1; axis > 0; axis--) {
        if (at[axis] == w->dim[axis]) {
            at[axis] = 0;
            at[axis - 1]++;
        }
        offset += at[axis] * w->stride[axis];
    }
    return offset + at[0] * w->stride[0];
}

void ct_walk_load(const ct_walk *w, int64_t start, int64_t n, void *to)
{
    int64_t at[CT_MAX_RANK], offset = locate(w, start, at);
    int inner = w->rank - 1, outer = w->rank > 1 ? inner - 1 : inner;
    int64_t columns = w->dim[inner];
    for (char *y = to; n > 0; offset = carry(w, at)) {
        bool whole = outer < inner && at[inner] == 0 && n >= columns;
        plane p = {.from = w->data + offset * (int64_t)w->size, .row_stride = w->stride[outer], .column_stride = w->stride[inner]};
        p.rows = whole ? ct_min(n / columns, w->dim[outer] - at[outer]) : 1;
        p.columns = whole ? columns : ct_min(columns - at[inner], n);
        load_plane(p, w->size, y);
        at[whole ? outer : inner] += whole ? p.rows : p.columns;
        y += (size_t)(p.rows * p.columns) * w->size;
        n -= p.rows * p.columns;
    }
}

const void *ct_walk_run(const ct_walk *w, int64_t start, int64_t n)
{
    int64_t at[CT_MAX_RANK], inner = w->rank - 1;
    int64_t offset = locate(w, start, at);
    bool together = at[inner] + n <= w->dim[inner] && (w->stride[inner] == 1 || n == 1);
    return together ? w->data + offset * (int64_t)w->size : NULL;
}
