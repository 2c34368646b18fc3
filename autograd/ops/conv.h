/* SPDX-License-Identifier: MIT */
/* What the three convolutions share: y = conv2d(x, w), its transpose in x, its transpose in w. Each is bilinear, and each transposed is
 * another of the three. */
#ifndef COTANGENT_OPS_CONV_H
#define COTANGENT_OPS_CONV_H

#include "common.h"

/* Attributes of all three: the convolution, and the extents (height, width) that the operands do not tell: of x for conv2d_dx,
 * of w for conv2d_dw, 0 for conv2d. */
typedef struct ct_conv_attr {
    ct_conv2d_attr conv;
    int64_t extent[2];
} ct_conv_attr;

/* x [n, c, h, w], w [o, c/groups, kh, kw], y [n, o, oh, ow] fit each other, for the op being made. */
bool ct_conv_check(ct_infer *c, ct_shape x, ct_shape w, ct_shape y);
/* Both operands are of rank 4 and of one float dtype, which becomes the result's; the attributes are in range. */
bool ct_conv_operands(ct_infer *c);
/* How far the kernel of extent k goes along axis i (0: height, 1: width) of extent n; below 1 when it does not fit in at all. */
int64_t ct_conv_extent(const ct_conv2d_attr *conv, int i, int64_t n, int64_t k);
/* 2 flops for every element of y and every weight that it sees. */
double ct_conv_flops(ct_shape w, ct_shape y);

ct_var *ct_conv_apply(ct_site at, const ct_op *op, ct_var *x0, ct_var *x1, const ct_conv2d_attr *conv, int64_t height, int64_t width);

/* One description for the samples: stride, padding and dilation of both axes, and groups. */
#define CONV(stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups) \
    ((ct_conv2d_attr){{stride_h, stride_w}, {pad_h, pad_w}, {dilation_h, dilation_w}, groups})

#endif
