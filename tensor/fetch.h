/* SPDX-License-Identifier: MIT */
/* Memory that will be read soon, brought into the second-level cache line by line while something else is computed. */
#ifndef COTANGENT_FETCH_H
#define COTANGENT_FETCH_H

#include <stdint.h>

enum { CT_FETCH_LINE = 64 };

/* What is left of a number of rows, each so many lines that follow each other. */
typedef struct ct_fetch {
    const char *at;          /* the next line */
    int64_t lines;           /* left in all rows */
    int64_t in_row, of_row;  /* left in this one, and in each */
    int64_t skip;            /* bytes from the end of a row to the next */
} ct_fetch;

/* `rows` rows of `bytes` bytes, `step` bytes apart. Where that is no whole number of lines, all rows are taken to begin at the place of a line at which the first does: the
 * last line of some may be left out, or fetched for nothing. */
static inline ct_fetch ct_fetch_of(const void *data, int64_t rows, int64_t bytes, int64_t step)
{
    int64_t into = (int64_t)((uintptr_t)data % CT_FETCH_LINE), of_row = (into + bytes + CT_FETCH_LINE - 1) / CT_FETCH_LINE;
    return (ct_fetch){(const char *)data - into, rows * of_row, of_row, of_row, step - of_row * CT_FETCH_LINE};
}

static inline void ct_fetch_lines(ct_fetch *f, int64_t n)
{
    if (n > f->lines)
        n = f->lines;
    f->lines -= n;
    for (; n > 0; n--, f->at += CT_FETCH_LINE) {
        __builtin_prefetch(f->at, 0, 2);
        if (--f->in_row == 0)
            f->in_row = f->of_row, f->at += f->skip;
    }
}

/* Part i of n, in whole rows. */
static inline ct_fetch ct_fetch_part(ct_fetch f, int64_t i, int64_t n)
{
    int64_t rows = f.of_row ? f.lines / f.of_row : 0, first = rows * i / n, end = rows * (i + 1) / n;
    f.at += first * (f.of_row * CT_FETCH_LINE + f.skip);
    f.lines = (end - first) * f.of_row;
    return f;
}

/* What is fetched while a block of tiles is computed, and how much of it with each tile. */
enum { CT_AHEAD = 2 };
typedef struct ct_ahead {
    ct_fetch of[CT_AHEAD];
    int64_t lines[CT_AHEAD];
} ct_ahead;

#endif
