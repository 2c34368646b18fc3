/* SPDX-License-Identifier: MIT */
/* Dtypes, shapes and their arithmetic. */
#include <cotangent/shape.h>

#include <stdio.h>

const char *ct_dtype_name(ct_dtype dtype)
{
    static const char *const names[CT_DTYPES] = {"float32", "float64", "int32", "uint8"};
    return (unsigned)dtype < CT_DTYPES ? names[dtype] : "unknown dtype";
}

size_t ct_dtype_size(ct_dtype dtype)
{
    static const size_t sizes[CT_DTYPES] = {4, 8, 4, 1};
    return (unsigned)dtype < CT_DTYPES ? sizes[dtype] : 0;
}

bool ct_dtype_is_float(ct_dtype dtype)
{
    return dtype == CT_F32 || dtype == CT_F64;
}

ct_shape ct_shape_of(int rank, const int64_t *dim)
{
    ct_shape shape = {rank, {0}};
    for (int i = 0; i < rank && rank <= CT_MAX_RANK; i++)
        shape.dim[i] = dim[i];
    return shape;
}

int64_t ct_shape_count(ct_shape shape)
{
    int64_t count = 1;
    for (int i = 0; i < shape.rank; i++)
        count *= shape.dim[i];
    return count;
}

bool ct_shape_equal(ct_shape a, ct_shape b)
{
    if (a.rank != b.rank)
        return false;
    for (int i = 0; i < a.rank; i++)
        if (a.dim[i] != b.dim[i])
            return false;
    return true;
}

static int64_t at_least_one(int64_t extent)
{
    return extent > 1 ? extent : 1;
}

/* An extent of 0 counts as 1, so that the strides of an empty shape cannot overflow either. */
bool ct_shape_check(ct_shape shape, ct_error *err)
{
    const int64_t limit = INT64_C(1) << 59;
    int64_t count = 1;
    if (shape.rank < 0 || shape.rank > CT_MAX_RANK)
        return ct_fail(err, CT_E_SHAPE, "a shape has rank %d, expected 0 to %d", shape.rank, CT_MAX_RANK);
    for (int i = 0; i < shape.rank; i++) {
        int64_t extent = at_least_one(shape.dim[i]);
        if (shape.dim[i] < 0)
            return ct_fail(err, CT_E_SHAPE, "shape %s has a negative extent on axis %d", CT_SHAPE_TEXT(shape), i);
        if (extent > limit / count)
            return ct_fail(err, CT_E_SHAPE, "shape %s has more elements than the limit of 2^59", CT_SHAPE_TEXT(shape));
        count *= extent;
    }
    return true;
}

int ct_shape_axis(ct_shape shape, int axis)
{
    if (axis < -shape.rank || axis >= shape.rank)
        return -1;
    return axis < 0 ? axis + shape.rank : axis;
}

int64_t ct_shape_dim(ct_shape shape, int axis)
{
    int i = ct_shape_axis(shape, axis);
    return i < 0 ? 0 : shape.dim[i];
}

bool ct_shape_broadcast(ct_shape a, ct_shape b, ct_shape *out, ct_error *err)
{
    ct_shape result = {a.rank > b.rank ? a.rank : b.rank, {0}};
    for (int i = 1; i <= result.rank; i++) {
        int64_t x = i <= a.rank ? a.dim[a.rank - i] : 1;
        int64_t y = i <= b.rank ? b.dim[b.rank - i] : 1;
        if (x != y && x != 1 && y != 1)
            return ct_fail(err, CT_E_SHAPE, "shapes %s and %s do not broadcast: axis %d has extents %lld and %lld",
                           CT_SHAPE_TEXT(a), CT_SHAPE_TEXT(b), -i, (long long)x, (long long)y);
        result.dim[result.rank - i] = x == 1 ? y : x;
    }
    *out = result;
    return ct_shape_check(result, err);
}

void ct_shape_strides(ct_shape shape, int64_t stride[CT_MAX_RANK])
{
    int64_t step = 1;
    for (int i = shape.rank - 1; i >= 0; i--) {
        stride[i] = step;
        step *= at_least_one(shape.dim[i]);
    }
}

const char *ct_shape_text(ct_shape shape, char buffer[CT_SHAPE_TEXT_SIZE])
{
    if (shape.rank < 0 || shape.rank > CT_MAX_RANK) {
        snprintf(buffer, CT_SHAPE_TEXT_SIZE, "[rank %d]", shape.rank);
        return buffer;
    }
    int used = snprintf(buffer, CT_SHAPE_TEXT_SIZE, "[");
    for (int i = 0; i < shape.rank; i++)
        used += snprintf(buffer + used, (size_t)(CT_SHAPE_TEXT_SIZE - used), "%s%lld", i ? ", " : "",
                         (long long)shape.dim[i]);
    snprintf(buffer + used, (size_t)(CT_SHAPE_TEXT_SIZE - used), "]");
    return buffer;
}
