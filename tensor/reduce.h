/* SPDX-License-Identifier: MIT */
/* A reduction seen as two walks over the same memory: the kept axes, whose elements are where an output starts, and the
 * reduced axes, which lead from there through the output's elements. The order in which these are combined depends on
 * their number alone:
 *   rows (the last axis is reduced): items of 1024 elements, an item by fixed lanes;
 *   columns (the last axis is kept): blocks of ct_sum_block elements, one after the other;
 * items and blocks are combined pairwise, neighbours first. Chunks of 2^k items or blocks are what threads share out. */
#ifndef COTANGENT_REDUCE_H
#define COTANGENT_REDUCE_H

#include "walk.h"

#include <string.h>

enum {
    REDUCE_ITEM = 1024,         /* elements of an item; CT_ROW_MAX */
    REDUCE_AHEAD = 16,          /* rows from the one that is added to the one that is prefetched */
    REDUCE_NARROWEST = 16,      /* columns that are reduced together, at least */
    REDUCE_CHUNKS = 32,         /* at most, of an output */
    REDUCE_CHUNK_UNITS = 16,    /* items or blocks of a chunk, at least */
    REDUCE_LEVELS = 48,         /* of pairwise combination: up to 2^48 items */
    REDUCE_GRAIN = 32768        /* elements a task should have */
};

typedef struct ct_reduction {
    ct_walk kept, reduced;
    int64_t outputs;            /* elements of the result */
    int64_t n;                  /* elements that make one of them */
    int64_t unit;               /* elements of an item or block */
    int64_t chunk;              /* elements of a chunk */
    int64_t chunks;
    int threads;
} ct_reduction;

/* Zeros, then ones: read from the middle less a vector on, none of its lanes is set; from one lane on, the last; ... */
static const int32_t reduce_last_lanes[32] = {[16] = -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

void ct_reduce_sum_f32(const ct_reduction *r, bool rows, void *y);
void ct_reduce_sum_f64(const ct_reduction *r, bool rows, void *y);
void ct_reduce_sum_i32(const ct_reduction *r, bool rows, void *y);
void ct_reduce_max_f32(const ct_reduction *r, bool rows, void *y);
void ct_reduce_max_f64(const ct_reduction *r, bool rows, void *y);
void ct_reduce_max_i32(const ct_reduction *r, bool rows, void *y);

#endif
