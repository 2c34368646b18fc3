/* SPDX-License-Identifier: MIT */
/* Counting files that are not there. */
#include "missing.h"

void missing_add(training *t, const ct_error *why)
{
    if (t->missing++ == 0)
        t->missed = *why;
    progress_note(&t->progress, "step %lld: %s; the training goes on", (long long)t->done, why->message);
}

bool missing_none(const training *t, ct_error *err)
{
    return t->missing == 0 || ct_fail(err, CT_E_IO, "the model is written, and %lld other file%s not: %s",
                                      (long long)t->missing, t->missing == 1 ? " is" : "s are", t->missed.message);
}
