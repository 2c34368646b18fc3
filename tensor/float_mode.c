/* SPDX-License-Identifier: MIT */
/* The control register of a thread's floating-point unit. */
#include <cotangent/float_mode.h>

#if defined(__x86_64__)
enum { FLUSH = 1 << 15 | 1 << 6 };  /* flush to zero, denormals are zero */

ct_float_mode ct_float_mode_get(void)
{
    return __builtin_ia32_stmxcsr();
}

void ct_float_mode_set(ct_float_mode mode)
{
    __builtin_ia32_ldmxcsr((unsigned)mode);
}
#elif defined(__aarch64__)
enum { FLUSH = 1 << 24 };  /* FZ: operands and results of float32 and float64 */

ct_float_mode ct_float_mode_get(void)
{
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}

void ct_float_mode_set(ct_float_mode mode)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
}
#else
enum { FLUSH = 0 };

ct_float_mode ct_float_mode_get(void)
{
    return 0;
}

void ct_float_mode_set(ct_float_mode mode)
{
    (void)mode;
}
#endif

ct_float_mode ct_float_mode_flushing(ct_float_mode mode)
{
    return mode | FLUSH;
}

ct_float_mode ct_float_mode_keeping(ct_float_mode mode)
{
    return mode & ~(ct_float_mode)FLUSH;
}
