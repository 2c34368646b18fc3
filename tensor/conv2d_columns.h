/* Patches to columns and back, for one element type: T, and COLUMNS(name) a name ending in that of the type. */

/* Positions of one output row, ox..ox+n-1, for one kernel element: x starts at the input row, shifted by the kernel's column.
 * The inputs at columns first..last-1 of that row exist. */
static void COLUMNS(gather_run)(const conv2d *v, const T *row, int64_t shift, int64_t ox, int64_t n, T *to)
{
    int64_t step = v->stride[1];
    int64_t low = shift >= 0 ? 0 : ct_ceil_div(-shift, step), high = shift >= v->w ? 0 : (v->w - 1 - shift) / step + 1;
    int64_t first = ct_min(ct_max(low - ox, 0), n), last = ct_max(ct_min(high - ox, n), first);
    for (int64_t i = 0; i < first; i++)
        to[i] = 0;
    if (step == 1 && last > first)
        memcpy(to + first, row + shift + ox + first, (size_t)(last - first) * sizeof(T));
    else
        for (int64_t i = first; i < last; i++)
            to[i] = row[shift + (ox + i) * step];
    for (int64_t i = last; i < n; i++)
        to[i] = 0;
}

static void COLUMNS(scatter_run)(const conv2d *v, T *row, int64_t shift, int64_t ox, int64_t n, const T *from)
{
    int64_t step = v->stride[1];
    int64_t low = shift >= 0 ? 0 : ct_ceil_div(-shift, step), high = shift >= v->w ? 0 : (v->w - 1 - shift) / step + 1;
    int64_t first = ct_min(ct_max(low - ox, 0), n), last = ct_max(ct_min(high - ox, n), first);
    for (int64_t i = first; i < last; i++)
        row[shift + (ox + i) * step] += from[i];
}

/* One row of the columns matrix: channel c, kernel element (ky, kx). */
static void COLUMNS(gather_row)(const conv2d *v, const T *x, int64_t ky, int64_t kx, int64_t start, int64_t n, T *to)
{
    int64_t shift = kx * v->dilation[1] - v->pad[1];
    for (int64_t p = start; p < start + n;) {
        int64_t oy = p / v->ow, ox = p % v->ow, run = ct_min(v->ow - ox, start + n - p);
        int64_t iy = oy * v->stride[0] + ky * v->dilation[0] - v->pad[0];
        if (iy >= 0 && iy < v->h)
            COLUMNS(gather_run)(v, x + iy * v->w, shift, ox, run, to);
        else
            memset(to, 0, (size_t)run * sizeof(T));
        to += run;
        p += run;
    }
}

static void COLUMNS(scatter_row)(const conv2d *v, T *x, int64_t ky, int64_t kx, int64_t start, int64_t n, const T *from)
{
    int64_t shift = kx * v->dilation[1] - v->pad[1];
    for (int64_t p = start; p < start + n;) {
        int64_t oy = p / v->ow, ox = p % v->ow, run = ct_min(v->ow - ox, start + n - p);
        int64_t iy = oy * v->stride[0] + ky * v->dilation[0] - v->pad[0];
        if (iy >= 0 && iy < v->h)
            COLUMNS(scatter_run)(v, x + iy * v->w, shift, ox, run, from);
        from += run;
        p += run;
    }
}

static void COLUMNS(gather)(const conv2d *v, const T *x, int64_t start, int64_t n, T *columns)
{
    for (int64_t c = 0; c < v->c; c++)
        for (int64_t ky = 0; ky < v->kh; ky++)
            for (int64_t kx = 0; kx < v->kw; kx++, columns += n)
                COLUMNS(gather_row)(v, x + c * v->h * v->w, ky, kx, start, n, columns);
}

static void COLUMNS(scatter)(const conv2d *v, T *x, int64_t start, int64_t n, const T *columns)
{
    for (int64_t c = 0; c < v->c; c++)
        for (int64_t ky = 0; ky < v->kh; ky++)
            for (int64_t kx = 0; kx < v->kw; kx++, columns += n)
                COLUMNS(scatter_row)(v, x + c * v->h * v->w, ky, kx, start, n, columns);
}

#undef T
#undef COLUMNS
