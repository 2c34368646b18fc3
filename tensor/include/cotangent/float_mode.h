/* SPDX-License-Identifier: MIT */
/* How a thread's arithmetic rounds and treats subnormal numbers: the control register of its floating-point unit. */
#ifndef COTANGENT_FLOAT_MODE_H
#define COTANGENT_FLOAT_MODE_H

#include <cotangent/error.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* MXCSR on x86-64, FPCR on arm64; 0 elsewhere, where setting it does nothing. */
typedef uint64_t ct_float_mode;

CT_API ct_float_mode ct_float_mode_get(void);       /* of the calling thread */
CT_API void ct_float_mode_set(ct_float_mode mode);  /* as ct_float_mode_get gave it, or one of the two below */

/* The same mode, but subnormal operands count as zeros and subnormal results become zeros, of the same sign. Arithmetic on subnormal numbers takes a hundred times as
 * long as on others on many processors. */
CT_API ct_float_mode ct_float_mode_flushing(ct_float_mode mode);
/* The same mode, but subnormal numbers are numbers like others (IEEE 754). */
CT_API ct_float_mode ct_float_mode_keeping(ct_float_mode mode);

#ifdef __cplusplus
}
#endif
#endif
