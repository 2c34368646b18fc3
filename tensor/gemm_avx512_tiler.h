/* SPDX-License-Identifier: MIT */
/* Our own micro-kernels, in vectors of 64 bytes. */
#ifndef COTANGENT_GEMM_AVX512_TILER_H
#define COTANGENT_GEMM_AVX512_TILER_H

#include "gemm.h"

/* False where the processor does not have them. */
bool ct_tiler_avx512(ct_dtype dtype, ct_tiler *t);

#endif
