/* SPDX-License-Identifier: MIT */
/* Files of a folder that are named after the step they are of: "step-00000500" and an ending. */
#ifndef STEP_FILES_H
#define STEP_FILES_H

#include "output.h"

typedef struct step_files {
    char dir[OUTPUT_PATH_SIZE];
    const char *ending;  /* ".png" */
} step_files;

/* The path of the file of a step. */
bool step_files_path(const step_files *f, int64_t step, char path[OUTPUT_PATH_SIZE], ct_error *err);
/* The last step before `before` that there is a file of, and that is a multiple of `every`; -1 when there is none. */
int64_t step_files_newest(const step_files *f, int64_t before, int64_t every);
/* The same, the first step after `after`. */
int64_t step_files_next(const step_files *f, int64_t after);

bool step_files_remove(const step_files *f, int64_t step, ct_error *err);
bool step_files_clear(const step_files *f, ct_error *err);  /* all of them */

#endif
