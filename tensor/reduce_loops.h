/* The loops of one reduction on one element type. Included once for each, with T the type, REDUCE(kind) a name ending
 * in that of the reduction, COMBINE(a, b), and NEUTRAL, what combines with any a to a. */

/* --- rows --- */

/* Fewer elements than a stride of the next function: eight side by side, then the rest one by one. */
static inline T REDUCE(short_item)(const T *x, int64_t n)
{
    if (n < 16) {
        T value = NEUTRAL;
        for (int64_t i = 0; i < n; i++)
            value = COMBINE(value, x[i]);
        return value;
    }
    T a = x[0], b = x[1], c = x[2], d = x[3], e = x[4], f = x[5], g = x[6], h = x[7];
    int64_t i = 8;
    for (; i + 8 <= n; i += 8) {
        a = COMBINE(a, x[i]), b = COMBINE(b, x[i + 1]), c = COMBINE(c, x[i + 2]), d = COMBINE(d, x[i + 3]);
        e = COMBINE(e, x[i + 4]), f = COMBINE(f, x[i + 5]), g = COMBINE(g, x[i + 6]), h = COMBINE(h, x[i + 7]);
    }
    a = COMBINE(a, e), b = COMBINE(b, f), c = COMBINE(c, g), d = COMBINE(d, h);
    a = COMBINE(a, c), b = COMBINE(b, d);
    a = COMBINE(a, b);
    for (; i < n; i++)
        a = COMBINE(a, x[i]);
    return a;
}

/* n contiguous elements, at most REDUCE_ITEM, in strides of four of the widest vectors: lane l takes l, l + lanes, ...
 * */
static T REDUCE(item)(const T *x, int64_t n)
{
    enum { LANES = 256 / sizeof(T) };
    if (n < LANES)
        return REDUCE(short_item)(x, n);
    _Alignas(64) T lane[LANES];
    memcpy(lane, x, sizeof lane);
    int64_t i = LANES;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] = COMBINE(lane[l], x[i + l]);
    for (int half = LANES / 2; half >= 16; half /= 2)
        for (int l = 0; l < half; l++)
            lane[l] = COMBINE(lane[l], lane[l + half]);
    T value = REDUCE(short_item)(lane, 16), rest = REDUCE(short_item)(x + i, n - i);
    return COMBINE(value, rest);
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

typedef T REDUCE(tile)[REDUCE_TILE];

static void REDUCE(add_row)(T *acc, const T *x, int64_t columns, int64_t stride)
{
    if (stride == 1) {
#pragma omp simd
        for (int64_t j = 0; j < columns; j++)
            acc[j] = COMBINE(acc[j], x[j]);
    } else {
        for (int64_t j = 0; j < columns; j++)
            acc[j] = COMBINE(acc[j], x[j * stride]);
    }
}

/* Rows start..start+rows-1 of some columns, one after the other, into acc. */
static void REDUCE(column_block)(const ct_walk *reduced, int64_t start, int64_t rows, int64_t columns, int64_t stride,
    T *acc)
{
    const T *x = (const T *)(const void *)reduced->data;
    for (int64_t j = 0; j < columns; j++)
        acc[j] = NEUTRAL;
    for (int64_t i = start; i < start + rows; i++)
        REDUCE(add_row)(acc, x + ct_walk_offset(reduced, i), columns, stride);
}

static void REDUCE(column_chunk)(const ct_walk *reduced, int64_t start, int64_t rows, int64_t unit, int64_t columns, int64_t stride,
    T *out)
{
    REDUCE(tile) stack[REDUCE_LEVELS];
    int64_t count = 0;
    int top = 0;
    for (int64_t i = start; i < start + rows; i += unit) {
        REDUCE(column_block)(reduced, i, ct_min(unit, start + rows - i), columns, stride, stack[top++]);
        for (int64_t carry = count++; carry & 1; carry >>= 1, top--)
            REDUCE(add_row)(stack[top - 2], stack[top - 1], columns, 1);
    }
    for (; top > 1; top--)
        REDUCE(add_row)(stack[top - 2], stack[top - 1], columns, 1);
    memcpy(out, stack[0], (size_t)columns * sizeof(T));
}

static void REDUCE(column_part)(void *argument, int64_t c, int thread)
{
    const REDUCE(chunk_job) *j = argument;
    int64_t start = c * j->r->chunk;
    (void)thread;
    REDUCE(column_chunk)(&j->reduced, start, ct_min(j->r->chunk, j->r->n - start), j->r->unit, j->columns, j->stride, j->part + c * REDUCE_TILE);
}

/* Outputs first..first+columns-1, which lie `stride` apart in x. */
static void REDUCE(column_tile)(const ct_reduction *r, int64_t first, int64_t columns, T *y, int workers)
{
    T part[REDUCE_CHUNKS * REDUCE_TILE];
    int64_t stride = r->kept.stride[r->kept.rank - 1];
    REDUCE(chunk_job) j = {.r = r, .reduced = r->reduced, .part = part, .columns = columns, .stride = stride};
    j.reduced.data += ct_walk_offset(&r->kept, first) * (int64_t)sizeof(T);
    ct_parallel_for(workers, r->chunks, REDUCE(column_part), &j);
    for (int64_t step = 1; step < r->chunks; step *= 2)
        for (int64_t c = 0; c + step < r->chunks; c += 2 * step)
            REDUCE(add_row)(part + c * REDUCE_TILE, part + (c + step) * REDUCE_TILE, columns, 1);
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
    int64_t tile = REDUCE_TILE;
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
