/* SPDX-License-Identifier: MIT */
/* Eigenvalues of symmetric matrices, by LAPACK. It is loaded when it is first needed and not with the program: it
 * brings megabytes of its own, and an OpenBLAS under it never comes back where address space is short (ulimit -v). */
#ifndef EIGEN_H
#define EIGEN_H

#include <cotangent.h>

/* CT_E_IO when there is no LAPACK, CT_E_MEMORY when there is not enough address space for it. The first call sets
 * variables of the environment: no other thread may read one meanwhile. */
bool eigen_load(ct_error *err);

/* S [n, n] symmetric -> its eigenvalues, rising, into w [n]; with vectors, the rows of S become its eigenvectors,
 * otherwise S is overwritten. CT_E_NUMERIC when S is not finite. Loads LAPACK where that has not been done. */
bool eigen_symmetric(int64_t n, double *S, double *w, bool vectors, ct_error *err);

#endif
