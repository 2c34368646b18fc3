/* SPDX-License-Identifier: MIT */
/* Curves: few points stand for many rows, gaps stay gaps, and everything lies in the picture. */
#include "report/plot.h"

#include <math.h>
#include <string.h>

#include "memory_file.h"
#include "report/thin.h"

enum { ROWS = 1000 };

static void steps_and_noise(double x[ROWS], double y[ROWS])
{
    support_rng rng = {1};
    for (int i = 0; i < ROWS; i++) {
        x[i] = i + 1;
        y[i] = support_uniform(&rng, 1, 2);
    }
}

/* --- thinning ----------------------------------------------------------------------------------------------------- */

static void few_rows_are_themselves(void **state)
{
    (void)state;
    double x[ROWS], y[ROWS];
    thin_point p[ROWS];
    steps_and_noise(x, y);
    assert_int_equal(thin(ROWS, x, y, ROWS, p), ROWS);
    for (int i = 0; i < ROWS; i++)
        assert_true(p[i].x == x[i] && p[i].mean == y[i] && p[i].low == y[i] && p[i].high == y[i]);
}

/* Points of 7 rows, the last of 6: each lies between its rows, and together they have the rows' mean and range. */
static void many_rows_keep_mean_and_range(void **state)
{
    (void)state;
    double x[ROWS], y[ROWS], sum = 0, all = 0, low = INFINITY, high = 0;
    thin_point p[150];
    steps_and_noise(x, y);
    int64_t n = thin(ROWS, x, y, 150, p);
    assert_int_equal(n, 143);
    for (int64_t i = 0; i < n; i++) {
        assert_true(p[i].low <= p[i].mean && p[i].mean <= p[i].high);
        assert_true(p[i].x >= x[7 * i] && (i == 0 || p[i].x > p[i - 1].x));
        sum += p[i].mean * (i + 1 < n ? 7 : 6);
        low = fmin(low, p[i].low);
        high = fmax(high, p[i].high);
    }
    for (int i = 0; i < ROWS; i++) {
        all += y[i];
        assert_true(y[i] >= low && y[i] <= high);
    }
    assert_close(sum, all, 1e-9);
}

static void rows_that_are_not_finite_are_left_out(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {1, NAN, 3, INFINITY, NAN, -INFINITY};
    thin_point p[3];
    assert_int_equal(thin(6, x, y, 3, p), 3);
    assert_true(p[0].mean == 1 && p[1].mean == 3 && isnan(p[2].mean) && isnan(p[2].low) && p[2].x == 5.5);
    assert_int_equal(thin(0, x, y, 3, p), 0);
}

/* --- pictures ----------------------------------------------------------------------------------------------------- */

static char *svg_of(const plot *p)
{
    ct_error err;
    memory_file m;
    memory_file_open(&m);
    assert_ok(plot_write(m.to, p, &err), &err);
    return memory_file_text(&m);
}

static int count(const char *text, const char *part)
{
    int n = 0;
    while ((text = strstr(text, part))) {
        n++;
        text += strlen(part);
    }
    return n;
}

/* Every pair of numbers in the paths is a place in the picture. */
static void check_places(const char *svg)
{
    double width, height, x, y;
    int found = 0;
    assert_int_equal(sscanf(svg, "<svg viewBox=\"0 0 %lf %lf\"", &width, &height), 2);
    for (const char *at = strstr(svg, " d=\""); at; at = strpbrk(at + 1, "ML"))
        if (sscanf(at, "%*[ML]%lf %lf", &x, &y) == 2) {
            found++;
            assert_true(x >= 0 && x <= width && y >= 0 && y <= height);
        }
    assert_true(found > 0);
}

static char *svg_of_rows(int64_t n, double x[], double y[], bool from_zero)
{
    plot p = {"rows", n, x, 1, {y}, from_zero};
    return svg_of(&p);
}

/* A curve is in as many pieces as there are runs of finite numbers. */
static void gaps(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, 4, 5, 6, 7, 8}, y[] = {NAN, 2, 3, NAN, 5, INFINITY, 1e200, 8};
    char *svg = svg_of_rows(8, x, y, false);
    assert_int_equal(count(svg, "class=\"curve s1\""), 3);
    assert_int_equal(count(svg, "class=\"end s1\""), 1);
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf"));
    check_places(svg);
    free(svg);
    y[1] = y[2] = y[4] = y[7] = NAN;
    svg = svg_of_rows(8, x, y, false);
    assert_int_equal(count(svg, "<path"), 0);
    assert_null(strstr(svg, "nan"));
    free(svg);
}

static void bands_where_rows_are_many(void **state)
{
    (void)state;
    double x[ROWS], y[ROWS];
    steps_and_noise(x, y);
    char *many = svg_of_rows(ROWS, x, y, false), *few = svg_of_rows(100, x, y, false);
    assert_int_equal(count(many, "class=\"band s1\""), 1);
    assert_int_equal(count(few, "class=\"band s1\""), 0);
    assert_int_equal(count(few, "L"), 99);
    check_places(many);
    check_places(few);
    free(many);
    free(few);
}

/* The height of the middle of three points over that of the first, as a part of the whole: 0.5 in a geometric
 * progression if the axis is logarithmic. */
static double middle_of(double a, double b, double c, bool from_zero)
{
    double x[] = {1, 2, 3}, y[] = {a, b, c}, at[3], ignored;
    char *svg = svg_of_rows(3, x, y, from_zero), *path = strstr(svg, "class=\"curve");
    assert_int_equal(sscanf(strstr(path, " d=\""), " d=\"M%lf %lfL%lf %lfL%lf %lf", &ignored, &at[0], &ignored, &at[1],
                            &ignored, &at[2]), 6);
    free(svg);
    return (at[0] - at[1]) / (at[0] - at[2]);
}

static void logarithmic_where_the_range_is_wide(void **state)
{
    (void)state;
    assert_close(middle_of(0.1, 1, 10, false), 0.5, 2e-3);
    assert_close(middle_of(0.1, 1, 10, true), 0.9 / 9.9, 2e-3);
    assert_close(middle_of(5, 10, 20, false), 1.0 / 3, 2e-3);
    assert_close(middle_of(-1, 1, 99, false), 0.02, 2e-3);
}

static void two_series(void **state)
{
    (void)state;
    double x[] = {10, 20}, y[] = {1, 2}, z[] = {3, 4};
    plot p = {"a < b", 2, x, 2, {y, z}, true};
    char *svg = svg_of(&p);
    assert_int_equal(count(svg, "class=\"curve s1\""), 1);
    assert_int_equal(count(svg, "class=\"curve s2\""), 1);
    assert_non_null(strstr(svg, "a &lt; b"));
    assert_non_null(strstr(svg, ">0</text>"));
    check_places(svg);
    free(svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_rows_are_themselves),
        cmocka_unit_test(many_rows_keep_mean_and_range),
        cmocka_unit_test(rows_that_are_not_finite_are_left_out),
        cmocka_unit_test(gaps),
        cmocka_unit_test(bands_where_rows_are_many),
        cmocka_unit_test(logarithmic_where_the_range_is_wide),
        cmocka_unit_test(two_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
