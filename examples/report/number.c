/* SPDX-License-Identifier: MIT */
/* Formatting. */
#include "number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void drop_zeros(char *plain)
{
    if (!strchr(plain, '.'))
        return;
    char *end = plain + strlen(plain);
    while (end[-1] == '0')
        *--end = 0;
    if (end[-1] == '.')
        end[-1] = 0;
}

static void append(char text[NUMBER_SIZE], const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, NUMBER_SIZE - used, "%s", more);
}

/* "12345.5" with its sign and with commas between groups of three digits. */
static void append_grouped(char text[NUMBER_SIZE], const char *plain)
{
    size_t whole = strcspn(plain, ".");
    for (size_t i = 0; i < whole; i++)
        append(text, (char[]){plain[i], (whole - i) % 3 == 1 && i + 1 < whole ? ',' : 0, 0});
    append(text, plain + whole);
}

/* "·10" and the power, raised. */
static void append_power(char text[NUMBER_SIZE], int power)
{
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char plain[16];
    snprintf(plain, sizeof plain, "%d", power < 0 ? -power : power);
    append(text, power < 0 ? "10⁻" : "10");
    for (const char *at = plain; *at; at++)
        append(text, raised[*at - '0']);
}

/* A positive number as mantissa and power of ten; a mantissa of 1 is left out. */
static void append_scientific(char text[NUMBER_SIZE], double x, int digits)
{
    char plain[NUMBER_SIZE];
    snprintf(plain, sizeof plain, "%.*e", digits - 1, x);
    char *e = strchr(plain, 'e');
    int power = 0;
    sscanf(e + 1, "%d", &power);
    *e = 0;
    drop_zeros(plain);
    if (strcmp(plain, "1") != 0) {
        append(text, plain);
        append(text, "·");
    }
    append_power(text, power);
}

/* How many digits stand after the point, of `digits` in all. */
static int decimals_of(double size, int digits)
{
    int decimals = digits - 1 - (size > 0 ? (int)floor(log10(size)) : 0);
    return decimals > 0 ? decimals : 0;
}

/* The sign, or all there is to say of what is not finite; then false is returned. */
static bool begin(double x, char text[NUMBER_SIZE])
{
    strcpy(text, isfinite(x) ? x < 0 ? "−" : "" : "–");
    return isfinite(x);
}

const char *number_decimals(double x, int decimals, char text[NUMBER_SIZE])
{
    char plain[NUMBER_SIZE];
    if (begin(x, text)) {
        snprintf(plain, sizeof plain, "%.*f", decimals, fabs(x));
        append_grouped(text, plain);
    }
    return text;
}

const char *number_scientific(double x, int digits, char text[NUMBER_SIZE])
{
    if (x == 0)
        return number_decimals(x, 0, text);
    if (begin(x, text))
        append_scientific(text, fabs(x), digits);
    return text;
}

const char *number_text(double x, int digits, char text[NUMBER_SIZE])
{
    double size = fabs(x);
    if (size != 0 && (size < 1e-3 || size >= 1e7))
        return number_scientific(x, digits, text);
    number_decimals(x, decimals_of(size, digits), text);
    drop_zeros(text);
    return text;
}
