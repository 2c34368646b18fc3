/* SPDX-License-Identifier: MIT */
/* Where the blocks of sums down columns end. */
#include "reduce.h"

#include <cotangent/kernels.h>

enum {
    SHORT_BLOCK = 16, LONG_BLOCK = 64,  /* rows */
    LONG = 1024,                        /* rows that give enough long blocks to share out */
    MANY_SUMS = 8                       /* sums side by side that are enough to share out */
};

/* The innermost reduced axis is a block where that suits: then sums over one axis and over several of one array have blocks that fit each other, and
 * can be computed in one pass. Few rows in all are cut finer, so that threads can share them. */
int64_t ct_sum_block(ct_shape x, unsigned axes)
{
    int64_t n = 1, last = 1, before = 1;
    bool seen = false;
    for (int i = x.rank - 1; i >= 0; i--) {
        bool reduced = axes >> i & 1u;
        if (reduced && last == 1)
            last = x.dim[i];
        n *= reduced ? x.dim[i] : 1;
        seen = seen || (reduced && x.dim[i] > 1);
        before *= seen && !reduced ? x.dim[i] : 1;
    }
    if (last >= SHORT_BLOCK && last <= LONG_BLOCK && (n > last || before >= MANY_SUMS))
        return last;
    return n < LONG ? SHORT_BLOCK : LONG_BLOCK;
}
