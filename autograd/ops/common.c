/* SPDX-License-Identifier: MIT */
/* What the op files share: attributes, refusals, and broadcasting for ops of equal shapes. */
#include "common.h"

#include <math.h>
#include <stdio.h>

ct_dims ct_dims_of(ct_shape shape)
{
    ct_dims dims = {shape.rank, {0}};
    for (int i = 0; i < shape.rank && i < CT_MAX_RANK; i++)
        dims.dim[i] = shape.dim[i];
    return dims;
}

ct_shape ct_dims_shape(const ct_dims *dims)
{
    return ct_shape_of((int)dims->rank, dims->dim);
}

int64_t ct_axis_of(const ct_var *x, int axis)
{
    int found = ct_shape_axis(ct_var_shape(x), axis);
    return found < 0 ? axis : found;
}

bool ct_infer_axis(ct_infer *c, int64_t axis)
{
    int rank = ct_var_rank(c->x[0]);
    if (axis >= 0 && axis < rank)
        return true;
    return ct_infer_fail(c, CT_E_SHAPE, "there is no axis %lld, expected one of rank %d", (long long)axis, rank);
}

bool ct_infer_number(ct_infer *c, const char *what, double value, ct_dtype dtype)
{
    double low = dtype == CT_I32 ? INT32_MIN : 0, high = dtype == CT_I32 ? INT32_MAX : UINT8_MAX;
    bool whole = dtype == CT_I32 || dtype == CT_U8;
    if (!whole || (value >= low && value <= high && value == floor(value)))
        return true;
    return ct_infer_fail(c, CT_E_ARGUMENT, "the %s is %.17g, but %s holds whole numbers from %.0f to %.0f: cast to a float dtype first, or round",
                         what, value, ct_dtype_name(dtype), low, high);
}

ct_var *ct_refuse(ct_site at, const char *op, ct_code code, const ct_var *x, const char *format, ...)
{
    char text[CT_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return ct_graph_fail(ct_var_graph(x), code, at, "%s: %s: %s", op, text, CT_VAR_TEXT(x));
}

static ct_var *refuse_broadcast(ct_site at, const ct_op *op, int n, ct_var *const *x, const ct_error *why)
{
    char texts[CT_MAP_MAX_INPUTS * (CT_VAR_TEXT_SIZE + 2)] = "";
    size_t used = 0;
    for (int i = 0; i < n; i++)
        used += (size_t)snprintf(texts + used, sizeof texts - used, "%s%s", i ? ", " : "", CT_VAR_TEXT(x[i]));
    return ct_graph_fail(ct_var_graph(x[0]), CT_E_SHAPE, at, "%s: %s: %s", op->name, why->message, texts);
}

ct_var *ct_apply_broadcast(ct_site at, const ct_op *op, int n, ct_var *const *x)
{
    return ct_apply_broadcast_with(at, op, n, x, NULL);
}

ct_var *ct_apply_broadcast_with(ct_site at, const ct_op *op, int n, ct_var *const *x, const void *attr)
{
    ct_var *same[CT_MAP_MAX_INPUTS] = {NULL};
    ct_shape shape = CT_SCALAR;
    ct_error err;
    for (int i = 0; i < n; i++)
        if (!x[i])
            return ct_apply(NULL, at, op, n, x, attr);
    for (int i = 0; i < n; i++)
        if (!ct_shape_broadcast(shape, ct_var_shape(x[i]), &shape, &err))
            return refuse_broadcast(at, op, n, x, &err);
    for (int i = 0; i < n; i++)
        same[i] = ct_shape_equal(ct_var_shape(x[i]), shape) ? x[i] : ct_broadcast_at(at, x[i], shape);
    return ct_apply(NULL, at, op, n, same, attr);
}

ct_var *ct_elementwise_jvp(ct_var *y, ct_var *const *dx)
{
    ct_var *sum = NULL;
    for (int i = 0; i < ct_var_arity(y); i++) {
        ct_var *term = dx[i] ? ct_var_op(y)->vjp(y, i, dx[i]) : NULL;
        sum = sum && term ? ct_add_at(AT(y), sum, term) : sum ? sum : term;
    }
    return sum;
}

bool ct_infer_identity(ct_infer *c)
{
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = ct_var_shape(c->x[0]);
    return true;
}

bool ct_view_identity(const void *attr, ct_array x, ct_array *y)
{
    (void)attr;
    *y = x;
    return true;
}
