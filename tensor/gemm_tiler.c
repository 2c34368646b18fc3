/* SPDX-License-Identifier: MIT */
/* Which micro-kernel. The processor alone decides, so a machine always gives the same bits. */
#include "gemm_avx512_tiler.h"
#include "gemm_blis.h"

/* BLIS's for AVX-512 is a little slower than ours on large products and a third as fast on small ones; and it knows the processors of its time only, by a name that a
 * virtual machine may hide. One that makes two operations of every wide vector gains by fewer instructions, and by what our tiles fetch meanwhile. */
ct_tiler ct_tiler_of(ct_dtype dtype)
{
    ct_tiler t;
    if (ct_tiler_avx512(dtype, &t))
        return t;
    return ct_tiler_blis(dtype);
}

size_t ct_tile_bytes(const ct_tiler *t)
{
    return ct_gemm_aligned((size_t)(t->a.width * t->b.width * t->size));
}
