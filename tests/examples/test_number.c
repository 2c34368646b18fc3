/* SPDX-License-Identifier: MIT */
/* Numbers as text: what is documented, and what it means when it is read again. */
#include "report/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static void documented(void **state)
{
    (void)state;
    static const struct {
        double x;
        int digits;
        const char *text;
    } known[] = {
        {0.25, 4, "0.25"},    {48000, 4, "48,000"},      {2e-5, 4, "2·10⁻⁵"},  {NAN, 4, "–"},          {0, 4, "0"},
        {-0.5, 2, "−0.5"},    {1234567, 3, "1,234,567"}, {1e7, 4, "10⁷"},      {1.25e10, 3, "1.25·10¹⁰"}, {-INFINITY, 4, "–"},
        {0.001, 4, "0.001"},  {-3e-12, 4, "−3·10⁻¹²"},   {5.6561, 3, "5.66"},  {100, 4, "100"},        {999, 2, "999"},
    };
    char text[NUMBER_SIZE];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_string_equal(number_text(known[i].x, known[i].digits, text), known[i].text);
    assert_string_equal(number_decimals(1, 2, text), "1.00");
    assert_string_equal(number_decimals(-12345.678, 1, text), "−12,345.7");
    assert_string_equal(number_scientific(0.5, 3, text), "5·10⁻¹");
    assert_string_equal(number_scientific(0, 3, text), "0");
}

/* `to` is not longer than `from`. */
static void replace_all(char *text, const char *from, const char *to)
{
    for (char *at; (at = strstr(text, from));) {
        memcpy(at, to, strlen(to));
        memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
    }
}

/* The number that a text stands for, of those that are below a thousandth or have no power of ten. */
static double read_again(const char *text)
{
    static const char *const pairs[][2] = {{"·10⁻", "e-"}, {"10⁻", "1e-"}, {"−", "-"}, {",", ""},  {"⁰", "0"},
                                           {"¹", "1"},     {"²", "2"},     {"³", "3"}, {"⁴", "4"}, {"⁵", "5"},
                                           {"⁶", "6"},     {"⁷", "7"},     {"⁸", "8"}, {"⁹", "9"}};
    char plain[NUMBER_SIZE];
    strcpy(plain, text);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        replace_all(plain, pairs[i][0], pairs[i][1]);
    return strtod(plain, NULL);
}

/* Rounded to the digits that were asked for, at any size; digits before the point are all there. */
static void right_to_its_digits(void **state)
{
    (void)state;
    support_rng rng = {1};
    char text[NUMBER_SIZE];
    for (int i = 0; i < 2000; i++) {
        int digits = 1 + i % 9;
        double x = support_uniform(&rng, 1.01, 9.9) * pow(10, (double)support_below(&rng, 10) - 6) * (i % 2 ? 1 : -1);
        double unit = fmin(pow(10, floor(log10(fabs(x))) - digits + 1), fabs(x) >= 1e-3 ? 1 : INFINITY);
        assert_close(read_again(number_text(x, digits, text)), x, 0.5 * unit * (1 + 1e-6));
        assert_close(read_again(number_decimals(x, digits, text)), x, 0.5 * pow(10, -digits) * (1 + 1e-6));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented),
        cmocka_unit_test(right_to_its_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
