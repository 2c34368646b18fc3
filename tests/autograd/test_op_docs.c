/* SPDX-License-Identifier: MIT */
/* The op reference, docs/ops.md, has a row for every op, with its formula, and names every function of ops.h. */
#include <cotangent/op.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static char *read_text(const char *path)
{
    size_t bytes;
    unsigned char *data = support_read_file(path, &bytes);
    char *text = malloc(bytes + 1);
    assert_non_null(text);
    memcpy(text, data, bytes);
    text[bytes] = '\0';
    free(data);
    return text;
}

/* A copy of the line that `at` begins. */
static char *line_at(const char *at)
{
    size_t length = strcspn(at, "\n");
    char *line = malloc(length + 1);
    assert_non_null(line);
    memcpy(line, at, length);
    line[length] = '\0';
    return line;
}

static void every_op_has_a_row(void **state)
{
    char *text = read_text(PROJECT_DIR "/docs/ops.md");
    (void)state;
    for (int i = 0; i < ct_op_count(); i++) {
        const ct_op *op = ct_op_at(i);
        char begins[64];
        snprintf(begins, sizeof begins, "\n| `ct_%s(", op->name);
        const char *found = strstr(text, begins);
        if (!found)
            fail_msg("docs/ops.md has no row that begins with %s", begins + 1);
        char *row = line_at(found + 1);
        if (!strstr(row, "**op**") || !strstr(row, op->formula))
            fail_msg("the row of %s lacks \"**op**\" or its formula \"%s\":\n%s", op->name, op->formula, row);
        free(row);
    }
    free(text);
}

static void every_function_is_named(void **state)
{
    char *text = read_text(PROJECT_DIR "/docs/ops.md"), *header = read_text(PROJECT_DIR "/autograd/include/cotangent/ops.h");
    int functions = 0;
    (void)state;
    for (const char *at = header; (at = strstr(at, "#define ct_")) != NULL; at++, functions++) {
        char called[64];
        snprintf(called, sizeof called, "`%.*s(", (int)strcspn(at + 8, "("), at + 8);
        if (!strstr(text, called))
            fail_msg("docs/ops.md does not mention %s", called);
    }
    assert_true(functions > 60);
    free(header);
    free(text);
}

/* No row claims an op that is not in the table. */
static void every_row_is_an_op(void **state)
{
    char *text = read_text(PROJECT_DIR "/docs/ops.md");
    int rows = 0;
    (void)state;
    for (const char *at = text; (at = strstr(at, "\n| `ct_")) != NULL; at++) {
        char *line = line_at(at + 1), name[64] = "";
        size_t length = strcspn(line + 6, "(");
        if (strstr(line, "**op**")) {
            snprintf(name, sizeof name, "%.*s", (int)length, line + 6);
            if (!ct_op_find(name))
                fail_msg("docs/ops.md has a row for the op %s, which does not exist", name);
            rows++;
        }
        free(line);
    }
    assert_int_equal(rows, ct_op_count());
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_has_a_row),
        cmocka_unit_test(every_function_is_named),
        cmocka_unit_test(every_row_is_an_op),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
