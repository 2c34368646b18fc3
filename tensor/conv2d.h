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

conv2d conv2d_of(const ct_conv2d_attr *conv, ct_dtype dtype, ct_shape x, ct_shape w, ct_shape y);

/* columns[patch, n] from positions start..start+n-1 of one group's image x[c, h, w]; zero outside the image. */
void conv2d_gather(const conv2d *v, const void *x, int64_t start, int64_t n, void *columns);
/* The transpose: x[c, h, w] += columns[patch, n]. */
void conv2d_scatter(const conv2d *v, void *x, int64_t start, int64_t n, const void *columns);

#endif
