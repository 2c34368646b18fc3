/* SPDX-License-Identifier: MIT */
/* Lines to fetch: exactly those on which rows of a matrix lie, each once, however they are parted. */
#include "support.h"

#include "fetch.h"
#include <stdlib.h>

enum { BYTES = 1 << 14, LINES = BYTES / CT_FETCH_LINE + 2 };

typedef struct rows {
    int64_t start, count, bytes, step;
} rows;

/* How often a line is fetched. */
static void count_lines(ct_fetch f, const char *base, int *times)
{
    while (f.lines > 0) {
        ptrdiff_t line = (f.at - base) / CT_FETCH_LINE;
        assert_int_equal((f.at - base) % CT_FETCH_LINE, 0);
        assert_true(line >= 0 && line < LINES);
        times[line]++;
        ct_fetch_lines(&f, 1);
    }
    ct_fetch_lines(&f, 3);
    assert_int_equal(f.lines, 0);
}

/* Every row begins at the same place of a line. */
static void check(rows r, const char *base)
{
    int times[LINES] = {0}, parted[LINES] = {0}, wanted[LINES] = {0};
    ct_fetch f = ct_fetch_of(base + r.start, r.count, r.bytes, r.step);
    for (int64_t i = 0; i < r.count; i++)
        for (int64_t line = (r.start + i * r.step) / CT_FETCH_LINE; line <= (r.start + i * r.step + r.bytes - 1) / CT_FETCH_LINE; line++)
            wanted[line]++;
    count_lines(f, base, times);
    for (int64_t i = 0; i < 3; i++)
        count_lines(ct_fetch_part(f, i, 3), base, parted);
    assert_memory_equal(times, wanted, sizeof times);
    assert_memory_equal(parted, wanted, sizeof parted);
}

static void every_line_once(void **state)
{
    (void)state;
    char *base = aligned_alloc(CT_FETCH_LINE, BYTES + 2 * CT_FETCH_LINE);
    assert_non_null(base);
    static const rows cases[] = {{0, 1, 64, 64}, {0, 5, 256, 1024}, {60, 7, 8, 128}, {4, 1, 4000, 4000}, {128, 9, 65, 192}, {12, 10, 180, 640}, {0, 16, 1, 64}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(cases[i], base);
    free(base);
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    ct_fetch none = {0}, empty = ct_fetch_of("x", 0, 100, 200);
    ct_fetch_lines(&none, 5);
    assert_int_equal(none.lines, 0);
    assert_int_equal(empty.lines, 0);
    assert_int_equal(ct_fetch_part(none, 1, 2).lines, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_once),
        cmocka_unit_test(nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
