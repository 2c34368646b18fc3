/* SPDX-License-Identifier: MIT */
/* Dtypes and shapes. Both are small values, passed by value. */
#ifndef COTANGENT_SHAPE_H
#define COTANGENT_SHAPE_H

#include <cotangent/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ct_dtype { CT_F32, CT_F64, CT_I32, CT_U8 } ct_dtype;
enum { CT_DTYPES = 4 };

CT_API const char *ct_dtype_name(ct_dtype dtype);  /* "float32", "float64", "int32", "uint8" */
CT_API size_t ct_dtype_size(ct_dtype dtype);       /* bytes of one element */
CT_API bool ct_dtype_is_float(ct_dtype dtype);

enum { CT_MAX_RANK = 8 };

/* Extents, outermost first (row-major). Rank 0 is a scalar: one element. An extent may be 0: no elements. */
typedef struct ct_shape {
    int rank;
    int64_t dim[CT_MAX_RANK];
} ct_shape;

/* CT_SHAPE(64, 28, 28); CT_SCALAR is rank 0. */
#ifdef __cplusplus
#define CT_SHAPE(...) ct_shape_from(__VA_ARGS__)
#else
#define CT_SHAPE(...)                                                   \
    ((ct_shape){(int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), \
                {__VA_ARGS__}})
#endif
#define CT_SCALAR (CT_LITERAL(ct_shape){0, {0}})

/* A list of axes; negative ones count from the end. CT_AXES(-1), CT_AXES(1, 2, 3). */
typedef struct ct_axes {
    int count;
    int axis[CT_MAX_RANK];
} ct_axes;
#ifdef __cplusplus
#define CT_AXES(...) ct_axes_from(__VA_ARGS__)
#else
#define CT_AXES(...) ((ct_axes){(int)(sizeof((int[]){__VA_ARGS__}) / sizeof(int)), {__VA_ARGS__}})
#endif

/* A shape or list made from an array. A rank outside 0..CT_MAX_RANK gives a shape that ct_shape_check refuses. */
CT_API ct_shape ct_shape_of(int rank, const int64_t *dim);

CT_API int64_t ct_shape_count(ct_shape shape);             /* number of elements */
CT_API bool ct_shape_equal(ct_shape a, ct_shape b);
/* False, with a message, for a rank outside 0..CT_MAX_RANK, a negative extent, or more than 2^62 bytes at 8 bytes an element. */
CT_API bool ct_shape_check(ct_shape shape, ct_error *err);
/* Extent of an axis; negative axes count from the end. 0 when the axis does not exist. */
CT_API int64_t ct_shape_dim(ct_shape shape, int axis);
/* The axis as a number in 0..rank-1, or -1 when it does not exist. */
CT_API int ct_shape_axis(ct_shape shape, int axis);
/* The NumPy broadcast of two shapes into `out`; false, with a message, when an extent differs and neither is 1. */
CT_API bool ct_shape_broadcast(ct_shape a, ct_shape b, ct_shape *out, ct_error *err);
/* Row-major strides in elements. */
CT_API void ct_shape_strides(ct_shape shape, int64_t stride[CT_MAX_RANK]);

/* "[64, 28, 28]" into `buffer`, cut to fit; returns `buffer`. CT_SHAPE_TEXT(shape) is the same with a buffer
 * that lives as CT_TEXT_BUFFER says. */
enum { CT_SHAPE_TEXT_SIZE = 192 };
CT_API const char *ct_shape_text(ct_shape shape, char buffer[CT_SHAPE_TEXT_SIZE]);
#define CT_SHAPE_TEXT(shape) ct_shape_text((shape), CT_TEXT_BUFFER(CT_SHAPE_TEXT_SIZE))

#ifdef __cplusplus
}

template <class... extents> inline ct_shape ct_shape_from(extents... extent)
{
    static_assert(sizeof...(extents) <= CT_MAX_RANK, "a shape has at most CT_MAX_RANK extents");
    return ct_shape{static_cast<int>(sizeof...(extents)), {static_cast<int64_t>(extent)...}};
}

template <class... numbers> inline ct_axes ct_axes_from(numbers... axis)
{
    static_assert(sizeof...(numbers) <= CT_MAX_RANK, "there are at most CT_MAX_RANK axes");
    return ct_axes{static_cast<int>(sizeof...(numbers)), {static_cast<int>(axis)...}};
}
#endif
#endif
