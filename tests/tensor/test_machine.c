/* SPDX-License-Identifier: MIT */
/* The machine's limits: figures that can be right, bad arguments refused, and the roofline model against what it says by hand. */
#include "support.h"

#include <cotangent/machine.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_positive(double x)
{
    assert_true(isfinite(x));
    assert_true(x > 0);
}

static void check_bandwidth(const ct_machine_bandwidth *b)
{
    const double all[] = {b->read, b->write, b->copy, b->update};
    bool found = false;
    for (int i = 0; i < 4; i++) {
        check_positive(all[i]);
        assert_true(all[i] <= b->best);
        found = found || all[i] == b->best;
    }
    assert_true(found);
    assert_true(b->best < 1e15);
}

static void a_machine_is_measured(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        ct_machine m;
        ct_error err = {0};
        assert_ok(ct_machine_measure(threads, &m, &err), &err);
        assert_int_equal(m.threads, threads);
        check_positive(m.flops_f32);
        check_positive(m.flops_f64);
        assert_true(m.flops_f32 > 1e8 && m.flops_f32 < 1e15);
        assert_true(m.flops_f64 > 1e8 && m.flops_f64 < 1e15);
        for (int i = 0; i < CT_MACHINE_PLACES; i++)
            check_bandwidth(&m.bandwidth[i]);
        assert_true(m.bandwidth[CT_IN_CORE_CACHES].capacity > 0);
        assert_true(m.bandwidth[CT_IN_CORE_CACHES].capacity <= m.bandwidth[CT_IN_SHARED_CACHE].capacity);
        assert_true(m.bandwidth[CT_IN_MEMORY].capacity == SIZE_MAX);
    }
}

/* Only the peaks: the rest stays as it was. */
static void peaks_are_measured_again(void **state)
{
    (void)state;
    ct_machine m = {.threads = 2, .flops_f32 = 1, .flops_f64 = 1, .bandwidth[CT_IN_MEMORY].read = 7};
    ct_error err = {0};
    assert_ok(ct_machine_measure_flops(&m, &err), &err);
    assert_int_equal(m.threads, 2);
    assert_true(m.flops_f32 > 1e8 && m.flops_f32 < 1e15);
    assert_true(m.flops_f64 > 1e8 && m.flops_f64 < 1e15);
    assert_true(m.bandwidth[CT_IN_MEMORY].read == 7);
}

static void misuse_is_named(void **state)
{
    (void)state;
    ct_machine m = {.threads = 77};
    ct_error err;
    assert_false(ct_machine_measure_flops(NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "NULL");
    assert_false(ct_machine_measure_flops(&(ct_machine){.threads = 0}, &err));
    assert_error(&err, CT_E_ARGUMENT, "expected at least 1 thread, got 0");
    assert_false(ct_machine_measure(0, &m, &err));
    assert_error(&err, CT_E_ARGUMENT, "expected at least 1 thread, got 0");
    assert_false(ct_machine_measure(-3, &m, &err));
    assert_error(&err, CT_E_ARGUMENT, "got -3");
    assert_false(ct_machine_measure(1, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "NULL");
    assert_false(ct_machine_measure(0, NULL, NULL));
    assert_int_equal(m.threads, 77);
}

/* 100 and 50 operations a second; 40, 20 and 10 bytes a second in 1000, 10000 and any number of bytes. */
static ct_machine slow_machine(void)
{
    return (ct_machine){.threads = 1, .flops_f32 = 100, .flops_f64 = 50,
                        .bandwidth = {{.capacity = 1000, .best = 40}, {.capacity = 10000, .best = 20}, {.capacity = SIZE_MAX, .best = 10}}};
}

static void check_seconds(ct_dtype dtype, double flops, const double bytes[CT_MACHINE_PLACES], double seconds, ct_limit limit)
{
    ct_machine m = slow_machine();
    ct_limit binds = (ct_limit)-1;
    assert_close(ct_machine_seconds(&m, dtype, flops, bytes, &binds), seconds, 1e-12 * seconds);
    assert_int_equal(binds, limit);
    assert_close(ct_machine_seconds(&m, dtype, flops, bytes, NULL), seconds, 1e-12 * seconds);
}

static void the_slower_of_two_limits_binds(void **state)
{
    (void)state;
    check_seconds(CT_F32, 0, (double[]){0, 0, 0}, 0, CT_LIMIT_NONE);
    check_seconds(CT_F32, 1000, (double[]){0, 0, 0}, 10, CT_LIMIT_COMPUTE);
    check_seconds(CT_F64, 1000, (double[]){0, 0, 0}, 20, CT_LIMIT_COMPUTE);
    check_seconds(CT_F32, 1000, (double[]){399, 0, 0}, 10, CT_LIMIT_COMPUTE);
    check_seconds(CT_F32, 1000, (double[]){800, 0, 0}, 20, CT_LIMIT_CORE);
    check_seconds(CT_I32, 1000, (double[]){0, 800, 0}, 40, CT_LIMIT_SHARED);
    check_seconds(CT_F64, 1000, (double[]){0, 0, 800}, 80, CT_LIMIT_MEMORY);
    check_seconds(CT_F32, 1000, (double[]){200, 60, 30}, 11, CT_LIMIT_CORE);
    check_seconds(CT_F32, 1000, (double[]){80, 20, 40}, 10, CT_LIMIT_COMPUTE);
    check_seconds(CT_F32, 0, (double[]){80, 20, 40}, 7, CT_LIMIT_MEMORY);
}

static void bytes_have_a_place(void **state)
{
    (void)state;
    ct_machine m = slow_machine();
    assert_int_equal(ct_machine_place_for(&m, 0), CT_IN_CORE_CACHES);
    assert_int_equal(ct_machine_place_for(&m, 1000), CT_IN_CORE_CACHES);
    assert_int_equal(ct_machine_place_for(&m, 1001), CT_IN_SHARED_CACHE);
    assert_int_equal(ct_machine_place_for(&m, 10000), CT_IN_SHARED_CACHE);
    assert_int_equal(ct_machine_place_for(&m, 10001), CT_IN_MEMORY);
    assert_int_equal(ct_machine_place_for(&m, 1e300), CT_IN_MEMORY);
}

static void limits_are_printed(void **state)
{
    (void)state;
    ct_machine m = slow_machine();
    char text[2048] = {0};
    FILE *f = tmpfile();
    assert_non_null(f);
    m.flops_f32 = 123.4e9;
    m.bandwidth[CT_IN_MEMORY].copy = 56.7e9;
    ct_machine_print(&m, f);
    rewind(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    assert_non_null(strstr(text, "123.4 GFLOP/s in float32"));
    assert_non_null(strstr(text, "56.7"));
    for (int i = CT_LIMIT_CORE; i <= CT_LIMIT_MEMORY; i++)
        assert_non_null(strstr(text, ct_limit_name((ct_limit)i)));
    assert_string_equal(ct_limit_name((ct_limit)99), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_is_measured), cmocka_unit_test(peaks_are_measured_again),
        cmocka_unit_test(misuse_is_named),
        cmocka_unit_test(the_slower_of_two_limits_binds),
        cmocka_unit_test(bytes_have_a_place),
        cmocka_unit_test(limits_are_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
