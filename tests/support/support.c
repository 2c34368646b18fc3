/* SPDX-License-Identifier: MIT */
/* What the tests share: comparisons and numbers. */
#include "support.h"

#include <math.h>
#include <string.h>

void support_assert_close(double a, double b, double tol, const char *file, int line)
{
    if (a == b || fabs(a - b) <= tol)
        return;
    print_error("%.17g and %.17g differ by %g, expected at most %g\n", a, b, fabs(a - b), tol);
    _fail(file, line);
}

void support_assert_tensors_close(const ct_tensor *a, const ct_tensor *b, double tol, const char *file, int line)
{
    ct_shape x = ct_tensor_shape(a), y = ct_tensor_shape(b);
    if (ct_tensor_dtype(a) != ct_tensor_dtype(b) || !ct_shape_equal(x, y)) {
        print_error("%s %s is not %s %s\n", ct_dtype_name(ct_tensor_dtype(a)), CT_SHAPE_TEXT(x),
                    ct_dtype_name(ct_tensor_dtype(b)), CT_SHAPE_TEXT(y));
        _fail(file, line);
    }
    for (int64_t i = 0; i < ct_tensor_count(a); i++) {
        double p = ct_tensor_get(a, i), q = ct_tensor_get(b, i);
        if (p != q && !(fabs(p - q) <= tol))
            print_error("element %lld of %s:\n", (long long)i, CT_SHAPE_TEXT(x));
        support_assert_close(p, q, tol, file, line);
    }
}

void support_assert_error(const ct_error *err, ct_code code, const char *part, const char *file, int line)
{
    if (err->code == code && strstr(err->message, part))
        return;
    print_error("error is \"%s\": %s\nexpected \"%s\": ...%s...\n", ct_code_name(err->code), err->message,
                ct_code_name(code), part);
    _fail(file, line);
}

void support_assert_ok(bool ok, const ct_error *err, const char *what, const char *file, int line)
{
    if (ok)
        return;
    print_error("%s failed: %s\n", what, err->message);
    _fail(file, line);
}

/* A 64-bit counter by an odd step, then a mixing of its bits. */
uint64_t support_bits(support_rng *rng)
{
    uint64_t x = rng->state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 32)) * UINT64_C(0xD6E8FEB86659FD93);
    x = (x ^ (x >> 32)) * UINT64_C(0xD6E8FEB86659FD93);
    return x ^ (x >> 32);
}

double support_uniform(support_rng *rng, double low, double high)
{
    return low + (high - low) * ((double)(support_bits(rng) >> 11) * 0x1p-53);
}

int64_t support_below(support_rng *rng, int64_t limit)
{
    return (int64_t)(support_bits(rng) % (uint64_t)limit);
}

ct_tensor *support_tensor(ct_dtype dtype, ct_shape shape, support_rng *rng, double low, double high)
{
    ct_error err;
    ct_tensor *t = ct_tensor_new(dtype, shape, &err);
    assert_ok(t, &err);
    for (int64_t i = 0; i < ct_tensor_count(t); i++)
        ct_tensor_set(t, i, support_uniform(rng, low, high));
    return t;
}

/* Read by LeakSanitizer: what LLVM's OpenMP runtime keeps for its threads is not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libomp.so\n";
}
