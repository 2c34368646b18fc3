/* SPDX-License-Identifier: MIT */
/* Checking an op of one's own. */
#ifndef CHECK_H
#define CHECK_H

#include <cotangent.h>

/* Its table is complete, its derivatives of first and second order are right on every sample, and what must be refused
 * is refused. Prints a line a sample. */
bool check_op(const ct_op *op);

#endif
