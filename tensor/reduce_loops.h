/* SPDX-License-Identifier: MIT */
/* The loops of one reduction on one element type. Included once for each, with T the type, REDUCE(kind) a name ending
 * in that of the reduction, COMBINE(a, b), COMBINE_LANES(V, a, b), the same on vectors of type V, and NEUTRAL, what combines with
 * any a to a. */

/* --- vectors --- */

/* The widest vector, and its halves: what they mean does not depend on the machine, which may take several steps for one. */
typedef T REDUCE(vector) __attribute__((vector_size(64)));
typedef T REDUCE(half) __attribute__((vector_size(32)));
typedef T REDUCE(quarter) __attribute__((vector_size(16)));
typedef union REDUCE(lanes) {
    REDUCE(vector) whole;
    REDUCE(half) half[2];
} REDUCE(lanes);
typedef union REDUCE(half_lanes) {
    REDUCE(half) whole;
    REDUCE(quarter) half[2];
} REDUCE(half_lanes);

/* The last `rest` lanes of the vector at x; the others are neutral. */
#define LOAD_LAST(V, v, x, rest)                                                                                              \
    do {                                                                                                                      \
        __typeof__((v) == (v)) kept;                                                                                          \
        const V neutral = (V){0} + NEUTRAL;                                                                                   \
        memcpy(&kept, (const char *)reduce_last_lanes + sizeof reduce_last_lanes / 2 - sizeof(V) + (rest) * sizeof(T), sizeof(V)); \
        memcpy(&v, x, sizeof(V));                                                                                             \
        v = (V)((kept & (__typeof__(kept))v) | (~kept & (__typeof__(kept))neutral));                                          \
    } while (0)

/* --- rows --- */

/* Neighbours, then pairs of them, all lanes at once: of one number after the other, compilers make branches. */
static inline T REDUCE(quarter_item)(const REDUCE(quarter) *q)
{
    enum { LANES = 16 / sizeof(T) };
    REDUCE(quarter) value = *q, other;
    for (size_t apart = 1; apart < LANES; apart *= 2) {
        for (size_t l = 0; l < LANES; l++)
            other[l] = value[l ^ apart];
        value = COMBINE_LANES(REDUCE(quarter), value, other);
    }
    return value[0];
}

static inline T REDUCE(half_item)(const REDUCE(half_lanes) *h)
{
    REDUCE(quarter) q = COMBINE_LANES(REDUCE(quarter), h->half[0], h->half[1]);
    return REDUCE(quarter_item)(&q);
}

/* Fewer elements than a vector has lanes: by the widest part of one that they fill. */
static inline T REDUCE(short_item)(const T *x, size_t n)
{
    enum { HALF = 32 / sizeof(T), QUARTER = 16 / sizeof(T) };
    if (n >= HALF) {
        REDUCE(half) a, rest;
        memcpy(&a, x, sizeof a);
        LOAD_LAST(REDUCE(half), rest, x + n - HALF, n - HALF);
        REDUCE(half_lanes) both = {COMBINE_LANES(REDUCE(half), a, rest)};
        return REDUCE(half_item)(&both);
    }
    if (n >= QUARTER) {
        REDUCE(quarter) a, rest;
        memcpy(&a, x, sizeof a);
        LOAD_LAST(REDUCE(quarter), rest, x + n - QUARTER, n - QUARTER);
        a = COMBINE_LANES(REDUCE(quarter), a, rest);
        return REDUCE(quarter_item)(&a);
    }
    T value = NEUTRAL;
    for (size_t i = 0; i < n; i++)
        value = COMBINE(value, x[i]);
    return value;
}

/* a = a and the vector at x. */
#define TAKE(V, a, x)                       \
    do {                                    \
        V taken;                            \
        memcpy(&taken, x, sizeof taken);    \
        a = COMBINE_LANES(V, a, taken);     \
    } while (0)

/* Whole strides of four vectors, lane l of the four taking l, l + 4 lanes, ...; returns how many elements they are. */
static inline size_t REDUCE(strides)(const T *x, size_t n, REDUCE(vector) *value)
{
    enum { LANES = 64 / sizeof(T) };
    REDUCE(vector) a, b, c, d;
    memcpy(&a, x, sizeof a);
    memcpy(&b, x + LANES, sizeof b);
    memcpy(&c, x + 2 * LANES, sizeof c);
    memcpy(&d, x + 3 * LANES, sizeof d);
    size_t i = 4 * LANES;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        TAKE(REDUCE(vector), a, x + i);
        TAKE(REDUCE(vector), b, x + i + LANES);
        TAKE(REDUCE(vector), c, x + i + 2 * LANES);
        TAKE(REDUCE(vector), d, x + i + 3 * LANES);
    }
    a = COMBINE_LANES(REDUCE(vector), a, b);
    c = COMBINE_LANES(REDUCE(vector), c, d);
    *value = COMBINE_LANES(REDUCE(vector), a, c);
    return i;
}

/* n contiguous elements, at most REDUCE_ITEM: strides of four vectors, then vector after vector, then the rest in the last
 * lanes of one; the lanes by halves. */
static inline T REDUCE(item)(const T *x, int64_t count)
{
    enum { LANES = 64 / sizeof(T) };
    size_t n = (size_t)count, i = LANES;
    if (n < LANES)
        return REDUCE(short_item)(x, n);
    REDUCE(vector) a, rest;
    memcpy(&a, x, sizeof a);
    if (n >= 4 * LANES)
        i = REDUCE(strides)(x, n, &a);
    for (; i + LANES <= n; i += LANES)
        TAKE(REDUCE(vector), a, x + i);
    if (i < n) {
        LOAD_LAST(REDUCE(vector), rest, x + n - LANES, n - i);
        a = COMBINE_LANES(REDUCE(vector), a, rest);
    }
    REDUCE(lanes) lanes = {a};
    REDUCE(half_lanes) halves = {COMBINE_LANES(REDUCE(half), lanes.half[0], lanes.half[1])};
    return REDUCE(half_item)(&halves);
}

/* Pairwise combination of a stream: like carries of a binary counter. */
typedef struct REDUCE(stack) {
    int64_t count;
    int top;
    T value[REDUCE_LEVELS];
} REDUCE(stack);

static void REDUCE(push)(REDUCE(stack) *s, T value)
{
    for (int64_t i = s->count++; i & 1; i >>= 1) {
        s->top--;
        value = COMBINE(s->value[s->top], value);
    }
    s->value[s->top++] = value;
}

/* Elements start..start+n-1 of the reduced axes, from `base` on. */
static T REDUCE(row_chunk)(const ct_walk *reduced, int64_t start, int64_t n)
{
    _Alignas(64) T buffer[REDUCE_ITEM];
    REDUCE(stack) s = {.count = 0};
    for (int64_t i = start; i < start + n; i += REDUCE_ITEM) {
        int64_t part = ct_min(REDUCE_ITEM, start + n - i);
        const T *run = ct_walk_run(reduced, i, part);
        if (!run)
            ct_walk_load(reduced, i, part, buffer);
        REDUCE(push)(&s, REDUCE(item)(run ? run : buffer, part));
    }
    T value = s.value[--s.top];
    while (s.top > 0) {
        s.top--;
        value = COMBINE(s.value[s.top], value);
    }
    return value;
}

/* Pairwise, neighbours first. */
static T REDUCE(combine_chunks)(T *part, int64_t chunks)
{
    for (int64_t step = 1; step < chunks; step *= 2)
        for (int64_t c = 0; c + step < chunks; c += 2 * step)
            part[c] = COMBINE(part[c], part[c + step]);
    return part[0];
}

/* The chunks of one output, or of a tile of `columns` outputs that lie `stride` apart in x. */
typedef struct REDUCE(chunk_job) {
    const ct_reduction *r;
    ct_walk reduced;
    T *part;                    /* a result for each chunk */
    int64_t columns, stride;
} REDUCE(chunk_job);

static void REDUCE(row_part)(void *argument, int64_t c, int thread)
{
    const REDUCE(chunk_job) *j = argument;
    (void)thread;
    j->part[c] = REDUCE(row_chunk)(&j->reduced, c * j->r->chunk, ct_min(j->r->chunk, j->r->n - c * j->r->chunk));
}

static T REDUCE(row)(const ct_reduction *r, int64_t output, int workers)
{
    T part[REDUCE_CHUNKS];
    REDUCE(chunk_job) j = {.r = r, .reduced = r->reduced, .part = part};
    j.reduced.data += ct_walk_offset(&r->kept, output) * (int64_t)sizeof(T);
    ct_parallel_for(workers, r->chunks, REDUCE(row_part), &j);
    return REDUCE(combine_chunks)(part, r->chunks);
}

/* All outputs, each on one thread. */
typedef struct REDUCE(row_job) {
    const ct_reduction *r;
    T *y;
    bool direct;                /* each output is one item, contiguous */
    int64_t tasks;
} REDUCE(row_job);

static void REDUCE(rows_task)(void *argument, int64_t task, int thread)
{
    const REDUCE(row_job) *j = argument;
    const ct_reduction *r = j->r;
    int64_t end = ct_task_start(r->outputs, j->tasks, task + 1);
    (void)thread;
    for (int64_t o = ct_task_start(r->outputs, j->tasks, task); o < end; o++) {
        if (j->direct)
            j->y[o] = REDUCE(item)((const T *)(const void *)r->kept.data + ct_walk_offset(&r->kept, o), r->n);
        else
            j->y[o] = REDUCE(row)(r, o, 1);
    }
}

/* The threads share out the outputs, or the chunks of each when the outputs are few. */
static void REDUCE(rows)(const ct_reduction *r, T *y)
{
    int64_t work = r->outputs * r->n;
    if (r->chunks > 1 && r->outputs < CT_TASKS_EACH * ct_threads_for(r->threads, work, REDUCE_GRAIN)) {
        for (int64_t o = 0; o < r->outputs; o++)
            y[o] = REDUCE(row)(r, o, ct_threads_for(r->threads, r->n, REDUCE_GRAIN));
        return;
    }
    bool direct = r->reduced.rank == 1 && r->reduced.stride[0] == 1 && r->n <= REDUCE_ITEM;
    REDUCE(row_job) j = {.r = r, .y = y, .direct = direct, .tasks = ct_tasks_for(r->threads, r->outputs, work, REDUCE_GRAIN)};
    ct_parallel_for(r->threads, j.tasks, REDUCE(rows_task), &j);
}

void REDUCE(ct_row)(int64_t rows, int64_t n, const void *x, void *y)
{
    for (int64_t i = 0; i < rows; i++)
        ((T *)y)[i] = REDUCE(item)((const T *)x + i * n, n);
}

/* --- columns --- */

/* Columns that are reduced together, at most: 1 KiB. */
enum { REDUCE(TILE) = 1024 / sizeof(T) };

/* Have four rows from x on brought near, as none of the processor's own guesses does for rows that lie far apart. An address
 * beyond the array does no harm: it is not read. */
static inline void REDUCE(prefetch)(const T *x, int64_t columns, int64_t step)
{
    for (int64_t i = 0; i < 4; i++)
        for (int64_t j = 0; j < columns; j += 64 / (int64_t)sizeof(T))
            __builtin_prefetch((const void *)((uintptr_t)x + (uintptr_t)(i * step + j) * sizeof(T)), 0, 2);
}

/* Rows that lie `step` apart into acc, row after row, four at a time; `ahead` rows further on are prefetched, unless it is 0. */
static inline void REDUCE(add_rows)(int64_t rows, int64_t columns, int64_t step, const T *x, T *acc, int64_t ahead)
{
    for (; rows >= 4; rows -= 4, x += 4 * step) {
        const T *x1 = x + step, *x2 = x1 + step, *x3 = x2 + step;
        if (ahead)
            REDUCE(prefetch)((const T *)((uintptr_t)x + (uintptr_t)(ahead * step) * sizeof(T)), columns, step);
#pragma omp simd
        for (int64_t j = 0; j < columns; j++) {
            T a = COMBINE(acc[j], x[j]), b = COMBINE(a, x1[j]), c = COMBINE(b, x2[j]);
            acc[j] = COMBINE(c, x3[j]);
        }
    }
    for (; rows > 0; rows--, x += step)
#pragma omp simd
        for (int64_t j = 0; j < columns; j++)
            acc[j] = COMBINE(acc[j], x[j]);
}

/* As above, where the columns lie `stride` apart: four at a time, so that no addition waits for the one before. */
static void REDUCE(add_strided_rows)(int64_t rows, int64_t columns, int64_t step, int64_t stride, const T *x, T *acc)
{
    int64_t j = 0;
    for (; j + 4 <= columns; j += 4, x += 4 * stride) {
        T a = acc[j], b = acc[j + 1], c = acc[j + 2], d = acc[j + 3];
        for (int64_t i = 0; i < rows; i++) {
            const T *row = x + i * step;
            a = COMBINE(a, row[0]), b = COMBINE(b, row[stride]), c = COMBINE(c, row[2 * stride]), d = COMBINE(d, row[3 * stride]);
        }
        acc[j] = a, acc[j + 1] = b, acc[j + 2] = c, acc[j + 3] = d;
    }
    for (; j < columns; j++, x += stride)
        for (int64_t i = 0; i < rows; i++)
            acc[j] = COMBINE(acc[j], x[i * step]);
}

/* Rows start..start+rows-1 of some columns into acc, by runs of equal steps. */
static void REDUCE(column_block)(const ct_walk *reduced, int64_t start, int64_t rows, int64_t columns, int64_t stride, T *acc)
{
    int inner = reduced->rank - 1;
    int64_t step = reduced->stride[inner], most = reduced->dim[inner];
    for (int64_t j = 0; j < columns; j++)
        acc[j] = NEUTRAL;
    for (int64_t end = start + rows, run; start < end; start += run) {
        const T *x = (const T *)(const void *)reduced->data + ct_walk_offset(reduced, start);
        run = ct_min(end - start, inner ? most - start % most : most);
        if (stride == 1)
            REDUCE(add_rows)(run, columns, step, x, acc, step == columns ? 0 : REDUCE_AHEAD);
        else
            REDUCE(add_strided_rows)(run, columns, step, stride, x, acc);
    }
}

typedef T REDUCE(tile)[REDUCE(TILE)];

/* The same in blocks of `unit` rows, pairwise: like carries of a binary counter. */
static void REDUCE(column_chunk)(const ct_walk *reduced, int64_t start, int64_t rows, int64_t unit, int64_t columns, int64_t stride, T *out)
{
    REDUCE(tile) stack[REDUCE_LEVELS];
    int64_t count = 0;
    int top = 0;
    for (int64_t i = start; i < start + rows; i += unit) {
        REDUCE(column_block)(reduced, i, ct_min(unit, start + rows - i), columns, stride, stack[top++]);
        for (int64_t carry = count++; carry & 1; carry >>= 1, top--)
            REDUCE(add_rows)(1, columns, 0, stack[top - 1], stack[top - 2], 0);
    }
    for (; top > 1; top--)
        REDUCE(add_rows)(1, columns, 0, stack[top - 1], stack[top - 2], 0);
    memcpy(out, stack[0], (size_t)columns * sizeof(T));
}

static void REDUCE(column_part)(void *argument, int64_t c, int thread)
{
    const REDUCE(chunk_job) *j = argument;
    int64_t start = c * j->r->chunk;
    (void)thread;
    REDUCE(column_chunk)(&j->reduced, start, ct_min(j->r->chunk, j->r->n - start), j->r->unit, j->columns, j->stride, j->part + c * REDUCE(TILE));
}

/* Outputs first..first+columns-1, which lie `stride` apart in x. */
static void REDUCE(column_tile)(const ct_reduction *r, int64_t first, int64_t columns, T *y, int workers)
{
    T part[REDUCE_CHUNKS * REDUCE(TILE)];
    int64_t stride = r->kept.stride[r->kept.rank - 1];
    REDUCE(chunk_job) j = {.r = r, .reduced = r->reduced, .part = part, .columns = columns, .stride = stride};
    j.reduced.data += ct_walk_offset(&r->kept, first) * (int64_t)sizeof(T);
    ct_parallel_for(workers, r->chunks, REDUCE(column_part), &j);
    for (int64_t step = 1; step < r->chunks; step *= 2)
        for (int64_t c = 0; c + step < r->chunks; c += 2 * step)
            REDUCE(add_rows)(1, columns, 0, part + (c + step) * REDUCE(TILE), part + c * REDUCE(TILE), 0);
    memcpy(y + first, part, (size_t)columns * sizeof(T));
}

/* The outputs in tiles `tile` wide at most; a tile does not leave a run of `inner` outputs. */
typedef struct REDUCE(column_job) {
    const ct_reduction *r;
    T *y;
    int64_t inner, tile, tiles, tasks;
} REDUCE(column_job);

static void REDUCE(nth_tile)(const REDUCE(column_job) *j, int64_t t, int workers)
{
    int64_t across = ct_ceil_div(j->inner, j->tile), column = t % across * j->tile;
    REDUCE(column_tile)(j->r, t / across * j->inner + column, ct_min(j->tile, j->inner - column), j->y, workers);
}

static void REDUCE(columns_task)(void *argument, int64_t task, int thread)
{
    const REDUCE(column_job) *j = argument;
    int64_t end = ct_task_start(j->tiles, j->tasks, task + 1);
    (void)thread;
    for (int64_t t = ct_task_start(j->tiles, j->tasks, task); t < end; t++)
        REDUCE(nth_tile)(j, t, 1);
}

/* Columns of a tile: fewer where that gives every thread something to do. No column's bits depend on it. */
static int64_t REDUCE(tile_for)(int64_t inner, int64_t outer, int workers)
{
    int64_t tile = REDUCE(TILE);
    while (tile > REDUCE_NARROWEST && outer * ct_ceil_div(inner, tile) < CT_TASKS_EACH * workers)
        tile /= 2;
    return tile;
}

/* The threads share out the tiles, or the chunks of each when the tiles are few. */
static void REDUCE(columns)(const ct_reduction *r, T *y)
{
    int64_t work = r->outputs * r->n, inner = r->kept.dim[r->kept.rank - 1], outer = r->outputs / inner;
    int workers = ct_threads_for(r->threads, work, REDUCE_GRAIN);
    REDUCE(column_job) j = {.r = r, .y = y, .inner = inner, .tile = REDUCE(tile_for)(inner, outer, workers)};
    j.tiles = outer * ct_ceil_div(inner, j.tile);
    j.tasks = ct_tasks_for(workers, j.tiles, work, REDUCE_GRAIN);
    if (r->chunks == 1 || j.tiles >= CT_TASKS_EACH * workers)
        ct_parallel_for(workers, j.tasks, REDUCE(columns_task), &j);
    else
        for (int64_t t = 0; t < j.tiles; t++)
            REDUCE(nth_tile)(&j, t, workers);
}

void REDUCE(ct_reduce)(const ct_reduction *r, bool rows, void *y)
{
    if (rows)
        REDUCE(rows)(r, y);
    else
        REDUCE(columns)(r, y);
}

#undef T
#undef REDUCE
#undef LOAD_LAST
#undef TAKE
