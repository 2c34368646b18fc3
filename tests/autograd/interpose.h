/* SPDX-License-Identifier: MIT */
/* The test's own malloc: counts what the library holds and how often this thread asks, and can refuse the n-th time.
 * Include it in one file of an executable. It is hidden, so that only what is linked statically uses it: OpenMP and
 * BLIS end the process when memory is refused to them. Where it cannot be (a sanitizer has its own, the C library is
 * another, or the library is a shared one), interposed() is false. */
#ifndef INTERPOSE_H
#define INTERPOSE_H

#include <cotangent/tensor.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define INTERPOSED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INTERPOSED 0
#endif
#endif
#ifndef INTERPOSED
#define INTERPOSED 1
#endif

static _Thread_local bool watching;         /* only calls of the thread that set it count and are refused */
static _Thread_local int64_t calls;
static _Thread_local int64_t refuse_at;     /* 0: never */
static _Thread_local int64_t refused;
static atomic_llong live;                   /* bytes held */

/* From here on count calls; refuse the n-th (n = 0: none). */
static inline void watch_start(int64_t n)
{
    calls = refused = 0;
    refuse_at = n;
    watching = true;
}

static inline void watch_stop(void)
{
    watching = false;
}

#if INTERPOSED

#define HIDDEN __attribute__((visibility("hidden")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

static bool refuse(void)
{
    if (!watching)
        return false;
    if (++calls != refuse_at)
        return false;
    refused++;
    errno = ENOMEM;
    return true;
}

static void *taken(void *p)
{
    if (p)
        atomic_fetch_add(&live, (long long)malloc_usable_size(p));
    return p;
}

static void given_back(void *p)
{
    if (p)
        atomic_fetch_sub(&live, (long long)malloc_usable_size(p));
}

HIDDEN void *malloc(size_t size)
{
    return refuse() ? NULL : taken(__libc_malloc(size));
}

HIDDEN void *calloc(size_t count, size_t size)
{
    return refuse() ? NULL : taken(__libc_calloc(count, size));
}

HIDDEN void *realloc(void *p, size_t size)
{
    if (refuse())
        return NULL;
    long long before = p ? (long long)malloc_usable_size(p) : 0;
    void *q = __libc_realloc(p, size);
    if (q || !size)
        atomic_fetch_sub(&live, before);
    return taken(q);
}

HIDDEN void *aligned_alloc(size_t alignment, size_t size)
{
    return refuse() ? NULL : taken(__libc_memalign(alignment, size));
}

HIDDEN int posix_memalign(void **p, size_t alignment, size_t size)
{
    if (refuse())
        return ENOMEM;
    *p = taken(__libc_memalign(alignment, size));
    return *p ? 0 : ENOMEM;
}

HIDDEN void free(void *p)
{
    given_back(p);
    __libc_free(p);
}

#endif

/* Whether the library's allocations are seen here. */
static inline bool interposed(void)
{
    watch_start(0);
    ct_tensor_free(ct_tensor_new(CT_F32, CT_SCALAR, NULL));
    watch_stop();
    return calls > 0;
}

#endif
