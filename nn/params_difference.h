/* SPDX-License-Identifier: MIT */
/* In what two sets of names and shapes differ, told in one line. */
#ifndef NN_PARAMS_DIFFERENCE_H
#define NN_PARAMS_DIFFERENCE_H

#include <cotangent/error.h>

/* Names of one kind, comma-separated, as many as fit. */
typedef struct name_list {
    const char *kind;  /* "missing" */
    int count, shown;
    int length;
    char text[300];
} name_list;

void nn_name_list_add(name_list *l, const char *format, ...) CT_PRINTF(2, 3);

/* True when every list is empty; else fails with "3 missing: a, b, c; 1 unexpected: d". */
bool nn_name_lists_empty(int n, const name_list *lists, ct_error *err);

#endif
