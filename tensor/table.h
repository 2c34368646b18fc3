/* SPDX-License-Identifier: MIT */
/* Items under distinct names, in the order they were added, found by name in constant time. */
#ifndef COTANGENT_TABLE_H
#define COTANGENT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ct_table_entry {
    char *name;   /* the table's */
    void *item;   /* the caller's */
} ct_table_entry;

/* Start from {0}. */
typedef struct ct_table {
    ct_table_entry *entry;
    int64_t count, capacity;
    int64_t *slot;  /* hash table of indices into `entry`, -1 where free */
    int64_t slots;  /* a power of two, twice the capacity */
} ct_table;

int64_t ct_table_find(const ct_table *t, const char *name);         /* its index, or -1 */
bool ct_table_add(ct_table *t, const char *name, void *item);       /* a name not in the table; false when out of memory */
void ct_table_release(ct_table *t, void (*release_item)(void *));

#endif
