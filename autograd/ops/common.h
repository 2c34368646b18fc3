/* SPDX-License-Identifier: MIT */
/* What the op files share: short ways to write an op's tables, and the helpers of common.c. */
#ifndef COTANGENT_OPS_COMMON_H
#define COTANGENT_OPS_COMMON_H

#include <cotangent/op.h>
#include <cotangent/ops.h>

#define OP(name) extern const ct_op ct_op_##name;
#include "../ops.def"
#undef OP

/* A derivative's nodes are reported at the place of the node they differentiate. */
#define AT(y) ct_var_site(y)

#define FLOAT_MAPS(name) {[CT_F32] = ct_map_##name##_f32, [CT_F64] = ct_map_##name##_f64}
#define NUMBER_MAPS(name) {[CT_F32] = ct_map_##name##_f32, [CT_F64] = ct_map_##name##_f64, [CT_I32] = ct_map_##name##_i32}

/* A shape or a list of axes as an attribute: attributes are compared as bytes, and ct_shape has padding. Unused entries are 0. */
typedef struct ct_dims {
    int64_t rank;
    int64_t dim[CT_MAX_RANK];
} ct_dims;
ct_dims ct_dims_of(ct_shape shape);
ct_shape ct_dims_shape(const ct_dims *dims);

/* The axis in 0..rank-1; one that does not exist is returned as it is, for infer to name. */
int64_t ct_axis_of(const ct_var *x, int axis);
/* Whether `value` is a number of the dtype: for integers a whole one within their range; refuses the node otherwise, calling the value `what`. */
bool ct_infer_number(ct_infer *c, const char *what, double value, ct_dtype dtype);
/* Whether `axis` is one of operand 0; refuses the node otherwise. */
bool ct_infer_axis(ct_infer *c, int64_t axis);

/* Record "op: message: text of x" and return NULL. x is not NULL. */
ct_var *ct_refuse(ct_site at, const char *op, ct_code code, const ct_var *x, const char *format, ...) CT_PRINTF(5, 6);

/* An op of equal shapes applied to operands of shapes that broadcast. */
ct_var *ct_apply_broadcast(ct_site at, const ct_op *op, int n, ct_var *const *x);
ct_var *ct_apply_broadcast_with(ct_site at, const ct_op *op, int n, ct_var *const *x, const void *attr);

/* op->jvp where every element of y depends on its own elements of the operands alone: dy/dx_i is then its own transpose, so op->vjp says all. */
ct_var *ct_elementwise_jvp(ct_var *y, ct_var *const *dx);

/* Whether v is a permute that takes the last axis to another place. */
bool ct_permute_moves_last(const ct_var *v);

/* The value is operand 0's memory, unchanged. */
bool ct_infer_identity(ct_infer *c);
bool ct_view_identity(const void *attr, ct_array x, ct_array *y);

/* --- samples ----------------------------------------------------------------------------------------------------- */

#define SAMPLE(function, expression)                                               \
    static ct_var *function(ct_graph *g, ct_dtype dtype, ct_var *const *x)         \
    {                                                                              \
        (void)g, (void)dtype, (void)x;                                             \
        return expression;                                                         \
    }
#define DRAW(kind, ...) {kind, {(int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), {__VA_ARGS__}}, 0}
#define DRAW_SCALAR(kind) {kind, {0, {0}}, 0}
#define NORMAL(...) DRAW(CT_SAMPLE_NORMAL, __VA_ARGS__)
#define POSITIVE(...) DRAW(CT_SAMPLE_POSITIVE, __VA_ARGS__)
#define DISTINCT(...) DRAW(CT_SAMPLE_DISTINCT, __VA_ARGS__)
#define MASK(...) DRAW(CT_SAMPLE_MASK, __VA_ARGS__)
#define INDEX(limit, ...) {CT_SAMPLE_INDEX, {(int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), {__VA_ARGS__}}, limit}

/* For ct_NAME(x) of floats: every rank up to 4, an extent of 1, no elements; int32 is refused. */
#define UNARY_SAMPLES(name, kind)                                                  \
    SAMPLE(sample, ct_##name(x[0]))                                                \
    static const ct_sample samples[] = {                                           \
        {sample, 1, {DRAW_SCALAR(kind)}, NULL},                                    \
        {sample, 1, {DRAW(kind, 37)}, NULL},                                       \
        {sample, 1, {DRAW(kind, 3, 5)}, NULL},                                     \
        {sample, 1, {DRAW(kind, 4, 1, 3)}, NULL},                                  \
        {sample, 1, {DRAW(kind, 2, 3, 1, 4)}, NULL},                               \
        {sample, 1, {DRAW(kind, 2, 0)}, NULL},                                     \
        {sample, 1, {INDEX(5, 4)}, "int32"},                                       \
        {0},                                                                       \
    };

/* For ct_NAME(x, y): equal shapes, broadcasting either way and both ways, one operand twice; shapes and dtypes that do not fit are refused. */
#define BINARY_SAMPLES(name, kind)                                                 \
    SAMPLE(sample, ct_##name(x[0], x[1]))                                          \
    SAMPLE(sample_twice, ct_##name(x[0], x[0]))                                    \
    static const ct_sample samples[] = {                                           \
        {sample, 2, {DRAW_SCALAR(kind), DRAW_SCALAR(kind)}, NULL},                 \
        {sample, 2, {DRAW(kind, 19), DRAW(kind, 19)}, NULL},                       \
        {sample, 2, {DRAW(kind, 3, 4), DRAW_SCALAR(kind)}, NULL},                  \
        {sample, 2, {DRAW(kind, 4), DRAW(kind, 3, 4)}, NULL},                      \
        {sample, 2, {DRAW(kind, 2, 1, 3), DRAW(kind, 4, 1)}, NULL},                \
        {sample, 2, {DRAW(kind, 2, 3, 1, 2), DRAW(kind, 2, 3, 4, 2)}, NULL},       \
        {sample_twice, 1, {DRAW(kind, 5, 2)}, NULL},                               \
        {sample, 2, {DRAW(kind, 2, 3), DRAW(kind, 2, 4)}, "do not broadcast"},     \
        {sample, 2, {DRAW(kind, 4), INDEX(5, 4)}, "int32"},                        \
        {0},                                                                       \
    };

#endif
