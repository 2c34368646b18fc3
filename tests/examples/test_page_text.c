/* SPDX-License-Identifier: MIT */
/* What stands in a page as text: escaped HTML, and bytes in base 64. */
#include <string.h>

#include "memory_file.h"
#include "report/base64.h"
#include "report/html.h"

static char *base64_of(const void *bytes, size_t count)
{
    memory_file m;
    memory_file_open(&m);
    base64_write(m.to, bytes, count);
    return memory_file_text(&m);
}

/* RFC 4648, section 10. */
static void vectors_of_the_standard(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *text = base64_of(pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(text, pairs[i][1]);
        free(text);
    }
}

/* Every value of six bits, in every place, comes back. */
static void bytes_come_back(void **state)
{
    (void)state;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    support_rng rng = {1};
    unsigned char bytes[3 * 256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)support_bits(&rng);
    char *text = base64_of(bytes, sizeof bytes);
    assert_int_equal(strlen(text), sizeof bytes / 3 * 4);
    for (size_t i = 0; i < sizeof bytes; i += 3) {
        unsigned long bits = 0;
        for (size_t k = 0; k < 4; k++)
            bits = bits << 6 | (unsigned long)(strchr(digits, text[i / 3 * 4 + k]) - digits);
        assert_int_equal(bits, (unsigned long)bytes[i] << 16 | (unsigned long)bytes[i + 1] << 8 | bytes[i + 2]);
    }
    free(text);
}

static void escapes(void **state)
{
    (void)state;
    memory_file m;
    memory_file_open(&m);
    html_text(m.to, "a<b>&\"c'\x01\n\xc3\xa9");
    char *text = memory_file_text(&m);
    assert_string_equal(text, "a&lt;b&gt;&amp;&quot;c&#39;\xef\xbf\xbd\n\xc3\xa9");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_standard),
        cmocka_unit_test(bytes_come_back),
        cmocka_unit_test(escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
