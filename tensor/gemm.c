/* Passes over packed panels, and a whole product on one thread. */
#include "gemm.h"
#include "walk.h"

/* Elements of b that one thread packs at once: in float32 they stay in the second-level cache, with a's. */
enum { B_ELEMENTS = 1 << 17, DEPTH_UNIT = 8 };

ct_matrix ct_matrix_settled(ct_matrix a, int64_t rows, int64_t columns)
{
    if (rows == 1 && columns == 1)
        a.row = a.column = 1;
    else if (rows == 1)
        a.row = a.column == 1 ? columns : 1;
    else if (columns == 1)
        a.column = a.row == 1 ? rows : 1;
    return a;
}

bool ct_matrix_is_dense(ct_matrix a, int64_t rows, int64_t columns)
{
    a = ct_matrix_settled(a, rows, columns);
    return (a.column == 1 && a.row >= columns) || (a.row == 1 && a.column >= rows);
}

ct_passes ct_passes_of(const ct_tiler *t, int64_t k)
{
    int64_t count = ct_ceil_div(k, t->depth);
    if (count == 0)
        return (ct_passes){0, 0};
    int64_t depth = ct_ceil_div(ct_ceil_div(k, count), DEPTH_UNIT) * DEPTH_UNIT;
    return (ct_passes){ct_ceil_div(k, depth), ct_min(depth, k)};
}

/* In the first-level cache, lines `bytes` apart compete for the same places: how many of t->a.width rows would meet in one. */
static int64_t meeting(const ct_tiler *t, int64_t bytes)
{
    enum { CACHE_WAY = 4096 };
    int64_t apart = CACHE_WAY;
    while (bytes % apart)
        apart /= 2;
    return t->a.width * apart / CACHE_WAY;
}

/* Packing a row pays when it is read often enough: once for every panel of b. */
static bool reads_rows(const ct_tiler *t, ct_matrix a, int64_t n)
{
    enum { MOST_MEETING = 4, FEW_PANELS = 12 };
    return t->any_a && n <= FEW_PANELS * t->b.width && meeting(t, (a.column == 1 ? a.row : a.column) * t->size) <= MOST_MEETING;
}

ct_rows ct_rows_packed(const ct_tiler *t, int64_t k, const void *panels)
{
    return (ct_rows){{panels, 1, t->a.step}, (int64_t)ct_panel_bytes(t, t->a, k)};
}

ct_rows ct_rows_of(const ct_tiler *t, ct_matrix a, int64_t m, int64_t n, int64_t k, void *packed)
{
    if (reads_rows(t, a, n))
        return (ct_rows){a, t->a.width * a.row * t->size};
    ct_pack(t, t->a, a, m, k, packed);
    return ct_rows_packed(t, k, packed);
}

void ct_sweep(const ct_tiler *t, int64_t m, int64_t n, int64_t k, ct_rows a, const void *b, bool beta, void *c, int64_t ldc, void *edge)
{
    size_t b_panel = ct_panel_bytes(t, t->b, k);
    for (int64_t j = 0; j < n; j += t->b.width) {
        ct_matrix at = a.first;
        char *to = (char *)c + j * t->size;
        for (int64_t i = 0; i < m; i += t->a.width, at.data = (const char *)at.data + a.panel, to += t->a.width * ldc * t->size)
            ct_tile(t, ct_min(t->a.width, m - i), ct_min(t->b.width, n - j), k, at, b, beta, to, ldc, edge);
        b = (const char *)b + b_panel;
    }
}

/* What one thread packs at once: rows of a, columns of b, at most `depth` steps of k of both. Grows with m, n and k. */
typedef struct blocks {
    int64_t rows, columns;
    size_t a_bytes, b_bytes;
} blocks;

static blocks blocks_of(const ct_tiler *t, int64_t m, int64_t n, int64_t k)
{
    int64_t most = ct_max(1, B_ELEMENTS / (t->depth * t->b.width)) * t->b.width, depth = ct_min(k, t->depth + DEPTH_UNIT);
    blocks b = {.rows = ct_min(m, ct_ceil_div(t->rows, t->a.width) * t->a.width), .columns = ct_min(n, most)};
    b.a_bytes = ct_panels_bytes(t, t->a, b.rows, depth) + CT_PANEL_SLACK;
    b.b_bytes = ct_panels_bytes(t, t->b, b.columns, depth) + CT_PANEL_SLACK;
    return b;
}

size_t ct_gemm_scratch(const ct_tiler *t, int64_t m, int64_t n, int64_t k)
{
    blocks b = blocks_of(t, m, n, k);
    return b.a_bytes + b.b_bytes + ct_tile_bytes(t);
}

void ct_gemm(const ct_tiler *t, int64_t m, int64_t n, int64_t k, ct_matrix a, ct_matrix b, bool beta, void *c, int64_t ldc, void *scratch)
{
    blocks cut = blocks_of(t, m, n, k);
    ct_passes passes = ct_passes_of(t, k);
    char *packed_a = scratch, *packed_b = packed_a + cut.a_bytes, *edge = packed_b + cut.b_bytes;
    a = ct_matrix_settled(a, m, k);
    b = ct_matrix_settled(b, k, n);
    for (int64_t l = 0; l < k; l += passes.depth, beta = true) {
        int64_t depth = ct_min(passes.depth, k - l);
        for (int64_t j = 0; j < n; j += cut.columns) {
            int64_t columns = ct_min(cut.columns, n - j);
            ct_pack(t, t->b, ct_matrix_turned(ct_matrix_at(b, t->size, l, j)), columns, depth, packed_b);
            for (int64_t i = 0; i < m; i += cut.rows) {
                int64_t rows = ct_min(cut.rows, m - i);
                ct_rows from = ct_rows_of(t, ct_matrix_at(a, t->size, i, l), rows, columns, depth, packed_a);
                ct_sweep(t, rows, columns, depth, from, packed_b, beta, (char *)c + (i * ldc + j) * t->size, ldc, edge);
            }
        }
    }
}
