/* SPDX-License-Identifier: MIT */
/* Patches to columns and back, for one element type: T, and COLUMNS(name) a name ending in that of the type. */

/* Positions ox..ox+n-1 of one output row, for one kernel element: output ox looks at input ox stride + shift of `row`.
 * */
static void COLUMNS(gather_run)(const conv2d *v, const T *row, int64_t shift, int64_t ox, int64_t n, T *to)
{
    int64_t step = v->stride[1], first, last;
    inside(v, shift, ox, n, &first, &last);
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
    int64_t step = v->stride[1], first, last;
    inside(v, shift, ox, n, &first, &last);
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

static void COLUMNS(gather)(const conv2d *v, conv2d_part part, const T *x, T *columns)
{
    for (int64_t c = 0; c < part.channels; c++)
        for (int64_t ky = 0; ky < v->kh; ky++)
            for (int64_t kx = 0; kx < v->kw; kx++, columns += part.n)
                COLUMNS(gather_row)(v, x + c * v->h * v->w, ky, kx, part.start, part.n, columns);
}

static void COLUMNS(scatter)(const conv2d *v, conv2d_part part, T *x, const T *columns)
{
    for (int64_t c = 0; c < part.channels; c++)
        for (int64_t ky = 0; ky < v->kh; ky++)
            for (int64_t kx = 0; kx < v->kw; kx++, columns += part.n)
                COLUMNS(scatter_row)(v, x + c * v->h * v->w, ky, kx, part.start, part.n, columns);
}

#undef T
#undef COLUMNS
