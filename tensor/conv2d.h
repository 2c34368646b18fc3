/* SPDX-License-Identifier: MIT */
/* A convolution's geometry, and the two moves between an image and the columns of its patches. */
#ifndef COTANGENT_CONV2D_H
#define COTANGENT_CONV2D_H

#include <cotangent/kernels.h>

typedef struct conv2d {
    ct_dtype dtype;
    size_t size;                             /* bytes of an element */
    int64_t images, groups;
    int64_t c, h, w;                         /* of x; c in one group */
    int64_t o, oh, ow;                       /* of y; o in one group */
    int64_t kh, kw;
    int64_t stride[2], pad[2], dilation[2];
    int64_t patch;                           /* c kh kw: rows of the columns matrix */
    int64_t positions;                       /* oh ow */
    int64_t panel;                           /* positions that are worked on at once */
    bool pointwise;                          /* the columns of an image are the image itself */
} conv2d;

conv2d ct_conv2d_of(const ct_conv2d_attr *conv, ct_dtype dtype, ct_shape x, ct_shape w, ct_shape y);

/* Some channels of one group of one image, and the positions start..start+n-1 of the output. */
typedef struct conv2d_part {
    int64_t channels, start, n;
} conv2d_part;

/* columns[channels kh kw, n] from x[channels, h, w]; zero outside the image. */
void ct_conv2d_gather(const conv2d *v, conv2d_part part, const void *x, void *columns);
/* The transpose: x[channels, h, w] += columns[channels kh kw, n]. */
void ct_conv2d_scatter(const conv2d *v, conv2d_part part, void *x, const void *columns);

#endif
