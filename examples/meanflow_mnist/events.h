/* A file of scalars for TensorBoard: records "length, checksum, data, checksum" whose data are Event messages of
 * protocol buffers (tensorflow/core/util/event.proto). TensorBoard takes any file with "tfevents" in its name. */
#ifndef EVENTS_H
#define EVENTS_H

#include <cotangent.h>
#include <stdio.h>

/* Begins a file. NULL when it cannot be written. */
FILE *events_begin(const char *path, ct_error *err);
/* Opens the file of a run that goes on after `step`: later records, and what is not a whole one, are dropped.
 * Where there is none, a new one. */
FILE *events_resume(const char *path, int64_t step, ct_error *err);

/* One record: `count` scalars of a step. Errors stay in the stream, as with fprintf. */
void events_add(FILE *to, int64_t step, int count, const char *const *names, const double *values);

#endif
