/* SPDX-License-Identifier: MIT */
/* The JSON reader and UTF-8, on texts of exact length, so that reading past the end shows under a sanitizer. */
#include "support.h"

#include "json.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

/* `text` without its NUL, in memory that ends where it does. */
static char *exact(const char *text, size_t *length)
{
    *length = strlen(text);
    char *copy = malloc(*length ? *length : 1);
    assert_non_null(copy);
    memcpy(copy, text, *length);
    return copy;
}

static char *read_string(const char *text, ct_error *err)
{
    size_t length;
    char *bytes = exact(text, &length);
    ct_json j = ct_json_make(bytes, length, err);
    char *string = ct_json_string(&j);
    if (string)
        assert_true(ct_json_end(&j));
    free(bytes);
    return string;
}

static void test_strings(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"\"", ""},
        {" \"a b\" ", "a b"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC"},
        {"\"\\ud83d\\uDE42\"", "\xF0\x9F\x99\x82"},
        {"\"\xF0\x9F\x99\x82\xC3\xA9\x7F\"", "\xF0\x9F\x99\x82\xC3\xA9\x7F"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_error err;
        char *s = read_string(cases[i][0], &err);
        assert_ok(s, &err);
        assert_string_equal(s, cases[i][1]);
        free(s);
    }
}

static void test_bad_strings_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "expected '\"'"},
        {"x", "byte 0 of the JSON text: expected '\"'"},
        {"\"", "the end of a string"},
        {"\"abc", "the end of a string"},
        {"\"abc\\", "after a backslash"},
        {"\"abc\\\"", "the end of a string"},
        {"\"\\x\"", "after a backslash"},
        {"\"\\u12\"", "four hexadecimal digits"},
        {"\"\\u123", "four hexadecimal digits"},
        {"\"\\u0000\"", "other than NUL"},
        {"\"\\udc00\"", "half of a surrogate pair"},
        {"\"\\ud800\"", "second half"},
        {"\"\\ud800\\n\"", "second half"},
        {"\"\\ud800\\u0041\"", "second half"},
        {"\"\\ud800\\", "second half"},
        {"\"a\nb\"", "without control characters"},
        {"\"\x80\"", "valid UTF-8"},
        {"\"\xC3\"", "valid UTF-8"},
        {"\"\xC0\x80\"", "valid UTF-8"},
        {"\"\xED\xA0\x80\"", "valid UTF-8"},
        {"\"\xF4\x90\x80\x80\"", "valid UTF-8"},
        {"\"\xE2\x82", "valid UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_error err = {CT_OK, ""};
        assert_null(read_string(cases[i][0], &err));
        assert_error(&err, CT_E_FORMAT, cases[i][1]);
    }
}

static bool read_integer(const char *text, int64_t *value)
{
    size_t length;
    char *bytes = exact(text, &length);
    ct_json j = ct_json_make(bytes, length, NULL);
    bool ok = ct_json_integer(&j, value) && ct_json_end(&j);
    free(bytes);
    return ok;
}

static void test_integers(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "-1", "+1", "01", "1.0", "1e3", "9223372036854775808", "99999999999999999999", "a"};
    int64_t value = -1;
    assert_true(read_integer("0", &value) && value == 0);
    assert_true(read_integer(" 120 ", &value) && value == 120);
    assert_true(read_integer("9223372036854775807", &value) && value == INT64_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (read_integer(bad[i], &value))
            fail_msg("'%s' was read as %lld", bad[i], (long long)value);
}

/* The sum of an array of integers, or -1. */
static int64_t sum(const char *text)
{
    size_t length;
    char *bytes = exact(text, &length);
    ct_json j = ct_json_make(bytes, length, NULL);
    int64_t total = 0, value = 0;
    bool ok;
    for (bool more = ct_json_open(&j, '[', ']', &ok); more; more = ct_json_more(&j, ']', &ok)) {
        ok = ct_json_integer(&j, &value);
        total += value;
    }
    ok = ok && ct_json_end(&j);
    free(bytes);
    return ok ? total : -1;
}

static void test_lists(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "1]", "[[1]]"};
    assert_int_equal(sum("[]"), 0);
    assert_int_equal(sum(" [ ] "), 0);
    assert_int_equal(sum("[7]"), 7);
    assert_int_equal(sum("[1, 2 ,3\n]"), 6);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (sum(bad[i]) != -1)
            fail_msg("'%s' was read as a list", bad[i]);
}

/* Every code point that is not a surrogate is encoded as one sequence of the length its encoding has. */
static void test_utf8_encodes_what_it_accepts(void **state)
{
    (void)state;
    for (uint32_t code = 1; code <= 0x10FFFF; code += 1 + code / 64) {
        char text[5] = {0};
        size_t length = ct_utf8_encode(code, text);
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        assert_int_equal(ct_utf8_length(text, text + length), surrogate ? 0 : length);
        assert_int_equal(ct_utf8_length(text, text + length - 1), 0);
        assert_int_equal(ct_utf8_check(text), !surrogate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_bad_strings_are_refused),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_utf8_encodes_what_it_accepts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
