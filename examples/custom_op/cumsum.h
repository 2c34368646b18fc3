/* SPDX-License-Identifier: MIT */
/* A linear op: running sums along the last axis. */
#ifndef CUMSUM_H
#define CUMSUM_H

#include <cotangent.h>

extern const ct_op cumsum_op;

/* y[..., i] = x[..., 0] + ... + x[..., i], or if reverse x[..., i] + ... + x[..., n-1]; float32 or float64, rank 1 or
 * more. */
#define cumsum(x, reverse) cumsum_at(CT_HERE, (x), (reverse))
ct_var *cumsum_at(ct_site at, ct_var *x, bool reverse);

#endif
