/* SPDX-License-Identifier: MIT */
/* What has been printed to a file, as text. */
#ifndef PRINTED_H
#define PRINTED_H

#include "support.h"

#include <cotangent/program.h>
#include <stdio.h>
#include <stdlib.h>

static inline FILE *page(void)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    return f;
}

/* All of it, to be freed; the file is closed. */
static inline char *text_of(FILE *f)
{
    long n = ftell(f);
    char *text = calloc((size_t)n + 1, 1);
    rewind(f);
    assert_int_equal(fread(text, 1, (size_t)n, f), n);
    fclose(f);
    return text;
}

/* A program, to be freed. */
static inline char *printed_program(const ct_program *p)
{
    FILE *f = page();
    ct_program_print(p, f);
    return text_of(f);
}

#endif
