/* SPDX-License-Identifier: MIT */
/* Passes over packed panels, and a whole product on one thread. */
#include "gemm.h"
#include "walk.h"

/* Elements of b that one thread packs at once: in float32 1 MiB, so that the rows that are packed for them serve many columns. */
enum { B_ELEMENTS = 1 << 18, DEPTH_UNIT = 8 };

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

/* A row is read once for every panel of b. */
static bool reads_rows(const ct_tiler *t, ct_matrix a, int64_t n)
{
    enum { MOST_MEETING = 7 };
    return ct_ceil_div(n, t->b.width) <= t->unpacked_panels && meeting(t, (a.column == 1 ? a.row : a.column) * t->size) <= MOST_MEETING;
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

ct_fetch ct_matrix_fetch(ct_matrix a, int64_t size, int64_t rows, int64_t columns)
{
    return a.column == 1 ? ct_fetch_of(a.data, rows, columns * size, a.row * size) : ct_fetch_of(a.data, columns, rows * size, a.column * size);
}

void ct_sweep(const ct_tiler *t, int64_t m, int64_t n, int64_t k, ct_rows a, const void *b, ct_target to, void *edge, ct_ahead ahead)
{
    size_t b_panel = ct_panel_bytes(t, t->b, k);
    int64_t tiles = ct_ceil_div(m, t->a.width) * ct_ceil_div(n, t->b.width);
    for (int i = 0; i < CT_AHEAD; i++)
        ahead.lines[i] = ct_ceil_div(ahead.of[i].lines, tiles);
    for (int64_t j = 0; j < n; j += t->b.width) {
        ct_matrix at = a.first;
        ct_target into = ct_target_at(to, t->size, 0, j);
        for (int64_t i = 0; i < m; i += t->a.width, at.data = (const char *)at.data + a.panel, into = ct_target_at(into, t->size, t->a.width, 0))
            ct_tile(t, ct_min(t->a.width, m - i), ct_min(t->b.width, n - j), k, &at, b, &into, edge, &ahead);
        b = (const char *)b + b_panel;
    }
}

/* What one thread packs at once: rows of a, columns of b, at most `depth` steps of k of both. Grows with m, n and k. */
typedef struct blocks {
    int64_t rows, columns;
    size_t a_bytes, b_bytes;
} blocks;

static int64_t most_columns(const ct_tiler *t)
{
    return ct_max(1, B_ELEMENTS / (t->depth * t->b.width)) * t->b.width;
}

int64_t ct_gemm_turns(const ct_tiler *t, int64_t n)
{
    return ct_ceil_div(n, most_columns(t));
}

/* Rows in blocks of about one size, of whole tiles, or a little more than t->rows in one: a small block would read b for little. */
static blocks blocks_of(const ct_tiler *t, int64_t m, int64_t n, int64_t k)
{
    int64_t depth = ct_min(k, t->depth + DEPTH_UNIT), width = t->a.width, most = (t->rows / width + 1) * width;
    int64_t each = ct_ceil_div(m, ct_max(1, ct_ceil_div(m, most)));
    blocks b = {.rows = ct_ceil_div(each, width) * width, .columns = ct_min(n, most_columns(t))};
    b.a_bytes = ct_panels_bytes(t, t->a, ct_min(m, most), depth) + CT_PANEL_SLACK;
    b.b_bytes = ct_panels_bytes(t, t->b, b.columns, depth) + CT_PANEL_SLACK;
    return b;
}

size_t ct_gemm_scratch(const ct_tiler *t, int64_t m, int64_t n, int64_t k)
{
    blocks b = blocks_of(t, m, n, k);
    return b.a_bytes + b.b_bytes + ct_tile_bytes(t);
}

/* A product on one thread, step by step: a step is a block of rows, of columns, and a pass. Rows change first, then columns. */
typedef struct steps {
    const ct_tiler *t;
    int64_t m, n, k;
    ct_matrix a, b;
    blocks cut;
    ct_passes passes;
    int64_t down, across, count;
} steps;

typedef struct step {
    int64_t row, rows, column, columns, l, depth;
} step;

static step step_at(const steps *s, int64_t i)
{
    step at = {.row = i % s->down * s->cut.rows, .column = i / s->down % s->across * s->cut.columns, .l = i / s->down / s->across * s->passes.depth};
    at.rows = ct_min(s->cut.rows, s->m - at.row);
    at.columns = ct_min(s->cut.columns, s->n - at.column);
    at.depth = ct_min(s->passes.depth, s->k - at.l);
    return at;
}

static ct_matrix rows_at(const steps *s, step at)
{
    return ct_matrix_at(s->a, s->t->size, at.row, at.l);
}

static ct_matrix columns_at(const steps *s, step at)
{
    return ct_matrix_at(s->b, s->t->size, at.l, at.column);
}

/* While a step is computed: the rows of the next, and of the next columns a part, so that all are there when the last rows of these are done. */
static ct_ahead ahead_of(const steps *s, int64_t i)
{
    int64_t turn = i / s->down * s->down + s->down;
    step next = step_at(s, i + 1), turned = step_at(s, ct_min(turn, s->count - 1));
    ct_ahead ahead = {{ct_matrix_fetch(rows_at(s, next), s->t->size, next.rows, next.depth)}, {0}};
    if (turn < s->count)
        ahead.of[1] = ct_fetch_part(ct_matrix_fetch(columns_at(s, turned), s->t->size, turned.depth, turned.columns), i % s->down, s->down);
    return ahead;
}

static steps steps_of(const ct_tiler *t, int64_t m, int64_t n, int64_t k, ct_matrix a, ct_matrix b)
{
    steps s = {t, m, n, k, ct_matrix_settled(a, m, k), ct_matrix_settled(b, k, n), blocks_of(t, m, n, k), ct_passes_of(t, k), .down = 0};
    s.down = ct_ceil_div(m, s.cut.rows), s.across = ct_ceil_div(n, s.cut.columns), s.count = s.down * s.across * s.passes.count;
    return s;
}

void ct_gemm(const ct_tiler *t, int64_t m, int64_t n, int64_t k, ct_matrix a, ct_matrix b, ct_target to, void *scratch, ct_ahead after)
{
    steps s = steps_of(t, m, n, k, a, b);
    char *packed_a = scratch, *packed_b = packed_a + s.cut.a_bytes, *edge = packed_b + s.cut.b_bytes;
    for (int64_t i = 0; i < s.count; i++) {
        step at = step_at(&s, i);
        if (i % s.down == 0)
            ct_pack(t, t->b, ct_matrix_turned(columns_at(&s, at)), at.columns, at.depth, packed_b);
        ct_rows from = ct_rows_of(t, rows_at(&s, at), at.rows, at.columns, at.depth, packed_a);
        ct_target into = ct_pass_target(ct_target_at(to, t->size, at.row, at.column), at.l > 0, at.l + at.depth == k);
        ct_sweep(t, at.rows, at.columns, at.depth, from, packed_b, into, edge, i + 1 < s.count ? ahead_of(&s, i) : after);
    }
}
