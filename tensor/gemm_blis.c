/* SPDX-License-Identifier: MIT */
/* A tile of a matrix product by BLIS's micro-kernel for this processor. The only file that knows BLIS, and the micro-kernel is all that is taken from it:
 * what is packed, shared out and looped over is decided here. */
#include "gemm_blis.h"

#include <blis.h>
#include <string.h>

/* From BLIS 0.9 on a micro-kernel is also told the extents of the tile. Here it always gets a whole one. */
#ifdef GEMM_UKR_SETUP_CT
#define EXTENTS(m, n) (m), (n),
typedef void (*tile_kernel)(dim_t m, dim_t n, dim_t k, void *alpha, void *a, void *b, void *beta, void *c, inc_t row, inc_t column, auxinfo_t *next,
    cntx_t *context);
#else
#define EXTENTS(m, n)
typedef void (*tile_kernel)(dim_t k, void *alpha, void *a, void *b, void *beta, void *c, inc_t row, inc_t column, auxinfo_t *next, cntx_t *context);
#endif

static ct_side side_of(num_t type, bszid_t width, cntx_t *context)
{
    return (ct_side){bli_cntx_get_blksz_def_dt(type, width, context), bli_cntx_get_blksz_max_dt(type, width, context)};
}

/* Twice BLIS's depth where a panel of b then still fits into a first-level cache of 32 KiB: sums are added to c half as often. */
static int64_t depth_of(const ct_tiler *t, int64_t depth)
{
    enum { CACHE_BYTES = 1 << 15 };
    return 2 * depth * t->b.step * t->size <= CACHE_BYTES ? 2 * depth : depth;
}

/* A whole tile. */
static void run(const ct_tiler *t, int64_t k, const void *a, const void *b, const ct_target *to)
{
    static const float f32[2] = {0, 1};
    static const double f64[2] = {0, 1};
    const void *one = t->dtype == CT_F32 ? (const void *)(f32 + 1) : f64 + 1;
    const void *scale = t->dtype == CT_F32 ? (const void *)(f32 + to->beta) : f64 + to->beta;
    const void *first = t->turned ? b : a, *second = t->turned ? a : b;
    ct_side m = t->turned ? t->b : t->a, n = t->turned ? t->a : t->b;
    (void)n;
    auxinfo_t next = {0};
    bli_auxinfo_set_next_a((char *)first + k * m.step * t->size, &next);
    bli_auxinfo_set_next_b((char *)second, &next);
    ((tile_kernel)t->kernel)(EXTENTS(m.width, n.width) k, (void *)one, (void *)first, (void *)second, (void *)scale, to->c, t->turned ? 1 : to->row, t->turned ? to->row : 1,
        &next, (cntx_t *)t->context);
}

#define PUT(T)                                                                                                               \
    static void put_##T(int64_t m, int64_t n, const T *tile, int64_t width, const ct_target *to)                             \
    {                                                                                                                        \
        T *c = to->c;                                                                                                        \
        const T *bias = to->bias;                                                                                            \
        for (int64_t i = 0; i < m; i++, tile += width, c += to->row)                                                         \
            for (int64_t j = 0; j < n; j++) {                                                                                \
                T sum = to->beta ? c[j] + tile[j] : tile[j];                                                                 \
                c[j] = bias ? sum + bias[j] : sum;                                                                           \
            }                                                                                                                \
    }
PUT(float)
PUT(double)

static void tile(const ct_tiler *t, int64_t m, int64_t n, int64_t k, const ct_matrix *a, const void *b, const ct_target *to, void *edge, ct_ahead *ahead)
{
    for (int i = 0; i < CT_AHEAD; i++)
        ct_fetch_lines(&ahead->of[i], ahead->lines[i]);
    if (m == t->a.width && n == t->b.width && !to->bias) {
        run(t, k, a->data, b, to);
        return;
    }
    run(t, k, a->data, b, &(ct_target){edge, t->b.width, false, NULL});
    if (t->dtype == CT_F32)
        put_float(m, n, edge, t->b.width, to);
    else
        put_double(m, n, edge, t->b.width, to);
}

ct_tiler ct_tiler_blis(ct_dtype dtype)
{
    cntx_t *context = bli_gks_query_cntx();
    num_t type = dtype == CT_F32 ? BLIS_FLOAT : BLIS_DOUBLE;
    ct_side m = side_of(type, BLIS_MR, context), n = side_of(type, BLIS_NR, context);
    ct_tiler t = {.dtype = dtype, .size = (int64_t)ct_dtype_size(dtype), .a = m, .b = n, .tile = tile, .pack = ct_pack_any(dtype), .context = context};
    t.turned = !bli_cntx_l3_nat_ukr_prefers_rows_dt(type, BLIS_GEMM_UKR, context);
    if (t.turned)
        t.a = n, t.b = m;
    t.depth = depth_of(&t, bli_cntx_get_blksz_def_dt(type, BLIS_KC, context));
    t.rows = bli_cntx_get_blksz_def_dt(type, BLIS_MC, context);
    void *kernel = bli_cntx_get_l3_nat_ukr_dt(type, BLIS_GEMM_UKR, context);
    memcpy(&t.kernel, &kernel, sizeof t.kernel);
    return t;
}
