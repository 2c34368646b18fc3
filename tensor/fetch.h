/* Memory that is wanted soon, brought into the second-level cache a few lines at a time while something else is computed. */
#ifndef COTANGENT_FETCH_H
#define COTANGENT_FETCH_H

#include <stdint.h>

enum { CT_LINE = 64 };

/* `pieces` pieces of `bytes` each, `stride` bytes apart; fetched are those before `piece`, and `offset` bytes of that one. */
typedef struct ct_fetch {
    const char *at;
    int64_t pieces, bytes, stride;
    int64_t piece, offset;
    int64_t at_once;             /* lines */
} ct_fetch;

/* All of it in so many calls of ct_fetch_some. */
static inline ct_fetch ct_fetch_in(int64_t calls, const void *at, int64_t pieces, int64_t bytes, int64_t stride)
{
    int64_t lines = pieces * ((bytes + CT_LINE - 1) / CT_LINE);
    return (ct_fetch){.at = at, .pieces = pieces, .bytes = bytes, .stride = stride, .at_once = (lines + calls - 1) / calls};
}

static inline void ct_fetch_some(ct_fetch *f)
{
    for (int64_t i = 0; i < f->at_once && f->piece < f->pieces; i++) {
        __builtin_prefetch(f->at + f->piece * f->stride + f->offset, 0, 2);
        f->offset += CT_LINE;
        if (f->offset >= f->bytes)
            f->offset = 0, f->piece++;
    }
}

#endif
