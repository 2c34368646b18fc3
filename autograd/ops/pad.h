/* SPDX-License-Identifier: MIT */
/* Private: what reverse mode knows of pads and concatenations. */
#ifndef COTANGENT_OPS_PAD_H
#define COTANGENT_OPS_PAD_H

#include "common.h"

typedef struct pad_attr {
    int64_t axis, lo, hi, inner;
} pad_attr;

typedef struct concat_attr {
    int64_t axis;
} concat_attr;

#endif
