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
relation relation_of(const ct_program *p, int v);

enum { LARGEST_GROUP = 64, LARGEST_CODE = LARGEST_GROUP * (2 + CT_MAP_MAX_INPUTS) };

typedef struct grouping {
    int *group;     /* by step: the group's number, which is one of its steps */
    int *next;      /* by step: the next member of its group, in order; -1 at the end */
    int *tail;      /* by group: its last member */
    int *size;      /* by group: members */
    int64_t *full;  /* by group: elements at the full level */
    int64_t *rows;  /* by group: elements at the level of rows, 0 when there is none */
    int *maker;     /* by value: the step that makes it (not through views), -1 for none */
    bool *escapes;  /* by value: read outside its group, or kept */
} grouping;

bool find_groups(ct_program *p, grouping *g);  /* false when out of memory; grouping_free in any case */
void grouping_free(grouping *g);

/* The reduced axes of a step that reduces rows: true when `columns` elements of its operand make one of its result. */
bool reduces_rows(const ct_program *p, const step *s, int64_t *columns);

/* The code of a group into `into`, whose rows, columns and block are set. */
bool emit_group(ct_program *p, const grouping *g, int group, step *into);

/* Give the registers of `code`, so far numbered by instruction, to as few as will do; returns how many. */
int allocate_registers(instruction *code, int n);

#endif
