/* SPDX-License-Identifier: MIT */
/* A file of scalars for TensorBoard: records "length, checksum, data, checksum" whose data are Event messages of
 * protocol buffers (tensorflow/core/util/event.proto). TensorBoard takes any file with "tfevents" in its name. */
#ifndef EVENTS_H
#define EVENTS_H

#include <cotangent.h>
#include <stdio.h>

/* Begins a file. NULL when it cannot be written. */
FILE *events_begin(const char *path, ct_error *err);
/* The length of the records up to `step` that are whole, have the right checksums and follow one another; how many of them
 * are of a step, and the last of these steps (0 for none). */
long events_up_to(FILE *from, int64_t step, int64_t *count, int64_t *last);
/* Cuts the file at `length` and opens it to add records. Where nothing is left, a new one. */
FILE *events_resume(const char *path, long length, ct_error *err);

/* One record: `count` scalars of a step. Errors stay in the stream, as with fprintf. */
void events_add(FILE *to, int64_t step, int count, const char *const *names, const double *values);

#endif
