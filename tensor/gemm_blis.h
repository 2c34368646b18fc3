/* SPDX-License-Identifier: MIT */
/* BLIS's micro-kernels. */
#ifndef COTANGENT_GEMM_BLIS_H
#define COTANGENT_GEMM_BLIS_H

#include "gemm.h"

ct_tiler ct_tiler_blis(ct_dtype dtype);

#endif
