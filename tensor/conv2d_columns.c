/* Geometry of a convolution; patches to columns and back in both float types. */
#include "conv2d.h"
#include "walk.h"

#include <string.h>

#define T float
#define COLUMNS(name) name##_f32
#include "conv2d_columns.h"

#define T double
#define COLUMNS(name) name##_f64
#include "conv2d_columns.h"

enum { PANEL = 512 };

conv2d conv2d_of(const ct_conv2d_attr *conv, ct_dtype dtype, ct_shape x, ct_shape w, ct_shape y)
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
    v.panel = ct_max(ct_min(PANEL, v.positions), 1);
    v.pointwise = v.kh == 1 && v.kw == 1 && v.pad[0] == 0 && v.pad[1] == 0 && v.stride[0] == 1 && v.stride[1] == 1;
    return v;
}

void conv2d_gather(const conv2d *v, const void *x, int64_t start, int64_t n, void *columns)
{
    if (v->dtype == CT_F32)
        gather_f32(v, x, start, n, columns);
    else
        gather_f64(v, x, start, n, columns);
}

void conv2d_scatter(const conv2d *v, void *x, int64_t start, int64_t n, const void *columns)
{
    if (v->dtype == CT_F32)
        scatter_f32(v, x, start, n, columns);
    else
        scatter_f64(v, x, start, n, columns);
}
