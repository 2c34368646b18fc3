/* SPDX-License-Identifier: MIT */
/* Tiles and panels in vectors of 64 bytes, for one element type. Before including: T, WIDE(name) a name ending in that of the type, and of the intrinsics
 * VECTOR, MASK, LANES, ZERO(), LOAD(p), LOAD_PART(mask, p), STORE_PART(p, mask, v), ALL(x), ADD(x, y), FMA(x, y, z), TRANSPOSE(rows). */

enum { WIDE(COLUMNS) = VECTORS * LANES };

static inline MASK WIDE(first)(int64_t n)
{
    return (MASK)((1u << n) - 1u);
}

/* Of row i, how many columns vector j has. */
#define PART(j) ((j) + 1 < vectors ? (MASK)-1 : part)

/* Sums on their way to memory. */
AVX512_INLINE void WIDE(put)(const int rows, const int vectors, const bool beta, const bool biased, VECTOR sum[ROWS][VECTORS], const ct_target *to, MASK part)
{
    T *c = to->c;
    VECTOR bias[VECTORS];
    UNROLLED
    for (int j = 0; biased && j < vectors; j++)
        bias[j] = LOAD_PART(PART(j), (const T *)to->bias + j * LANES);
    UNROLLED
    for (int i = 0; i < rows; i++, c += to->row)
        UNROLLED
        for (int j = 0; j < vectors; j++) {
            VECTOR x = beta ? ADD(LOAD_PART(PART(j), c + j * LANES), sum[i][j]) : sum[i][j];
            STORE_PART(c + j * LANES, PART(j), biased ? ADD(x, bias[j]) : x);
        }
}

/* `rows` rows of `vectors` vectors, of which the last counts as far as `part` says: every product and sum in the order of k. Row i of a is read at a pointer for every
 * three rows, plus none, one or two times a.row: that is what an address can be without arithmetic. */
AVX512_INLINE void WIDE(rows)(const int rows, const int vectors, int64_t k, const ct_matrix *a, const T *b, const ct_target *to, MASK part, ct_ahead *ahead)
{
    VECTOR sum[ROWS][VECTORS];
    const T *three[(ROWS + 2) / 3];
    const int64_t a_row = a->row, a_column = a->column;
    UNROLLED
    for (int i = 0; i < rows; i += 3)
        three[i / 3] = (const T *)a->data + i * a->row;
    UNROLLED
    for (int i = 0; i < rows; i++)
        UNROLLED
        for (int j = 0; j < vectors; j++)
            sum[i][j] = ZERO();
    const int parts = 2 * rows;                /* in which lines are fetched: all at once would keep a and b waiting */
    const T *row = to->c, *last = row + rows * to->row;  /* of c, the next to fetch */
    const int64_t each = (k / parts + 1) * WIDE(COLUMNS), first = (ahead->lines[0] + parts - 1) / parts, second = (ahead->lines[1] + parts - 1) / parts;
    for (const T *end = b + k * WIDE(COLUMNS), *next = b; b != end; b += WIDE(COLUMNS)) {  /* b counts too: no register is left for l */
        if (b == next) {
            next += each;
            if (row < last) {
                __builtin_prefetch(row, 1), __builtin_prefetch(row + WIDE(COLUMNS) - 1, 1);
                row += to->row;
            }
            ct_fetch_lines(&ahead->of[0], first), ct_fetch_lines(&ahead->of[1], second);
        }
        VECTOR y[VECTORS];
        UNROLLED
        for (int j = 0; j < vectors; j++)
            y[j] = LOAD(b + j * LANES);
        UNROLLED
        for (int i = 0; i < rows; i++) {
            VECTOR x = ALL(three[i / 3][i % 3 * a_row]);
            IN_REGISTER(x);
            UNROLLED
            for (int j = 0; j < vectors; j++)
                sum[i][j] = FMA(x, y[j], sum[i][j]);
        }
        UNROLLED
        for (int i = 0; i < rows; i += 3)
            three[i / 3] += a_column;
    }
    if (to->bias && to->beta)
        WIDE(put)(rows, vectors, true, true, sum, to, part);
    else if (to->bias)
        WIDE(put)(rows, vectors, false, true, sum, to, part);
    else if (to->beta)
        WIDE(put)(rows, vectors, true, false, sum, to, part);
    else
        WIDE(put)(rows, vectors, false, false, sum, to, part);
}

/* ... for each number of rows and vectors there may be: a function each, since a compiler takes long over all of them in one. */
#define DEFINE_ROWS(n)                                                                                                       \
    AVX512 void WIDE(one_##n)(int64_t k, const ct_matrix *a, const T *b, const ct_target *to, MASK part, ct_ahead *ahead)    \
    {                                                                                                                        \
        WIDE(rows)(n, 1, k, a, b, to, part, ahead);                                                                          \
    }                                                                                                                        \
    AVX512 void WIDE(two_##n)(int64_t k, const ct_matrix *a, const T *b, const ct_target *to, MASK part, ct_ahead *ahead)    \
    {                                                                                                                        \
        WIDE(rows)(n, 2, k, a, b, to, part, ahead);                                                                          \
    }
DEFINE_ROWS(1) DEFINE_ROWS(2) DEFINE_ROWS(3) DEFINE_ROWS(4) DEFINE_ROWS(5) DEFINE_ROWS(6) DEFINE_ROWS(7)
DEFINE_ROWS(8) DEFINE_ROWS(9) DEFINE_ROWS(10) DEFINE_ROWS(11) DEFINE_ROWS(12) DEFINE_ROWS(13) DEFINE_ROWS(14)

typedef void WIDE(rows_fn)(int64_t k, const ct_matrix *a, const T *b, const ct_target *to, MASK part, ct_ahead *ahead);
#define BOTH(n) {WIDE(one_##n), WIDE(two_##n)}
static WIDE(rows_fn) *const WIDE(rows_of)[ROWS][VECTORS] = {BOTH(1), BOTH(2), BOTH(3), BOTH(4), BOTH(5), BOTH(6), BOTH(7), BOTH(8), BOTH(9), BOTH(10), BOTH(11),
    BOTH(12), BOTH(13), BOTH(14)};

static void WIDE(tile)(const ct_tiler *t, int64_t m, int64_t n, int64_t k, const ct_matrix *a, const void *b, const ct_target *to, void *edge, ct_ahead *ahead)
{
    int64_t vectors = 1 + (n > LANES);
    (void)t, (void)edge;
    WIDE(rows_of)[m - 1][vectors - 1](k, a, b, to, WIDE(first)(n - (vectors - 1) * LANES), ahead);
}

/* --- panels --- */

/* to[l step + r] = from[r row + l] for r < rows and l < k, up to a vector of each; zero for the other r < width. */
AVX512 void WIDE(turn_part)(const T *from, int64_t row, int64_t rows, int64_t k, T *to, int64_t step, int64_t width)
{
    VECTOR x[LANES];
    MASK part = WIDE(first)(k), lanes = WIDE(first)(width);
    for (int64_t r = 0; r < LANES; r++)
        x[r] = r < rows ? LOAD_PART(part, from + r * row) : ZERO();
    TRANSPOSE(x);
    for (int64_t l = 0; l < k; l++)
        STORE_PART(to + l * step, lanes, x[l]);
}

/* ... for k of a vector's length. The rows `ahead` elements further on are fetched meanwhile. */
AVX512_INLINE void WIDE(turn_whole)(const T *from, int64_t row, int64_t ahead, const int rows, T *to, int64_t step)
{
    VECTOR x[LANES];
    UNROLLED
    for (int r = 0; r < rows; r++, from += row) {
        OPAQUE(from);
        x[r] = LOAD(from);
        IN_REGISTER(x[r]);
        __builtin_prefetch(from + ahead);
    }
    UNROLLED
    for (int r = rows; r < LANES; r++)
        x[r] = ZERO();
    TRANSPOSE(x);
    UNROLLED
    for (int l = 0; l < LANES; l++, to += step) {
        OPAQUE(to);
        STORE_PART(to, WIDE(first)(rows), x[l]);
    }
}

/* A part of a panel, `rows` of up to `width` rows, which are contiguous in k. */
AVX512 void WIDE(turn)(const T *from, int64_t row, int64_t ahead, int64_t rows, int64_t k, T *to, int64_t step, int64_t width)
{
    int64_t l = 0;
    if (rows == LANES)
        for (; l + LANES <= k; l += LANES)
            WIDE(turn_whole)(from + l, row, ahead, LANES, to + l * step, step);
    else if (rows == width && rows == ROWS % LANES)
        for (; l + LANES <= k; l += LANES)
            WIDE(turn_whole)(from + l, row, ahead, ROWS % LANES, to + l * step, step);
    for (; l < k; l += LANES)
        WIDE(turn_part)(from + l, row, rows, ct_min(LANES, k - l), to + l * step, step, width);
}

AVX512 void WIDE(turn_panels)(ct_side side, ct_matrix m, int64_t extent, int64_t k, T *to, int64_t panel)
{
    const T *from = m.data;
    for (int64_t i = 0; i < extent; i += side.width, to += panel)
        for (int64_t r = 0; r < side.width; r += LANES) {
            int64_t width = ct_min(LANES, side.width - r), rows = ct_max(0, ct_min(width, extent - i - r));
            WIDE(turn)(from + (i + r) * m.row, m.row, side.width * m.row, rows, k, to + r, side.step, width);
        }
}

/* One step of k of all panels: from[0..extent-1] is contiguous, and so are `width` elements of a panel. */
AVX512_INLINE void WIDE(copy_step)(const T *from, int64_t ahead, const int width, int64_t extent, T *to, int64_t panel)
{
    int64_t i = 0;
    for (; i + width <= extent; i += width, to += panel)
        UNROLLED
        for (int r = 0; r < width; r += LANES) {
            MASK part = WIDE(first)(ct_min(LANES, width - r));
            STORE_PART(to + r, part, LOAD_PART(part, from + i + r));
            __builtin_prefetch(from + i + r + ahead);
        }
    for (int r = 0; r < width && i < extent; r += LANES)
        STORE_PART(to + r, WIDE(first)(ct_min(LANES, width - r)), LOAD_PART(WIDE(first)(ct_max(0, ct_min(LANES, extent - i - r))), from + i + r));
}

AVX512 void WIDE(copy_panels)(ct_side side, ct_matrix m, int64_t extent, int64_t k, T *to, int64_t panel)
{
    const T *from = m.data;
    for (int64_t l = 0; l < k; l++, from += m.column, to += side.step)
        if (side.width == ROWS)
            WIDE(copy_step)(from, AHEAD * m.column, ROWS, extent, to, panel);
        else
            WIDE(copy_step)(from, AHEAD * m.column, WIDE(COLUMNS), extent, to, panel);
}

AVX512 void WIDE(pack)(ct_side side, ct_matrix m, int64_t extent, int64_t k, void *to, size_t panel_bytes)
{
    int64_t panel = (int64_t)(panel_bytes / sizeof(T));
    if (m.column == 1)
        WIDE(turn_panels)(side, m, extent, k, to, panel);
    else
        WIDE(copy_panels)(side, m, extent, k, to, panel);
}

#undef T
#undef WIDE
#undef VECTOR
#undef MASK
#undef LANES
#undef ZERO
#undef LOAD
#undef LOAD_PART
#undef STORE_PART
#undef ALL
#undef ADD
#undef FMA
#undef TRANSPOSE
#undef PART
#undef DEFINE_ROWS
#undef BOTH
