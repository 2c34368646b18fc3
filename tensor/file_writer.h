/* SPDX-License-Identifier: MIT */
/* What the writers of array formats share beyond the public file writer. */
#ifndef COTANGENT_FILE_WRITER_H
#define COTANGENT_FILE_WRITER_H

#include <cotangent/files.h>

/* The elements of `t`, row-major. */
bool ct_file_writer_tensor(ct_file_writer *w, const ct_tensor *t, ct_error *err);
/* Commit when `ok`, else discard; w may be NULL. Returns whether the file is in place. */
bool ct_file_writer_finish(ct_file_writer *w, bool ok, ct_error *err);

#endif
