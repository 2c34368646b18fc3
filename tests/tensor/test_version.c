/* SPDX-License-Identifier: MIT */
/* The version: the library's, the headers' and its three numbers agree. */
#include "support.h"
#include <cotangent/version.h>
#include <stdio.h>

static void header_and_library_agree(void **state)
{
    char text[64];
    (void)state;
    snprintf(text, sizeof text, "%d.%d.%d", CT_VERSION_MAJOR, CT_VERSION_MINOR, CT_VERSION_PATCH);
    assert_string_equal(CT_VERSION, text);
    assert_string_equal(ct_version(), text);
    assert_string_equal(PROJECT_VERSION, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(header_and_library_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
