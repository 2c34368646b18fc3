/* One matrix product on the calling thread, by BLIS. */
#ifndef COTANGENT_GEMM_H
#define COTANGENT_GEMM_H

#include <cotangent/shape.h>

/* A matrix in memory: element (i, j) at data + i row + j column, in elements. */
typedef struct ct_matrix {
    const void *data;
    int64_t row, column;
} ct_matrix;

/* Products of fewer multiplications are one piece of work: sharing them out costs more than it saves. */
enum { CT_GEMM_SMALL = 1 << 19 };

/* c = a b + beta c: a is m x k, b is k x n, both with one of their strides 1; c has `ldc` elements from row to row.
 * beta is 0 or 1. m, n and k are at least 1. Every element gets the same bits whatever part of a product is computed. */
void ct_gemm(ct_dtype dtype, int64_t m, int64_t n, int64_t k, ct_matrix a, ct_matrix b, double beta, void *c,
    int64_t ldc);

/* A matrix `rows` x `columns` can be given to ct_gemm as it is; the stride of an extent of 1 does not matter. */
bool ct_matrix_is_dense(ct_matrix a, int64_t rows, int64_t columns);

#endif
