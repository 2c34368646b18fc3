/* SPDX-License-Identifier: MIT */
/* Large pages. Rows that lie kilobytes apart (the heads of attention) are each on a page of their own of the usual 4 KB: then finding the page costs more than reading the row.
 * And a new array's pages are made one by one. */
#if defined(__linux__)
#define _DEFAULT_SOURCE
#endif
#include <cotangent/pages.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { SMALL_ALIGNMENT = 64, LARGE_PAGE = 2 << 20 };

static void *allocate(size_t bytes, size_t alignment)
{
    size_t rounded = bytes <= alignment ? alignment : (bytes + alignment - 1) / alignment * alignment;
    return rounded >= bytes ? aligned_alloc(alignment, rounded) : NULL;
}

static void ask_for_large_pages(void *data, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    madvise(data, bytes / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);  /* a wish: without it all works as well */
#else
    (void)data, (void)bytes;
#endif
}

void *ct_pages_alloc(size_t bytes)
{
    bool large = bytes >= LARGE_PAGE;
    void *data = allocate(bytes, large ? LARGE_PAGE : SMALL_ALIGNMENT);
    if (!data)
        return NULL;
    if (large)
        ask_for_large_pages(data, bytes);
    memset(data, 0, bytes ? bytes : SMALL_ALIGNMENT);
    return data;
}
