/* Which micro-kernel: BLIS's, where BLIS knows the processor. */
#include "gemm_avx512_tiler.h"
#include "gemm_blis.h"

ct_tiler ct_tiler_of(ct_dtype dtype)
{
    ct_tiler t;
    if (!ct_blis_knows_processor() && ct_tiler_avx512(dtype, &t))
        return t;
    return ct_tiler_blis(dtype);
}

size_t ct_tile_bytes(const ct_tiler *t)
{
    return ct_gemm_aligned((size_t)(t->a.width * t->b.width * t->size));
}
