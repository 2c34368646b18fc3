/* SPDX-License-Identifier: MIT */
/* Packing of panels for one element type: T, and PACK(name) a name ending in that of the type. */

typedef T PACK(four) __attribute__((vector_size(4 * sizeof(T))));
/* ... anywhere in an array of T. */
typedef T PACK(any_four) __attribute__((vector_size(4 * sizeof(T)), aligned(sizeof(T)), may_alias));
#define LOAD(from) (*(const PACK(any_four) *)(from))
#define STORE(to, v) (*(PACK(any_four) *)(to) = (v))

/* to[l step + r] = from[r row + l] for 4 x 4 elements. */
static inline void PACK(turn_4x4)(const T *from, int64_t row, T *to, int64_t step)
{
    PACK(four) a = LOAD(from), b = LOAD(from + row), c = LOAD(from + 2 * row), d = LOAD(from + 3 * row);
    PACK(four) ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    STORE(to, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
    STORE(to + step, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
    ab = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    STORE(to + 2 * step, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
    STORE(to + 3 * step, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
}

/* ... and for 2 rows of 4 elements. */
static inline void PACK(turn_2x4)(const T *from, int64_t row, T *to, int64_t step)
{
    PACK(four) a = LOAD(from), b = LOAD(from + row);
    PACK(four) low = __builtin_shufflevector(a, b, 0, 4, 1, 5), high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    memcpy(to, &low, 2 * sizeof(T));
    memcpy(to + step, (char *)&low + 2 * sizeof(T), 2 * sizeof(T));
    memcpy(to + 2 * step, &high, 2 * sizeof(T));
    memcpy(to + 3 * step, (char *)&high + 2 * sizeof(T), 2 * sizeof(T));
}

typedef T PACK(eight) __attribute__((vector_size(8 * sizeof(T))));
typedef T PACK(any_eight) __attribute__((vector_size(8 * sizeof(T)), aligned(sizeof(T)), may_alias));
#define LOAD8(from) (*(const PACK(any_eight) *)(from))

/* Steps of k 4 apart, one in each half of the vectors: `four` has 4 rows of them, and part `part` of the halves of `two` the other 2. */
static inline void PACK(store_4_and_2)(const PACK(eight) *four, const PACK(eight) *two, int64_t part, T *to, int64_t step)
{
    memcpy(to, four, 4 * sizeof(T));
    memcpy(to + 4 * step, (const char *)four + 4 * sizeof(T), 4 * sizeof(T));
    memcpy(to + 4, (const char *)two + (size_t)part * 2 * sizeof(T), 2 * sizeof(T));
    memcpy(to + 4 * step + 4, (const char *)two + (size_t)(4 + 2 * part) * sizeof(T), 2 * sizeof(T));
}

/* to[l step + r] = from[r row + l] for 6 x 8 elements: rows in pairs, pairs of pairs; the halves of a vector are steps l and l + 4. */
static inline void PACK(turn_6x8)(const T *from, int64_t row, T *to, int64_t step)
{
    PACK(eight) a = LOAD8(from), b = LOAD8(from + row), c = LOAD8(from + 2 * row), d = LOAD8(from + 3 * row);
    PACK(eight) e = LOAD8(from + 4 * row), f = LOAD8(from + 5 * row);
    PACK(eight) ab = __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13), cd = __builtin_shufflevector(c, d, 0, 8, 1, 9, 4, 12, 5, 13);
    PACK(eight) ef = __builtin_shufflevector(e, f, 0, 8, 1, 9, 4, 12, 5, 13), four = __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13);
    PACK(store_4_and_2)(&four, &ef, 0, to, step);
    four = __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15);
    PACK(store_4_and_2)(&four, &ef, 1, to + step, step);
    ab = __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15), cd = __builtin_shufflevector(c, d, 2, 10, 3, 11, 6, 14, 7, 15);
    ef = __builtin_shufflevector(e, f, 2, 10, 3, 11, 6, 14, 7, 15), four = __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13);
    PACK(store_4_and_2)(&four, &ef, 0, to + 2 * step, step);
    four = __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15);
    PACK(store_4_and_2)(&four, &ef, 1, to + 3 * step, step);
}

/* to[l step + r] = from[r row + l column] for `rows` rows and k steps, one by one. */
static inline void PACK(turn_each)(const T *from, int64_t row, int64_t column, int64_t rows, int64_t k, T *to, int64_t step)
{
    for (int64_t l = 0; l < k; l++)
        for (int64_t r = 0; r < rows; r++)
            to[l * step + r] = from[r * row + l * column];
}

/* `rows` rows of 4 `steps` steps of k. With many rows some steps at a time: a line of one row is used up before the next row's, so that rows a power of two apart
 * do not push each other out of the cache. */
static inline void PACK(turn_fours)(const T *from, int64_t row, int64_t rows, int64_t steps, T *to, int64_t step)
{
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4)
        for (int64_t l = 0; l < 4 * steps; l += 4)
            PACK(turn_4x4)(from + r * row + l, row, to + l * step + r, step);
    for (; r + 2 <= rows; r += 2)
        for (int64_t l = 0; l < 4 * steps; l += 4)
            PACK(turn_2x4)(from + r * row + l, row, to + l * step + r, step);
    if (r < rows)
        PACK(turn_each)(from + r * row, row, 1, 1, 4 * steps, to + r, step);
}

/* Rows that are contiguous in k. */
static inline void PACK(turn)(const T *from, int64_t row, int64_t rows, int64_t k, T *to, int64_t step)
{
    int64_t l = 0;
    for (; rows == 6 && l + 8 <= k; l += 8)
        PACK(turn_6x8)(from + l, row, to + l * step, step);
    for (; rows > 8 && l + 16 <= k; l += 16)
        PACK(turn_fours)(from + l, row, rows, 4, to + l * step, step);
    for (; l + 4 <= k; l += 4)
        PACK(turn_fours)(from + l, row, rows, 1, to + l * step, step);
    PACK(turn_each)(from + l, row, 1, rows, k - l, to + l * step, step);
}

/* A panel of contiguous columns: `width` elements for every step of k. */
static inline void PACK(copy)(const T *from, int64_t column, int64_t width, int64_t k, T *to, int64_t step)
{
    for (int64_t l = 0; l < k; l++, from += column, to += step) {
        if (width * (int64_t)sizeof(T) >= LINE)
            __builtin_prefetch(from + AHEAD * column);
        memcpy(to, from, (size_t)width * sizeof(T));
    }
}

static void PACK(whole_panel)(const T *from, int64_t row, int64_t column, int64_t width, int64_t k, T *to, int64_t step)
{
    if (column == 1)
        switch (width) {
        case 4: PACK(turn)(from, row, 4, k, to, step); return;
        case 6: PACK(turn)(from, row, 6, k, to, step); return;
        case 8: PACK(turn)(from, row, 8, k, to, step); return;
        case 12: PACK(turn)(from, row, 12, k, to, step); return;
        case 16: PACK(turn)(from, row, 16, k, to, step); return;
        default: PACK(turn)(from, row, width, k, to, step); return;
        }
    switch (width) {
    case 4: PACK(copy)(from, column, 4, k, to, step); return;
    case 6: PACK(copy)(from, column, 6, k, to, step); return;
    case 8: PACK(copy)(from, column, 8, k, to, step); return;
    case 12: PACK(copy)(from, column, 12, k, to, step); return;
    case 16: PACK(copy)(from, column, 16, k, to, step); return;
    default: PACK(copy)(from, column, width, k, to, step); return;
    }
}

/* The last panel: rows beyond the matrix are zero. */
static void PACK(part_panel)(const T *from, int64_t row, int64_t column, int64_t rows, int64_t width, int64_t k, T *to, int64_t step)
{
    for (int64_t l = 0; l < k; l++)
        for (int64_t r = rows; r < width; r++)
            to[l * step + r] = 0;
    if (column == 1)
        PACK(turn)(from, row, rows, k, to, step);
    else
        PACK(turn_each)(from, row, column, rows, k, to, step);
}

#undef LOAD
#undef LOAD8
#undef STORE
#undef T
#undef PACK
