/* SPDX-License-Identifier: MIT */
/* Geometry of a convolution; patches to columns and back in both float types. */
#include "conv2d.h"
#include "walk.h"

#include <string.h>

/* Of the positions ox..ox+n-1, those whose input ox stride + shift lies in the row: first..last-1, counted from ox. */
static void inside(const conv2d *v, int64_t shift, int64_t ox, int64_t n, int64_t *first, int64_t *last)
{
    int64_t step = v->stride[1];
    int64_t low = shift >= 0 ? 0 : ct_ceil_div(-shift, step), high = shift >= v->w ? 0 : (v->w - 1 - shift) / step + 1;
    *first = ct_min(ct_max(low - ox, 0), n);
    *last = ct_max(ct_min(high - ox, n), *first);
}

#define T float
#define COLUMNS(name) name##_f32
#include "conv2d_columns.h"

#define T double
#define COLUMNS(name) name##_f64
#include "conv2d_columns.h"

/* A panel's columns should stay in the second-level cache. */
enum { MAX_PANEL = 512, MIN_PANEL = 64, PANEL_ELEMENTS = 1 << 18 };

conv2d ct_conv2d_of(const ct_conv2d_attr *conv, ct_dtype dtype, ct_shape x, ct_shape w, ct_shape y)
{
    conv2d v = {.dtype = dtype, .size = ct_dtype_size(dtype), .images = x.dim[0], .groups = conv->groups};
    v.c = w.dim[1], v.h = x.dim[2], v.w = x.dim[3];
    v.o = w.dim[0] / conv->groups, v.oh = y.dim[2], v.ow = y.dim[3];
    v.kh = w.dim[2], v.kw = w.dim[3];
    memcpy(v.stride, conv->stride, sizeof v.stride);
    memcpy(v.pad, conv->pad, sizeof v.pad);
    memcpy(v.dilation, conv->dilation, sizeof v.dilation);
    v.patch = v.c * v.kh * v.kw;
    v.positions = v.oh * v.ow;
    int64_t panel = ct_min(MAX_PANEL, ct_max(MIN_PANEL, PANEL_ELEMENTS / ct_max(v.patch, 1)));
    v.panel = ct_max(ct_min(panel, v.positions), 1);
    v.pointwise = v.kh == 1 && v.kw == 1 && v.pad[0] == 0 && v.pad[1] == 0 && v.stride[0] == 1 && v.stride[1] == 1;
    return v;
}

void ct_conv2d_gather(const conv2d *v, conv2d_part part, const void *x, void *columns)
{
    if (v->dtype == CT_F32)
        gather_f32(v, part, x, columns);
    else
        gather_f64(v, part, x, columns);
}

void ct_conv2d_scatter(const conv2d *v, conv2d_part part, void *x, const void *columns)
{
    if (v->dtype == CT_F32)
        scatter_f32(v, part, x, columns);
    else
        scatter_f64(v, part, x, columns);
}
