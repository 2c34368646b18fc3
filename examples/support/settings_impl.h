/* SPDX-License-Identifier: MIT */
/* A file of settings, taken apart. */
#ifndef EXAMPLE_SETTINGS_IMPL_H
#define EXAMPLE_SETTINGS_IMPL_H

#include "settings.h"

typedef struct setting {
    int line;
    char kind;          /* '"', '[', or 'n' for what stands as it is */
    char *name, *value;
    const char *section, *comment;  /* "" where there is none */
} setting;

struct settings {
    char *path, *text;  /* names and values are pieces of the text */
    setting *item;
    int count;
    const char *section;  /* of the line that is read */
};

#endif
