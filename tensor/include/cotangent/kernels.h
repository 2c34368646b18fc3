/* SPDX-License-Identifier: MIT */
/* The numerical kernels, for whoever writes an op. They take arrays whose shapes and dtypes have been checked, allocate
 * nothing, cannot fail, and give the same bits for every `threads` (at least 1: how many threads to use, see team.h).
 * float32 and float64 unless a comment says otherwise. */
#ifndef COTANGENT_KERNELS_H
#define COTANGENT_KERNELS_H

#include <cotangent/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- elementwise ---------------------------------------------------------------------------------------------- */

/* y[i] = f(x[0][i], x[1][i], ...; attr) for i in 0..n-1 on contiguous runs. `y` may be one of the x (same address), never
 * partly overlap one. The value at i depends on the operands at i alone, never on n or the address, to the last bit. */
typedef void (*ct_map_fn)(int64_t n, const void *const *x, void *y, const void *attr);

enum { CT_MAP_MAX_INPUTS = 4 };

/* y = fn(x...) over arrays of equal shape and any strides (y contiguous), in parallel over blocks. */
CT_API void ct_map(ct_map_fn fn, const void *attr, ct_array y, int n, const ct_array *x, int threads);

/* Elements start..start+n-1, in row-major order of its shape, of a strided array into contiguous memory `to`. */
CT_API void ct_array_load(const ct_array *a, int64_t start, int64_t n, void *to);

/* dst = src: equal shapes, any strides on both sides, any dtypes (converted as ct_tensor_cast does). */
CT_API void ct_copy(ct_array dst, ct_array src, int threads);
/* Every element becomes `value`. Any dtype. */
CT_API void ct_fill(ct_array dst, double value, int threads);

/* Map functions: one for float32 (_f32), one for float64 (_f64). Unary ones read x[0]; binary ones x[0] and x[1].
 * attr is NULL but for affine and pow. Vectorised; at most 2 ulp in float32 for exp, log, tanh, sigmoid, erf, erfc, softplus, sin and cos
 * (sin and cos: |x| <= 1e5), and correct at 0, infinities and NaN as C99 Annex F has it. */
typedef struct ct_affine_attr { double a, b; } ct_affine_attr;   /* a x + b */
typedef struct ct_pow_attr { double p; } ct_pow_attr;            /* x^p */
#define CT_MAPS(X)                                                                                        \
    X(affine) X(recip) X(exp) X(log) X(pow) X(tanh) X(sigmoid) X(softplus) X(erf) X(erfc) X(sin) X(cos)   \
    X(abs) X(add) X(mul) X(div) X(maximum) X(minimum)                                                     \
    X(mul_no_nan) /* x0 x1, but 0 where x1 == 0, whatever x0 is */                                        \
    X(greater) /* 1 where x0 > x1, else 0 */                                                              \
    X(equal)   /* 1 where x0 == x1, else 0 */                                                             \
    X(select)  /* x1 where x0 != 0, else x2 */
#define CT_MAP_DECLARE(name)                                                                              \
    CT_API void ct_map_##name##_f32(int64_t n, const void *const *x, void *y, const void *attr);          \
    CT_API void ct_map_##name##_f64(int64_t n, const void *const *x, void *y, const void *attr);
CT_MAPS(CT_MAP_DECLARE)
#undef CT_MAP_DECLARE
/* int32, for index arithmetic: affine, add, mul and abs wrap, greater/equal give 0 or 1. */
#define CT_INT_MAPS(X) X(affine) X(add) X(mul) X(abs) X(maximum) X(minimum) X(greater) X(equal) X(select)
#define CT_MAP_DECLARE(name) CT_API void ct_map_##name##_i32(int64_t n, const void *const *x, void *y, const void *attr);
CT_INT_MAPS(CT_MAP_DECLARE)
#undef CT_MAP_DECLARE

/* y = g(f0(...), f1(...)) in one pass, with the bits of the separate maps (which of two NaNs comes out is not said). g is affine, add, mul or mul_no_nan; f0 and f1 are
 * affine, add, mul or mul_no_nan, or NULL for an operand of g as it is; f1 is NULL if g is affine. x: the operands of f0 (or the one of g), then those of f1. attr is a ct_joined_attr.
 * NULL where there is no such function: others, different dtypes, int32, or f0 and f1 both NULL. */
typedef struct ct_joined_attr { const void *g, *f[2]; } ct_joined_attr;  /* what each takes alone */
CT_API ct_map_fn ct_map_joined(ct_map_fn g, ct_map_fn f0, ct_map_fn f1);

/* --- reductions ------------------------------------------------------------------------------------------------ */

/* y = sum or maximum of x over the axes whose bit is set in `axes` (bit i: axis i). y has x's rank, with extent 1 on the
 * reduced axes; x has any strides, y is contiguous. Sums run in a fixed order (blocks of fixed size, pairwise) whatever `threads`.
 * A maximum over no elements is -infinity, of int32 the smallest number; NaN wins. int32 too: sums wrap. */
CT_API void ct_reduce_sum(ct_array y, ct_array x, unsigned axes, int threads);
CT_API void ct_reduce_max(ct_array y, ct_array x, unsigned axes, int threads);

/* y[i] = sum or maximum of x[i, 0..n-1], both contiguous, 1 <= n <= CT_ROW_MAX, on the calling thread: the bits that ct_reduce_* gives. */
enum { CT_ROW_MAX = 1024 };
typedef void (*ct_row_fn)(int64_t rows, int64_t n, const void *x, void *y);
CT_API void ct_row_sum_f32(int64_t rows, int64_t n, const void *x, void *y);
CT_API void ct_row_sum_f64(int64_t rows, int64_t n, const void *x, void *y);
CT_API void ct_row_sum_i32(int64_t rows, int64_t n, const void *x, void *y);
CT_API void ct_row_max_f32(int64_t rows, int64_t n, const void *x, void *y);
CT_API void ct_row_max_f64(int64_t rows, int64_t n, const void *x, void *y);
CT_API void ct_row_max_i32(int64_t rows, int64_t n, const void *x, void *y);

/* How a sum that keeps x's last axis is ordered: the reduced elements, in order, in blocks of so many (the last may be shorter); a block from its first element to its last, starting from
 * 0; then the blocks pairwise, neighbours first. So whoever has the rows of a block at hand can compute it, and get the bits of ct_reduce_sum. */
CT_API int64_t ct_sum_block(ct_shape x, unsigned axes);
/* y[i, j] = x[i stride] for elements of 32 and of 64 bits, on the calling thread: y is [rows, columns], contiguous, and does not overlap x. */
CT_API void ct_spread_32(int64_t rows, int64_t columns, const void *x, int64_t stride, void *y);
CT_API void ct_spread_64(int64_t rows, int64_t columns, const void *x, int64_t stride, void *y);
/* into[j] += x[0, j], then x[1, j], ...: both contiguous, x is [rows, columns], on the calling thread. */
typedef void (*ct_column_fn)(int64_t rows, int64_t columns, const void *x, void *into);
CT_API void ct_column_sum_f32(int64_t rows, int64_t columns, const void *x, void *into);
CT_API void ct_column_sum_f64(int64_t rows, int64_t columns, const void *x, void *into);

/* --- indexing ------------------------------------------------------------------------------------------------- */

/* y[o, i..., n] = x[o, index[i...], n]: x seen as [outer, rows, inner], y as [outer, |index|, inner]; index is int32, contiguous.
 * x and y contiguous, any dtype. An index outside 0..rows-1 reads as 0 (float) or 0 (integer). */
CT_API void ct_gather(ct_array y, ct_array x, ct_array index, int64_t outer, int64_t rows, int64_t inner, int threads);
/* y = 0, then y[o, index[i...], n] += u[o, i..., n], in the order of i; indices outside 0..rows-1 are left out.
 * u seen as [outer, |index|, inner], y as [outer, rows, inner]. */
CT_API void ct_scatter_add(ct_array y, ct_array u, ct_array index, int64_t outer, int64_t rows, int64_t inner, int threads);

/* --- contractions --------------------------------------------------------------------------------------------- */

/* c[b..., m, n] = sum over k of a[b..., m, k] b[b..., k, n] + beta c: equal leading extents (the batch, may be none), any strides on the batch
 * axes (0 too); of the last two strides of a and of b one is 1 and neither is 0 (an extent of 1 may have any stride); c's last stride is 1, its rows lie apart.
 * beta is 0 or 1; with 0 c is not read. `scratch` is ct_matmul_scratch bytes for the same shapes, strides and threads, aligned to 64; data is not looked at there. */
CT_API size_t ct_matmul_scratch(ct_array c, ct_array a, ct_array b, int threads);
CT_API void ct_matmul_kernel(ct_array c, ct_array a, ct_array b, double beta, void *scratch, int threads);

/* Rows of a product are finished: first..first+rows-1, counted over the batch and the m rows of c; the first is at `c_rows`. Called on the thread `thread` that
 * finished them, at once, while they are in its cache. */
typedef void (*ct_rows_done)(void *argument, int64_t first, int64_t rows, void *c_rows, int thread);

/* One of several products. With `done`, every row of c is told of exactly once, in pieces of one product of the batch; in each, a piece begins at a multiple of
 * `unit` rows and ends at one or with the last row (`unit` at least 1; 0 is 1). The rows of a piece lie as those of c do. With `transient` (and `done`, and
 * beta 0) c is not touched, its data may be NULL: the rows lie in scratch, n + gap elements apart, until done returns. Rows a multiple of 4 KiB
 * apart are slow, as they compete for a few places of the first-level cache. gap is at least 0; without transient it does not matter.
 * `bias`, n elements of c's dtype or NULL, is added to every row of a finished product (k at least 1), in registers: to the bit what ct_map_add makes of it afterwards. */
typedef struct ct_product {
    ct_array c, a, b;
    double beta;
    const void *bias;
    int64_t unit;
    ct_rows_done done;
    void *argument;
    bool transient;
    int64_t gap;
    bool followed, follows;
} ct_product;

/* The product after a `followed` one `follows` it where ct_products_can_follow says that it can: its left operand is what done makes of the first one's rows, [m, k], piece by piece of
 * at most CT_PIECE_ROWS rows. It is multiplied by the second's b while it is in the second-level cache, and never in memory as a whole: thread t's done puts the rows of the piece that it
 * is told of at row t CT_PIECE_ROWS of the second's a, which has room for CT_PIECE_ROWS rows a thread, each contiguous. It can where rows are many and need not stay together, and where the pieces of all
 * threads are no more than the whole; and for a batch of small products, each of which is a piece: the scores of attention on their way to the values. */
enum { CT_PIECE_ROWS = 84 };
CT_API bool ct_products_can_follow(const ct_product *first, const ct_product *second, int threads);

/* n independent products as one job that `threads` share out, each as ct_matmul_kernel says and to the bit as it computes it alone. A matrix (not a batch) that is
 * the b of several is packed once. `scratch` is ct_products_scratch bytes for the same n, shapes, strides, done, transient, unit, gap, followed, follows and threads, aligned
 * to 64; data is not looked at there. */
CT_API size_t ct_products_scratch(int n, const ct_product *p, int threads);
CT_API void ct_products_run(int n, const ct_product *p, void *scratch, int threads);
/* Whether ct_matmul_kernel can take this operand as it is. */
CT_API bool ct_matmul_accepts(const ct_array *a);

/* 2-D cross-correlation, as deep learning's "convolution" is: x [n, c, h, w], w [o, c/groups, kh, kw], y [n, o, oh, ow],
 * oh = (h + 2 pad_h - dilation_h (kh - 1) - 1) / stride_h + 1 (rounded down), ow likewise. All contiguous.
 * By im2col and matrix products, one panel at a time in `scratch` (ct_conv2d_scratch bytes, aligned to 64). */
typedef struct ct_conv2d_attr {
    int64_t stride[2], pad[2], dilation[2];  /* of h, of w */
    int64_t groups;
} ct_conv2d_attr;
CT_API size_t ct_conv2d_scratch(const ct_conv2d_attr *conv, ct_dtype dtype, ct_shape x, ct_shape w, ct_shape y, int threads);
CT_API void ct_conv2d_kernel(ct_array y, ct_array x, ct_array w, const ct_conv2d_attr *conv, void *scratch, int threads);     /* y from x, w */
CT_API void ct_conv2d_dx_kernel(ct_array dx, ct_array dy, ct_array w, const ct_conv2d_attr *conv, void *scratch, int threads); /* its transpose in x */
CT_API void ct_conv2d_dw_kernel(ct_array dw, ct_array x, ct_array dy, const ct_conv2d_attr *conv, void *scratch, int threads); /* its transpose in w */

#ifdef __cplusplus
}
#endif
#endif
