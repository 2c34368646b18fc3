/* SPDX-License-Identifier: MIT */
/* The C library's vector functions, where this machine and this compiler can call them: found while running, so that nothing
 * depends on them. They are within 4 ulp, and a remainder of a vector is not theirs. */
#ifndef BENCH_LIBMVEC_H
#define BENCH_LIBMVEC_H

#include <stdint.h>

#if defined(__AVX512F__) && defined(__linux__) && defined(__GLIBC__)
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef float libmvec_vector __attribute__((vector_size(64)));
typedef libmvec_vector (*libmvec_fn)(libmvec_vector);

/* The float32 function on 16 lanes, or NULL. */
static inline libmvec_fn libmvec_find(const char *name)
{
    char symbol[32];
    libmvec_fn fn = NULL;
    void *library = dlopen("libmvec.so.1", RTLD_NOW);
    snprintf(symbol, sizeof symbol, "_ZGVeN16v_%sf", name);
    void *address = library ? dlsym(library, symbol) : NULL;
    memcpy(&fn, &address, sizeof fn);
    return fn;
}

/* n is a multiple of 16. */
static inline void libmvec_map(libmvec_fn fn, int64_t n, const float *x, float *y)
{
    for (int64_t i = 0; i < n; i += 16) {
        libmvec_vector v;
        memcpy(&v, x + i, sizeof v);
        v = fn(v);
        memcpy(y + i, &v, sizeof v);
    }
}

#else
typedef float (*libmvec_fn)(float);

static inline libmvec_fn libmvec_find(const char *name)
{
    (void)name;
    return 0;
}

static inline void libmvec_map(libmvec_fn fn, int64_t n, const float *x, float *y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = fn(x[i]);
}
#endif
#endif
