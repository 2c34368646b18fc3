/* SPDX-License-Identifier: MIT */
/* The table of named items, by open addressing: its slots are never more than half full. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static uint64_t hash(const char *name)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001B3);
    return h ^ (h >> 32);
}

/* The slot that holds `name`, or the free one where it belongs. */
static int64_t *locate(const ct_table *t, const char *name)
{
    uint64_t mask = (uint64_t)t->slots - 1;
    for (uint64_t i = hash(name) & mask;; i = (i + 1) & mask)
        if (t->slot[i] < 0 || strcmp(t->entry[t->slot[i]].name, name) == 0)
            return &t->slot[i];
}

int64_t ct_table_find(const ct_table *t, const char *name)
{
    return t->count > 0 ? *locate(t, name) : -1;
}

static bool grow(ct_table *t)
{
    int64_t capacity = t->capacity ? 2 * t->capacity : 16, slots = 2 * capacity;
    ct_table_entry *entry = realloc(t->entry, (size_t)capacity * sizeof *entry);
    if (entry)
        t->entry = entry;
    int64_t *slot = entry ? malloc((size_t)slots * sizeof *slot) : NULL;
    if (!slot)
        return false;
    free(t->slot);
    t->slot = slot;
    t->slots = slots;
    t->capacity = capacity;
    for (int64_t i = 0; i < slots; i++)
        slot[i] = -1;
    for (int64_t i = 0; i < t->count; i++)
        *locate(t, t->entry[i].name) = i;
    return true;
}

bool ct_table_add(ct_table *t, const char *name, void *item)
{
    if (t->count == t->capacity && !grow(t))
        return false;
    char *copy = strdup(name);
    if (!copy)
        return false;
    *locate(t, name) = t->count;
    t->entry[t->count++] = (ct_table_entry){copy, item};
    return true;
}

void ct_table_release(ct_table *t, void (*release_item)(void *))
{
    for (int64_t i = 0; i < t->count; i++) {
        free(t->entry[i].name);
        release_item(t->entry[i].item);
    }
    free(t->entry);
    free(t->slot);
    *t = (ct_table){0};
}
