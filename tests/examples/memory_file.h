/* SPDX-License-Identifier: MIT */
/* What is written to a FILE, as a string. */
#ifndef MEMORY_FILE_H
#define MEMORY_FILE_H

#include <stdio.h>
#include <stdlib.h>

#include "support.h"

typedef struct memory_file {
    FILE *to;
    char *text;
    size_t size;
} memory_file;

static inline void memory_file_open(memory_file *m)
{
    m->to = open_memstream(&m->text, &m->size);
    assert_non_null(m->to);
}

/* Ends it; the text is there, to be freed. */
static inline char *memory_file_text(memory_file *m)
{
    assert_int_equal(fclose(m->to), 0);
    return m->text;
}

#endif
