/* One matrix product on the calling thread, by BLIS. */
#ifndef COTANGENT_GEMM_H
#define COTANGENT_GEMM_H

#include <cotangent/shape.h>

/* A matrix in memory: element (i, j) at data + i row + j column, in elements. */
typedef struct ct_matrix {
    const void *data;
    int64_t row, column;
} ct_matrix;

/* Products up to this many multiplications take the library's path for small ones. Its bits depend on the whole
 * product's extents; those of the other path do not depend on which part of the product is computed. */
enum { CT_GEMM_SMALL = 1 << 19 };
static inline bool ct_gemm_is_small(int64_t m, int64_t n, int64_t k)
{
    return (double)m * (double)n * (double)k <= CT_GEMM_SMALL;
}

/* c = a b + beta c: a is m x k, b is k x n, both with one of their strides 1; c has `ldc` elements from row to row.
 * beta is 0 or 1. m, n and k are at least 1. `small` chooses the path. */
void ct_gemm(ct_dtype dtype, int64_t m, int64_t n, int64_t k, ct_matrix a, ct_matrix b, double beta, void *c,
    int64_t ldc,
             bool small);

/* A matrix `rows` x `columns` can be given to ct_gemm as it is; the stride of an extent of 1 does not matter. */
bool ct_matrix_is_dense(ct_matrix a, int64_t rows, int64_t columns);

#endif
