/* The only file that knows BLIS. Always one thread: what is shared out between threads is decided by the caller. */
#include "gemm.h"

#include <blis.h>

/* A stride that does not matter becomes one that BLIS accepts. */
static ct_matrix settled(ct_matrix a, int64_t rows, int64_t columns)
{
    if (rows == 1 && columns == 1)
        a.row = a.column = 1;
    else if (rows == 1)
        a.row = a.column == 1 ? columns : 1;
    else if (columns == 1)
        a.column = a.row == 1 ? rows : 1;
    return a;
}

bool ct_matrix_is_dense(ct_matrix a, int64_t rows, int64_t columns)
{
    a = settled(a, rows, columns);
    return (a.column == 1 && a.row >= columns) || (a.row == 1 && a.column >= rows);
}

/* BLIS's path for small and skinny products is not taken: it reads past the end of operands (BLIS 0.9: by up to a vector, a fault where a page ends), and its bits
 * depend on which part of a product is computed. */
void ct_gemm(ct_dtype dtype, int64_t m, int64_t n, int64_t k, ct_matrix a, ct_matrix b, double beta, void *c,
    int64_t ldc)
{
    rntm_t runtime = BLIS_RNTM_INITIALIZER;
    bli_rntm_set_num_threads(1, &runtime);
    bli_rntm_set_l3_sup(false, &runtime);
    a = settled(a, m, k);
    b = settled(b, k, n);
    ct_matrix to = settled((ct_matrix){c, ldc, 1}, m, n);
    if (dtype == CT_F32) {
        float one = 1, scale = (float)beta;
        bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, m, n, k, &one, (float *)a.data, a.row, a.column,
                     (float *)b.data, b.row, b.column, &scale, (float *)c, to.row, to.column, NULL, &runtime);
    } else {
        double one = 1;
        bli_dgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, m, n, k, &one, (double *)a.data, a.row, a.column,
                     (double *)b.data, b.row, b.column, &beta, (double *)c, to.row, to.column, NULL, &runtime);
    }
}
