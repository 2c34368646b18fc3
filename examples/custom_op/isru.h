/* SPDX-License-Identifier: MIT */
/* An elementwise op: the inverse square root unit, a smooth step from -1 to 1. */
#ifndef ISRU_H
#define ISRU_H

#include <cotangent.h>

extern const ct_op isru_op;

/* x / sqrt(1 + x^2); any shape, float32 or float64. */
#define isru(x) isru_at(CT_HERE, (x))
ct_var *isru_at(ct_site at, ct_var *x);

#endif
