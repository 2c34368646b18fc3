/* SPDX-License-Identifier: MIT */
/* Private: groups of steps that become one. */
#ifndef CT_FUSE_H
#define CT_FUSE_H

#include "program_impl.h"

/* How a step reads a value that another makes. */
typedef enum relation {
    APART,   /* only through memory, once it is whole */
    SAME,    /* element i of the operand is element i of the value */
    SPREAD   /* element [r, c] of the operand is element r of the value */
} relation;
relation ct_fuse_relation(const ct_program *p, int v);

enum { LARGEST_GROUP = 64, LARGEST_CODE = LARGEST_GROUP * (2 + CT_MAP_MAX_INPUTS) };

typedef struct grouping {
    int *group;     /* by step: the group's number, which is one of its steps */
    int *next;      /* by step: the next member of its group, in order; -1 at the end */
    int *tail;      /* by group: its last member */
    int *size;      /* by group: members */
    int64_t *full;  /* by group: elements at the full level */
    int64_t *rows;  /* by group: elements at the level of rows, 0 when there is none */
    int64_t *unit;  /* by group: rows that stay together */
    int *maker;     /* by value: the step that makes it (not through views), -1 for none */
    bool *escapes;  /* by value: read outside its group, or kept */
} grouping;

/* Groups being joined. */
typedef struct joiner {
    ct_program *p;
    grouping *g;
    int *segment;      /* by step: how many contractions came before; -1: not to be fused */
    int *reader_start; /* by step: its readers are reader[reader_start[s]] to reader[reader_start[s + 1] - 1] */
    int *reader;
    int *stack;        /* for walks over the steps */
    bool *seen;
} joiner;

/* The step that makes value v, looking through views; -1 for none. */
static inline int maker_of(const joiner *j, int v)
{
    return j->g->maker[root_value(j->p, v)];
}

/* Whether a path leads from group a to group b through others: joined, the two would have to run both before and after those. */
bool ct_fuse_leads_around(joiner *j, int a, int b);
/* Make one group of two, with these levels. */
void ct_fuse_join(joiner *j, int a, int b, int64_t full, int64_t rows);
/* Make matrix products part of the groups that can run on their finished rows. */
void ct_fuse_attach_products(joiner *j);

bool ct_fuse_find_groups(ct_program *p, grouping *g);  /* false when out of memory; ct_fuse_grouping_free in any case */
void ct_fuse_grouping_free(grouping *g);

/* The reduced axes of a step that reduces rows: true when `columns` elements of its operand make one of its result. */
bool ct_fuse_reduces_rows(const ct_program *p, const step *s, int64_t *columns);

/* Give a load of `a` a slot, one of MOST_HELD of which *slots are taken, where it would often load again what is there. `block`: elements of a register. */
void ct_fuse_hoist_load(instruction *load, const ct_array *a, int64_t block, int *slots);

/* Whether a step is a sum down columns that a row program can make in passing: how, into *c. */
bool ct_fuse_sums_columns(const ct_program *p, const step *s, column_sum *c);
/* The least common multiple. */
int64_t ct_fuse_common_unit(int64_t a, int64_t b);

enum { MOST_COLUMNS = 2048, LARGEST_UNIT = 256 };

/* The code of a group into `into`, whose rows, columns and block are set. */
bool ct_fuse_emit_group(ct_program *p, const grouping *g, int group, step *into);

/* Whether the last axis of `a` has n elements, which are contiguous and the same along all other axes. */
bool ct_fuse_is_bias(const ct_array *a, int64_t n);
/* What the code first adds to its product may become that product's bias. `operand`: the values that operands are. Returns how many instructions are left. */
int ct_fuse_take_bias(const ct_program *p, product *lead, const int *operand, instruction *code, int n);

/* Takes instructions out of `code`, whose registers are numbered by instruction, and keeps that so; returns how many are left. */
int ct_fuse_close_gaps(instruction *code, const bool *gone, int n);

/* Two or three arithmetic maps become one where they can, and registers are numbered by the new instructions; returns how many, -1 when out of memory. */
int ct_fuse_join_maps(ct_program *p, instruction *code, int n);

/* Give the registers of `code`, so far numbered by instruction, to as few as will do; returns how many. */
int ct_fuse_allocate_registers(instruction *code, int n);

#endif
