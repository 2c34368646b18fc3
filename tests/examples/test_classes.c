/* SPDX-License-Identifier: MIT */
/* Counts of classes, and labels that are as frequent as those of a set. */
#include "evaluation/classes.h"
#include "evaluation/labels.h"

#include <string.h>

#include "rows.h"

static class_counts counts_of(int64_t classes, const int64_t *read)
{
    class_counts c = {.classes = classes};
    for (int64_t class = 0; class < classes; class++)
        for (int64_t i = 0; i < read[class]; i++)
            class_counts_add(&c, (int32_t)class, i % 2 == 0 ? (int32_t)class : -1);
    return c;
}

static void known_entropies(void **state)
{
    (void)state;
    class_counts even = counts_of(10, (int64_t[]){7, 7, 7, 7, 7, 7, 7, 7, 7, 7});
    class_counts one = counts_of(4, (int64_t[]){0, 0, 9, 0});
    class_counts halves = counts_of(3, (int64_t[]){4, 2, 2});
    assert_close(class_entropy(&even), log(10), 1e-14);
    assert_close(class_entropy(&one), 0, 0);
    assert_close(class_entropy(&halves), 1.5 * log(2), 1e-14);
}

static void accuracy(void **state)
{
    (void)state;
    class_counts c = counts_of(3, (int64_t[]){4, 2, 3});
    assert_int_equal(c.count, 9);
    assert_int_equal(c.right, 5);
    assert_close(class_accuracy(&c), 5.0 / 9, 1e-15);
}

static void count_labels(const ct_tensor *labels, int64_t first, int64_t n, int64_t count[3])
{
    memset(count, 0, 3 * sizeof *count);
    for (int64_t i = first; i < first + n; i++)
        count[((const int32_t *)ct_tensor_data(labels))[i]]++;
}

/* As many labels as the set has, and as many again, are the set's own; another seed has another order. */
static void labels_are_as_frequent(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *set = ct_tensor_new(CT_I32, CT_SHAPE(90), &err);
    assert_ok(set, &err);
    for (int64_t i = 0; i < 90; i++)
        ct_tensor_set(set, i, i < 20 ? 0 : i < 50 ? 1 : 2);
    ct_tensor *a = labels_like(set, 200, 1, &err), *b = labels_like(set, 200, 1, &err), *c = labels_like(set, 200, 2, &err);
    assert_ok(a && b && c, &err);
    for (int64_t first = 0; first < 180; first += 90) {
        int64_t count[3];
        count_labels(a, first, 90, count);
        assert_int_equal(count[0], 20);
        assert_int_equal(count[1], 30);
        assert_int_equal(count[2], 40);
    }
    assert_memory_equal(ct_tensor_data(a), ct_tensor_data(b), ct_tensor_bytes(a));
    assert_memory_not_equal(ct_tensor_data(a), ct_tensor_data(c), ct_tensor_bytes(a));
    assert_memory_not_equal(ct_tensor_data(a), ct_tensor_data(set), ct_tensor_bytes(set));
    ct_tensor_free(a);
    ct_tensor_free(b);
    ct_tensor_free(c);
    ct_tensor_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_entropies),
        cmocka_unit_test(accuracy),
        cmocka_unit_test(labels_are_as_frequent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
