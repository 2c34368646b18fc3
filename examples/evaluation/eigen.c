/* SPDX-License-Identifier: MIT */
/* LAPACK's C interface, by dlopen. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include "eigen.h"

#include <dlfcn.h>
#include <lapacke.h>
#include <stdlib.h>
#include <sys/mman.h>

static __typeof__(LAPACKE_dsyev) *dsyev;

/* Whether so much could be mapped. Nothing is left mapped. */
static bool has_room(ct_error *err)
{
    enum { MEGABYTES = 512 };  /* LAPACK, its BLAS and Fortran's library, and OpenBLAS's memory of one thread */
    size_t bytes = (size_t)MEGABYTES << 20;
    void *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return ct_fail(err, CT_E_MEMORY, "LAPACK, which the Frechet distance needs, expects %d MB of free address "
                       "space, and there is less: see ulimit -v", MEGABYTES);
    munmap(p, bytes);
    return true;
}

bool eigen_load(ct_error *err)
{
    if (dsyev)
        return true;
    if (!has_room(err))
        return false;
    setenv("OPENBLAS_NUM_THREADS", "1", 1);  /* each thread would take memory, and one is enough here */
    setenv("BLIS_NUM_THREADS", "1", 1);
    void *library = dlopen(LAPACKE_SONAME, RTLD_NOW | RTLD_LOCAL);
    *(void **)&dsyev = library ? dlsym(library, "LAPACKE_dsyev") : NULL;
    return dsyev || ct_fail(err, CT_E_IO, "LAPACK, which the Frechet distance needs, cannot be loaded: %s", dlerror());
}

/* What is a row here is a column to LAPACK, and a symmetric matrix is the same either way. */
bool eigen_symmetric(int64_t n, double *S, double *w, bool vectors, ct_error *err)
{
    if (!eigen_load(err))
        return false;
    lapack_int order = (lapack_int)n;
    lapack_int failed = dsyev(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'U', order, S, order, w);
    return failed == 0 || ct_fail(err, CT_E_NUMERIC, "a covariance has no eigendecomposition (LAPACK's dsyev returned "
                                  "%d): expected finite numbers", (int)failed);
}
