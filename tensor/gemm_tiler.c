/* Which micro-kernel. The processor alone decides, so a machine always gives the same bits. */
#include "gemm_avx512_tiler.h"
#include "gemm_blis.h"

/* BLIS's for AVX-512 is a little slower than ours on large products and a third as fast on small ones; and it tells one core's two units for these vectors from one by
 * the name of the processor, which a virtual machine may hide: there it takes its kernel for half as wide vectors. On an AMD processor that BLIS knows wide vectors
 * gain nothing: it makes two operations of each. */
static bool ours_is_faster(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_is("intel"))
        return true;
#endif
    return !ct_blis_knows_processor();
}

ct_tiler ct_tiler_of(ct_dtype dtype)
{
    ct_tiler t;
    if (ours_is_faster() && ct_tiler_avx512(dtype, &t))
        return t;
    return ct_tiler_blis(dtype);
}

size_t ct_tile_bytes(const ct_tiler *t)
{
    return ct_gemm_aligned((size_t)(t->a.width * t->b.width * t->size));
}
