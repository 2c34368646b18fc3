/* SPDX-License-Identifier: MIT */
/* Files that a training can do without: pictures and the report. One that cannot be written is named at once, the
 * training goes on, and its end tells of it once more. */
#ifndef MISSING_H
#define MISSING_H

#include "training.h"

/* Notes why one of them is not there. */
void missing_add(training *t, const ct_error *why);
/* Whether all of them are. Otherwise *err says how many are not, and why the first is not. */
bool missing_none(const training *t, ct_error *err);

#endif
