/* SPDX-License-Identifier: MIT */
/* Memory that grows by chunks and is given back as a whole. */
#include "graph_impl.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 1 << 14, LARGEST_CHUNK = 1 << 20 };

typedef struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;  /* bytes of data */
    _Alignas(16) unsigned char data[];
} arena_chunk;

static arena_chunk *add_chunk(arena *a, size_t least)
{
    size_t size = a->chunks ? 2 * a->chunks->size : FIRST_CHUNK;
    if (size > LARGEST_CHUNK)
        size = LARGEST_CHUNK;
    if (size < least)
        size = least;
    arena_chunk *c = malloc(sizeof *c + size);
    if (!c)
        return NULL;
    *c = (arena_chunk){.next = a->chunks, .size = size};
    a->chunks = c;
    a->bytes += sizeof *c + size;
    return c;
}

void *ct_arena_alloc(arena *a, size_t bytes)
{
    bytes = (bytes + 15) / 16 * 16;
    arena_chunk *c = a->chunks;
    if (!c || c->size - c->used < bytes)
        c = add_chunk(a, bytes);
    if (!c)
        return NULL;
    void *p = c->data + c->used;
    c->used += bytes;
    memset(p, 0, bytes);
    return p;
}

void ct_arena_free(arena *a)
{
    for (arena_chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    *a = (arena){0};
}
