/* SPDX-License-Identifier: MIT */
/* Packing: a matrix as the panels that the micro-kernel reads, step by step of k. */
#include "gemm.h"
#include "walk.h"

#include <string.h>

enum {
    LINE = 64,
    AHEAD = 16   /* steps of k that are fetched beforehand where each is a line or more: their lines lie too far apart for the processor to guess */
};

#define T float
#define PACK(name) name##_f32
#include "gemm_pack.h"

#define T double
#define PACK(name) name##_f64
#include "gemm_pack.h"

/* Steps of k packed at a time: the lines of a matrix that lies by columns are still in cache when the next panel needs its part of them. Fewer where columns lie
 * so far apart that their lines compete for a few places of the cache. */
enum { STRIP = 32, SHORT_STRIP = 8, COMPETING = 2048 };

/* An odd number of lines: panels a multiple of 4 KiB apart, to all of which a step of k is packed, would compete for a few places of the first-level cache. */
size_t ct_panel_bytes(const ct_tiler *t, ct_side side, int64_t k)
{
    return ct_gemm_aligned((size_t)(side.step * k * t->size)) | CT_GEMM_ALIGNMENT;
}

size_t ct_panels_bytes(const ct_tiler *t, ct_side side, int64_t extent, int64_t k)
{
    return (size_t)ct_ceil_div(extent, side.width) * ct_panel_bytes(t, side, k);
}

static void pack_panel(ct_dtype dtype, ct_side side, ct_matrix from, int64_t rows, int64_t k, void *to)
{
    bool whole = rows == side.width;
    if (dtype == CT_F32 && whole)
        whole_panel_f32(from.data, from.row, from.column, side.width, k, to, side.step);
    else if (dtype == CT_F32)
        part_panel_f32(from.data, from.row, from.column, rows, side.width, k, to, side.step);
    else if (whole)
        whole_panel_f64(from.data, from.row, from.column, side.width, k, to, side.step);
    else
        part_panel_f64(from.data, from.row, from.column, rows, side.width, k, to, side.step);
}

static void pack(ct_dtype dtype, ct_side side, ct_matrix from, int64_t extent, int64_t k, void *to, size_t panel)
{
    int64_t size = (int64_t)ct_dtype_size(dtype), strip = from.column == 1 ? k : from.column * size % COMPETING ? STRIP : SHORT_STRIP;
    for (int64_t l = 0; l < k; l += strip) {
        char *at = (char *)to + l * side.step * size;
        for (int64_t i = 0; i < extent; i += side.width, at += panel)
            pack_panel(dtype, side, ct_matrix_at(from, size, i, l), ct_min(side.width, extent - i), ct_min(strip, k - l), at);
    }
}

static void pack_f32(ct_side side, ct_matrix from, int64_t extent, int64_t k, void *to, size_t panel)
{
    pack(CT_F32, side, from, extent, k, to, panel);
}

static void pack_f64(ct_side side, ct_matrix from, int64_t extent, int64_t k, void *to, size_t panel)
{
    pack(CT_F64, side, from, extent, k, to, panel);
}

ct_pack_fn *ct_pack_any(ct_dtype dtype)
{
    return dtype == CT_F32 ? pack_f32 : pack_f64;
}
