/* SPDX-License-Identifier: MIT */
/* Sums and maxima over any set of axes: which axes, in which order, and by which of the loops. */
#include "reduce.h"

#include <cotangent/kernels.h>
#include <math.h>

/* The axes of x that are (or are not) in the mask. */
static ct_array axes_of(ct_array x, unsigned axes, bool reduced)
{
    ct_array part = {.data = x.data, .dtype = x.dtype};
    for (int i = 0; i < x.shape.rank; i++)
        if ((axes >> i & 1u) == reduced) {
            part.shape.dim[part.shape.rank] = x.shape.dim[i];
            part.stride[part.shape.rank++] = x.stride[i];
        }
    return part;
}

static bool last_axis_reduced(const ct_array *x, unsigned axes)
{
    for (int i = x->shape.rank - 1; i >= 0; i--)
        if (x->shape.dim[i] > 1)
            return axes >> i & 1u;
    return true;
}

static ct_reduction reduction_of(ct_array x, unsigned axes, bool rows, int threads)
{
    ct_array kept = axes_of(x, axes, false), reduced = axes_of(x, axes, true);
    ct_reduction r = {.outputs = ct_array_count(&kept), .n = ct_array_count(&reduced), .threads = threads};
    r.kept = ct_walk_of(&kept);
    r.reduced = ct_walk_of(&reduced);
    r.unit = rows ? REDUCE_ITEM : ct_sum_block(x.shape, axes);
    int64_t units = ct_ceil_div(r.n, r.unit), of_chunk = REDUCE_CHUNK_UNITS;
    while (of_chunk * REDUCE_CHUNKS < units)
        of_chunk *= 2;
    r.chunk = r.unit * of_chunk;
    r.chunks = ct_ceil_div(r.n, r.chunk);
    return r;
}

typedef void (*reduce_fn)(const ct_reduction *r, bool rows, void *y);

static void reduce(const reduce_fn *fn, double of_none, ct_array y, ct_array x, unsigned axes, int threads)
{
    bool rows = last_axis_reduced(&x, axes);
    ct_reduction r = reduction_of(x, axes, rows, threads);
    if (r.n == 0)
        ct_fill(y, of_none, threads);
    else if (r.outputs > 0 && fn[x.dtype])
        fn[x.dtype](&r, rows, y.data);
}

void ct_reduce_sum(ct_array y, ct_array x, unsigned axes, int threads)
{
    static const reduce_fn fn[CT_DTYPES] = {
        [CT_F32] = ct_reduce_sum_f32, [CT_F64] = ct_reduce_sum_f64, [CT_I32] = ct_reduce_sum_i32};
    reduce(fn, 0, y, x, axes, threads);
}

void ct_reduce_max(ct_array y, ct_array x, unsigned axes, int threads)
{
    static const reduce_fn fn[CT_DTYPES] = {
        [CT_F32] = ct_reduce_max_f32, [CT_F64] = ct_reduce_max_f64, [CT_I32] = ct_reduce_max_i32};
    reduce(fn, -INFINITY, y, x, axes, threads);
}
