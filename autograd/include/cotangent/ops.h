/* SPDX-License-Identifier: MIT */
/* The operations, as functions that append a node and return it (or NULL: see graph.h).
 *
 * Each is a macro over a function NAME_at that takes the caller's place first. Operands are float32 or float64, both of one dtype, unless said
 * otherwise. Binary elementwise functions broadcast as NumPy does. "axis" may count from the end.
 * Axes and convolutions are handed over as structures and arrive as pointers: see language.h. */
#ifndef COTANGENT_OPS_H
#define COTANGENT_OPS_H

#include <cotangent/graph.h>
#include <cotangent/kernels.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- sources ----------------------------------------------------------------------------------------------------- */

/* A value given to the program before it runs (ct_program_set). The name is unique in the graph. A run fails as long as it
 * was never set. */
#define ct_input(...) ct_input_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_input_at(ct_site at, ct_graph *g, const char *name, ct_dtype dtype, ct_shape shape);
/* A tensor that never changes; retained, must be contiguous and stay unchanged. */
#define ct_constant(...) ct_constant_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_constant_at(ct_site at, ct_graph *g, ct_tensor *value);
/* A tensor that ct_assign may change (a parameter, a moment); retained, contiguous. The same tensor gives the same node again;
 * the program reads and writes the tensor's own memory. */
#define ct_state(...) ct_state_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_state_at(ct_site at, ct_graph *g, const char *name, ct_tensor *tensor);
/* Scalar constant of any dtype (rank 0), and tensors of one value (no memory: a broadcast scalar). */
#define ct_scalar(...) ct_scalar_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_scalar_at(ct_site at, ct_graph *g, ct_dtype dtype, double value);  /* an integer dtype must hold the value as it is */
#define ct_full(...) ct_full_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_full_at(ct_site at, ct_graph *g, ct_dtype dtype, ct_shape shape, double value);
#define ct_full_like(...) ct_full_like_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_full_like_at(ct_site at, ct_var *x, double value);
#define ct_zeros_like(...) ct_zeros_like_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_zeros_like_at(ct_site at, ct_var *x);
#define ct_ones_like(...) ct_ones_like_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_ones_like_at(ct_site at, ct_var *x);
/* 0, 1, ..., n-1 in any dtype. */
#define ct_iota(...) ct_iota_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_iota_at(ct_site at, ct_graph *g, ct_dtype dtype, int64_t n);
/* Random numbers, new at each run: a function of the program's seed and step, of how many random nodes the graph had before this one, and of the
 * element's index. uniform in (0, 1); normal with mean 0 and deviation 1. */
#define ct_uniform(...) ct_uniform_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_uniform_at(ct_site at, ct_graph *g, ct_dtype dtype, ct_shape shape);
#define ct_normal(...) ct_normal_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_normal_at(ct_site at, ct_graph *g, ct_dtype dtype, ct_shape shape);
/* The program's step counter (0 in the first run) as a scalar of a float dtype or int32. */
#define ct_step(...) ct_step_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_step_at(ct_site at, ct_graph *g, ct_dtype dtype);

/* Write `value` (same shape and dtype) into the state after everything that reads it has run. Returns a node with the new value. A program makes the
 * assignments that are among its outputs, and those that its outputs are computed from; one that no output needs is dropped, as any such node
 * is. One state is assigned once in a program. A run that fails makes none; see also ct_compile_options.commit. */
#define ct_assign(...) ct_assign_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_assign_at(ct_site at, ct_var *state, ct_var *value);

/* --- elementwise, one operand ------------------------------------------------------------------------------------ */

#define ct_affine(...) ct_affine_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_affine_at(ct_site at, ct_var *x, double a, double b);  /* a x + b; int32 too: then a and b are int32 numbers, and the result wraps */
#define ct_scale(x, a) ct_affine((x), (a), 0)        /* a x */
#define ct_shift(x, b) ct_affine((x), 1, (b))        /* x + b */
#define ct_neg(x) ct_affine((x), -1, 0)              /* -x */
#define ct_recip(...) ct_recip_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_recip_at(ct_site at, ct_var *x);    /* 1 / x */
#define ct_exp(...) ct_exp_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_exp_at(ct_site at, ct_var *x);
#define ct_log(...) ct_log_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_log_at(ct_site at, ct_var *x);      /* natural */
#define ct_pow(...) ct_pow_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_pow_at(ct_site at, ct_var *x, double p);  /* x^p for a fixed p */
#define ct_sqrt(x) ct_pow((x), 0.5)
#define ct_rsqrt(x) ct_pow((x), -0.5)
#define ct_square(...) ct_square_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_square_at(ct_site at, ct_var *x);   /* x x */
#define ct_tanh(...) ct_tanh_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_tanh_at(ct_site at, ct_var *x);
#define ct_sigmoid(...) ct_sigmoid_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_sigmoid_at(ct_site at, ct_var *x);  /* 1 / (1 + exp(-x)) */
#define ct_erf(...) ct_erf_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_erf_at(ct_site at, ct_var *x);
#define ct_erfc(...) ct_erfc_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_erfc_at(ct_site at, ct_var *x);     /* 1 - erf(x), accurate where that is small */
#define ct_sin(...) ct_sin_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_sin_at(ct_site at, ct_var *x);
#define ct_cos(...) ct_cos_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_cos_at(ct_site at, ct_var *x);
#define ct_abs(...) ct_abs_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_abs_at(ct_site at, ct_var *x);      /* |x|; derivative at 0 is 0; int32 too (-2^31 stays) */
#define ct_relu(...) ct_relu_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_relu_at(ct_site at, ct_var *x);     /* max(x, 0); derivative at 0 is 0 */
#define ct_softplus(...) ct_softplus_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_softplus_at(ct_site at, ct_var *x); /* log(1 + exp(x)): without overflow, and without loss where exp(x) is small */
#define ct_clamp(...) ct_clamp_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_clamp_at(ct_site at, ct_var *x, double low, double high);  /* min(max(x, low), high); derivative is 1 on the bounds; int32 too */
#define ct_cast(...) ct_cast_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_cast_at(ct_site at, ct_var *x, ct_dtype dtype);  /* any dtype to any; differentiable between floats */

/* --- elementwise, two operands (broadcasting) ---------------------------------------------------------------------- */

#define ct_add(...) ct_add_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_add_at(ct_site at, ct_var *x, ct_var *y);      /* int32 too */
#define ct_sub(...) ct_sub_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_sub_at(ct_site at, ct_var *x, ct_var *y);      /* int32 too */
#define ct_mul(...) ct_mul_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_mul_at(ct_site at, ct_var *x, ct_var *y);      /* int32 too */
#define ct_div(...) ct_div_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_div_at(ct_site at, ct_var *x, ct_var *y);      /* x / y, rounded once */
#define ct_mul_no_nan(...) ct_mul_no_nan_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_mul_no_nan_at(ct_site at, ct_var *x, ct_var *y);  /* x y, but 0 where y is 0, even if x is infinite or NaN */
#define ct_maximum(...) ct_maximum_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_maximum_at(ct_site at, ct_var *x, ct_var *y);  /* derivative: to the greater one; on a tie half to each; int32 too */
#define ct_minimum(...) ct_minimum_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_minimum_at(ct_site at, ct_var *x, ct_var *y);  /* derivative: to the smaller one; on a tie half to each; int32 too */
#define ct_greater(...) ct_greater_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_greater_at(ct_site at, ct_var *x, ct_var *y);  /* 1 where x > y, else 0, in the operands' dtype; no derivative; int32 too */
#define ct_equal(...) ct_equal_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_equal_at(ct_site at, ct_var *x, ct_var *y);    /* 1 where x == y, else 0; no derivative; int32 too */
#define ct_select(...) ct_select_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_select_at(ct_site at, ct_var *mask, ct_var *x, ct_var *y);  /* x where mask != 0, else y; all three of one dtype; broadcasting; int32 too */

/* --- reductions; the reduced axes vanish, or stay with extent 1 (_keep) ---------------------------------------------- */

#define ct_sum(...) ct_sum_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_sum_at(ct_site at, ct_var *x, const ct_axes *axes);  /* int32 and uint8 too: as int32, which wraps */
#define ct_sum_at(at, x, ...) (ct_barrier(), (ct_sum_at)((at), (x), CT_POINTER(ct_axes, __VA_ARGS__)))
#define ct_sum_keep(...) ct_sum_keep_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_sum_keep_at(ct_site at, ct_var *x, const ct_axes *axes);
#define ct_sum_keep_at(at, x, ...) (ct_barrier(), (ct_sum_keep_at)((at), (x), CT_POINTER(ct_axes, __VA_ARGS__)))
#define ct_sum_all(...) ct_sum_all_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_sum_all_at(ct_site at, ct_var *x);  /* rank 0 */
#define ct_mean(...) ct_mean_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_mean_at(ct_site at, ct_var *x, const ct_axes *axes);  /* floats only */
#define ct_mean_at(at, x, ...) (ct_barrier(), (ct_mean_at)((at), (x), CT_POINTER(ct_axes, __VA_ARGS__)))
#define ct_mean_keep(...) ct_mean_keep_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_mean_keep_at(ct_site at, ct_var *x, const ct_axes *axes);
#define ct_mean_keep_at(at, x, ...) (ct_barrier(), (ct_mean_keep_at)((at), (x), CT_POINTER(ct_axes, __VA_ARGS__)))
#define ct_mean_all(...) ct_mean_all_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_mean_all_at(ct_site at, ct_var *x);
#define ct_max(...) ct_max_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_max_at(ct_site at, ct_var *x, const ct_axes *axes);  /* on ties the derivative is shared equally; int32 and uint8 too */
#define ct_max_at(at, x, ...) (ct_barrier(), (ct_max_at)((at), (x), CT_POINTER(ct_axes, __VA_ARGS__)))
#define ct_max_keep(...) ct_max_keep_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_max_keep_at(ct_site at, ct_var *x, const ct_axes *axes);
#define ct_max_keep_at(at, x, ...) (ct_barrier(), (ct_max_keep_at)((at), (x), CT_POINTER(ct_axes, __VA_ARGS__)))

/* --- shape: no copies where strides can say it; any dtype ------------------------------------------------------------- */

#define ct_reshape(...) ct_reshape_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_reshape_at(ct_site at, ct_var *x, ct_shape shape);  /* one extent may be -1 */
#define ct_broadcast(...) ct_broadcast_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_broadcast_at(ct_site at, ct_var *x, ct_shape shape);  /* NumPy rules */
#define ct_permute(...) ct_permute_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_permute_at(ct_site at, ct_var *x, const ct_axes *order);  /* axis i of the result is axis order.axis[i] of x */
#define ct_permute_at(at, x, ...) (ct_barrier(), (ct_permute_at)((at), (x), CT_POINTER(ct_axes, __VA_ARGS__)))
#define ct_transpose(...) ct_transpose_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_transpose_at(ct_site at, ct_var *x, int axis0, int axis1);  /* two axes exchanged */
#define ct_slice(...) ct_slice_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_slice_at(ct_site at, ct_var *x, int axis, int64_t start, int64_t stop, int64_t step);  /* step >= 1; negative start, stop count from the end */
/* lo zeros before, hi after, and `inner` between neighbours along one axis: extent lo + n + (n-1) inner + hi. */
#define ct_pad(...) ct_pad_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_pad_at(ct_site at, ct_var *x, int axis, int64_t lo, int64_t hi, int64_t inner);
#define ct_concat(...) ct_concat_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_concat_at(ct_site at, int n, ct_var *const *x, int axis);
/* x cut into n equal parts along axis, into out[0..n-1]. False (and all NULL) on an error. */
#define ct_chunk(...) ct_chunk_at(CT_HERE, __VA_ARGS__)
CT_API bool ct_chunk_at(ct_site at, ct_var *x, int n, int axis, ct_var **out);

/* --- indexing --------------------------------------------------------------------------------------------------- */

/* index (int32) as it is. A run in which an entry is not in 0..n-1 fails and names this node, the entry and its place: for labels and tokens, whose ct_gather
 * or ct_one_hot would otherwise be zeros. */
#define ct_check_index(...) ct_check_index_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_check_index_at(ct_site at, ct_var *index, int64_t n);
/* Entries index[...] (int32) along an axis of x: shape x[:axis] + index + x[axis+1:]. An index out of range reads as 0; see ct_check_index. */
#define ct_gather(...) ct_gather_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_gather_at(ct_site at, ct_var *x, ct_var *index, int axis);
/* Its transpose: zeros with extent n along axis, u's entries added at index[...]; those out of range are left out. u: lead + index + rest, axis = rank of lead. */
#define ct_scatter_add(...) ct_scatter_add_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_scatter_add_at(ct_site at, ct_var *u, ct_var *index, int axis, int64_t n);
/* 1 at the index, else 0: shape index + [n], of a float dtype. Index is int32. */
#define ct_one_hot(...) ct_one_hot_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_one_hot_at(ct_site at, ct_var *index, int64_t n, ct_dtype dtype);

/* --- contractions ----------------------------------------------------------------------------------------------- */

/* [..., m, k] [..., k, n] -> [..., m, n]; leading axes broadcast as NumPy does; both of rank 2 or more. A transposed operand costs nothing. */
#define ct_matmul(...) ct_matmul_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_matmul_at(ct_site at, ct_var *a, ct_var *b);
/* x [n, c, h, w], w [o, c/groups, kh, kw] -> [n, o, oh, ow]: cross-correlation; see ct_conv2d_attr in kernels.h. */
#define ct_conv2d(...) ct_conv2d_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_conv2d_at(ct_site at, ct_var *x, ct_var *w, const ct_conv2d_attr *conv);
#define ct_conv2d_at(at, x, w, ...) (ct_barrier(), (ct_conv2d_at)((at), (x), (w), CT_POINTER(ct_conv2d_attr, __VA_ARGS__)))
/* The description and the two extents that follow it in a call. */
typedef struct ct_conv2d_arguments { ct_conv2d_attr conv; int64_t height, width; } ct_conv2d_arguments;
/* Transpose of ct_conv2d in x: dy [n, o, oh, ow] -> [n, c, h, w] for the given h and w. A transposed convolution. */
#define ct_conv2d_dx(...) ct_conv2d_dx_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_conv2d_dx_at(ct_site at, ct_var *dy, ct_var *w, const ct_conv2d_attr *conv, int64_t height, int64_t width);
static inline ct_var *ct_conv2d_dx_by(ct_site at, ct_var *dy, ct_var *w, const ct_conv2d_arguments *a)
{
    return ct_conv2d_dx_at(at, dy, w, &a->conv, a->height, a->width);
}
#define ct_conv2d_dx_at(at, dy, w, ...) (ct_barrier(), ct_conv2d_dx_by((at), (dy), (w), CT_POINTER(ct_conv2d_arguments, {__VA_ARGS__})))
/* Transpose of ct_conv2d in w: x, dy -> [o, c/groups, kh, kw] for the given kh and kw. */
#define ct_conv2d_dw(...) ct_conv2d_dw_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_conv2d_dw_at(ct_site at, ct_var *x, ct_var *dy, const ct_conv2d_attr *conv, int64_t kernel_height,
                               int64_t kernel_width);
static inline ct_var *ct_conv2d_dw_by(ct_site at, ct_var *x, ct_var *dy, const ct_conv2d_arguments *a)
{
    return ct_conv2d_dw_at(at, x, dy, &a->conv, a->height, a->width);
}
#define ct_conv2d_dw_at(at, x, dy, ...) (ct_barrier(), ct_conv2d_dw_by((at), (x), (dy), CT_POINTER(ct_conv2d_arguments, {__VA_ARGS__})))

/* --- differentiation -------------------------------------------------------------------------------------------- */

/* x, with no tangent and no cotangent, at every level of nesting. Any dtype. */
#define ct_stop_gradient(...) ct_stop_gradient_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_stop_gradient_at(ct_site at, ct_var *x);
/* x under an identity of its own, for differentiating with respect to one of several uses of a node. Any dtype. */
#define ct_alias(...) ct_alias_at(CT_HERE, __VA_ARGS__)
CT_API ct_var *ct_alias_at(ct_site at, ct_var *x);

#ifdef __cplusplus
}
#endif
#endif
