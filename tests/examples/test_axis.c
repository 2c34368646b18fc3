/* SPDX-License-Identifier: MIT */
/* Axes hold what they are for, and their ticks are round numbers. */
#include "report/axis.h"

#include <math.h>

#include "support.h"

/* Whether x is 1, 2 or 5 times a power of ten. */
static bool is_round(double x)
{
    double part = x / pow(10, floor(log10(x) + 1e-9));
    return fabs(part - 1) < 1e-6 || fabs(part - 2) < 1e-6 || fabs(part - 5) < 1e-6;
}

/* Ticks ascend between the ends, which are at the places 0 and 1. */
static void check_order(const axis *a)
{
    assert_in_range(a->ticks, 2, AXIS_TICKS);
    for (int i = 1; i < a->ticks; i++)
        assert_true(a->tick[i] > a->tick[i - 1]);
    assert_close(axis_place(a, a->low), 0, 1e-12);
    assert_close(axis_place(a, a->high), 1, 1e-12);
    assert_true(axis_place(a, a->tick[0]) >= -1e-6 && axis_place(a, a->tick[a->ticks - 1]) <= 1 + 1e-6);
}

/* Multiples of one round step. */
static double check_steps(const axis *a)
{
    double step = a->tick[1] - a->tick[0];
    assert_true(is_round(step));
    for (int i = 0; i < a->ticks; i++)
        assert_close(a->tick[i] / step, round(a->tick[i] / step), 1e-6 + 1e-9 * fabs(a->tick[i] / step));
    return step;
}

/* Ends of a range somewhere between 1e-12 and 1e12, narrow or wide. */
static void draw_range(support_rng *rng, double *low, double *high)
{
    *low = support_uniform(rng, -1, 1) * pow(10, support_uniform(rng, -12, 12));
    *high = *low + fabs(*low) * pow(10, support_uniform(rng, -5, 5));
}

static void linear(void **state)
{
    (void)state;
    support_rng rng = {1};
    for (int i = 0; i < 2000; i++) {
        double low, high;
        int wanted = 2 + i % 7;
        draw_range(&rng, &low, &high);
        axis a = axis_linear(low, high, wanted);
        check_order(&a);
        double step = check_steps(&a);
        assert_true(a.low <= low + 1e-6 * step && a.low > low - step && a.high >= high - 1e-6 * step && a.high < high + step);
        assert_true(a.ticks <= wanted + 2 && a.tick[0] == a.low && a.tick[a.ticks - 1] == a.high);
    }
}

static void between(void **state)
{
    (void)state;
    support_rng rng = {2};
    for (int i = 0; i < 2000; i++) {
        double low, high;
        int wanted = 5 + i % 4;
        draw_range(&rng, &low, &high);
        axis a = axis_between(low, high, wanted);
        check_order(&a);
        check_steps(&a);
        assert_true(a.low == low && a.high == high && a.ticks <= wanted + 2);
    }
}

static void logarithmic(void **state)
{
    (void)state;
    support_rng rng = {3};
    for (int i = 0; i < 2000; i++) {
        double low = pow(10, support_uniform(&rng, -30, 30)), high = low * pow(10, support_uniform(&rng, 0, 20));
        axis a = axis_logarithmic(low, high, 3 + i % 4);
        check_order(&a);
        for (int k = 0; k < a.ticks; k++)
            assert_true(is_round(a.tick[k]));
        assert_true(a.low <= low * (1 + 1e-6) && a.high >= high * (1 - 1e-6));
        assert_true(a.tick[1] > low && (a.ticks == 2 || a.tick[a.ticks - 2] < high));
        assert_close(axis_place(&a, sqrt(a.low * a.high)), 0.5, 1e-9);
    }
}

/* A range without width, and one that is narrower than its numbers are exact, are widened. */
static void no_width(void **state)
{
    (void)state;
    const double at[] = {0, 1, -7, 1e-30, 1e30, 123456789};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        axis a = axis_linear(at[i], at[i], 4), b = axis_between(at[i], at[i], 5), c = axis_linear(at[i], nextafter(at[i], INFINITY), 4);
        check_order(&a);
        check_order(&b);
        check_order(&c);
        assert_true(a.low < at[i] && a.high > at[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear),
        cmocka_unit_test(between),
        cmocka_unit_test(logarithmic),
        cmocka_unit_test(no_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
