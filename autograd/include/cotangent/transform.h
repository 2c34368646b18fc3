/* SPDX-License-Identifier: MIT */
/* Derivatives. Each reads a part of the graph and appends the nodes of its derivative, made by the ordinary ops, so they nest in any order and to
 * any depth. A zero tangent or cotangent is NULL; ct_or_zeros makes it an array.
 *
 * The inputs named are cut points: what they were computed from is not looked at. Each returns false when the graph has an error, its own included. */
#ifndef COTANGENT_TRANSFORM_H
#define COTANGENT_TRANSFORM_H

#include <cotangent/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Forward mode: dy[i] = sum over j of (dy_i / dx_j) dx[j]. dx[j] has the shape and dtype of x[j], or is NULL (zero). One pass, whatever the number of inputs.
 * A tangent runs right after the value it belongs to, so its memory is free again as soon as nothing needs it. */
#define ct_jvp(...) ct_jvp_at(CT_HERE, __VA_ARGS__)
CT_API bool ct_jvp_at(ct_site at, int n_y, ct_var *const *y, int n_x, ct_var *const *x, ct_var *const *dx, ct_var **dy);

/* Forward mode for some rows: dy[i] = rows from .. to - 1 (along axis 0) of what ct_jvp gives for y[i], NULL for zero. Arguments as of ct_jvp, all of them for all rows.
 * Values are computed for all rows, as they are without the tangent; the tangents between for these rows alone, as far as the ops allow: matrix products, convolutions,
 * elementwise functions, reductions and movements that leave rows apart do. An error also when from .. to is not within axis 0 of each y[i]. from = to gives no rows.
 * constant: each dy[i] is under ct_stop_gradient, for targets. Elementwise values between, which nothing else wants in memory, are then computed again for the rows instead of being
 * written in full. */
#define ct_jvp_rows(...) ct_jvp_rows_at(CT_HERE, __VA_ARGS__)
CT_API bool ct_jvp_rows_at(ct_site at, int n_y, ct_var *const *y, int n_x, ct_var *const *x, ct_var *const *dx, int64_t from, int64_t to, bool constant,
                           ct_var **dy);

/* Reverse mode: xbar[j] = sum over i of (dy_i / dx_j)^T ybar[i]. ybar[i] has the shape and dtype of y[i], or is NULL (zero). */
#define ct_vjp(...) ct_vjp_at(CT_HERE, __VA_ARGS__)
CT_API bool ct_vjp_at(ct_site at, int n_y, ct_var *const *y, ct_var *const *ybar, int n_x, ct_var *const *x, ct_var **xbar);

/* Gradient of a scalar (one element): ct_vjp with cotangent 1. */
#define ct_grad(...) ct_grad_at(CT_HERE, __VA_ARGS__)
CT_API bool ct_grad_at(ct_site at, ct_var *y, int n_x, ct_var *const *x, ct_var **xbar);

/* Hessian-vector product of a scalar: hv[j] = sum over k of (d^2 y / dx_j dx_k) v[k], forward over reverse. v as dx of ct_jvp. */
#define ct_hvp(...) ct_hvp_at(CT_HERE, __VA_ARGS__)
CT_API bool ct_hvp_at(ct_site at, ct_var *y, int n_x, ct_var *const *x, ct_var *const *v, ct_var **hv);

/* v, or zeros of like's shape and dtype when v is NULL. */
#define ct_or_zeros(...) ct_or_zeros_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_or_zeros_at(ct_site at, ct_var *v, ct_var *like);

#ifdef __cplusplus
}
#endif
#endif
