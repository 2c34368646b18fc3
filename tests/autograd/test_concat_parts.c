/* SPDX-License-Identifier: MIT */
/* Products written straight into their concatenation: the bits of the copy, and no step for it. */
#include "fusion.h"

/* Products [2, rows, columns] of x that differ. */
static ct_var *product(bench_case *c, double scale)
{
    int64_t rows = ct_var_dim(c->x, 0), columns = ct_var_dim(c->x, 1);
    ct_var *two = ct_reshape(ct_concat(2, (ct_var *[]){c->x, ct_sin(c->x)}, 0), CT_SHAPE(2, rows, columns));
    ct_var *square = ct_matmul(ct_transpose(two, 1, 2), ct_scale(two, scale));
    return ct_matmul(two, square);
}

static void join(bench_case *c, int axis, bool permuted)
{
    ct_var *whole = ct_concat(3, (ct_var *[]){product(c, 1), product(c, 2), product(c, 3)}, axis);
    keep(c, ct_tanh(permuted ? ct_permute(whole, CT_AXES(1, 2, 0)) : whole));
    keep(c, ct_sum(whole, CT_AXES(0)));
}

static void first_axis(bench_case *c)
{
    join(c, 0, false);
}

static void middle_axis(bench_case *c)
{
    join(c, 1, false);
}

static void last_axis(bench_case *c)
{
    join(c, 2, false);
}

static void permuted(bench_case *c)
{
    ct_var *whole = ct_concat(2, (ct_var *[]){product(c, 1), product(c, 2)}, 0);
    keep(c, ct_tanh(ct_permute(whole, CT_AXES(1, 0, 2))));
}

/* As the cotangents of queries, keys and values are: a new axis for them, which a permute moves. */
static void new_axis(bench_case *c)
{
    int64_t rows = ct_var_dim(c->x, 0), columns = ct_var_dim(c->x, 1);
    ct_var *part[3];
    for (int i = 0; i < 3; i++)
        part[i] = ct_reshape(product(c, i + 1), CT_SHAPE(1, 2, rows, columns));
    ct_var *whole = ct_permute(ct_concat(3, part, 0), CT_AXES(1, 2, 0, 3));
    keep(c, ct_sin(whole));
    keep(c, ct_sum(ct_reshape(whole, CT_SHAPE(2 * rows, 3 * columns)), CT_AXES(0)));
}

/* Parts that are read elsewhere, are outputs, stand there twice or are no products: all of these are copied. */
static void copied(bench_case *c)
{
    ct_var *a = product(c, 1), *b = product(c, 2), *d = product(c, 3), *e = product(c, 4);
    keep(c, a);
    keep(c, ct_exp(ct_scale(b, 1e-3)));
    keep(c, ct_tanh(ct_concat(2, (ct_var *[]){a, e}, 0)));
    keep(c, ct_tanh(ct_concat(2, (ct_var *[]){b, product(c, 5)}, 0)));
    keep(c, ct_tanh(ct_concat(2, (ct_var *[]){d, d}, 1)));
    keep(c, ct_tanh(ct_concat(2, (ct_var *[]){ct_sin(c->x), c->x}, 1)));
}

static void concatenated_or_copied_the_bits_are_the_same(void **state)
{
    (void)state;
    static const build_fn builds[] = {first_axis, middle_axis, last_axis, permuted, new_axis, copied};
    static const int64_t rows[] = {0, 1, 2, 17, 49}, columns[] = {1, 2, 16, 49};
    for (size_t b = 0; b < sizeof builds / sizeof *builds; b++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
                compare(builds[b], (r + k) % 2 ? CT_F32 : CT_F64, rows[r], columns[k]);
    compare(new_axis, CT_F32, 300, 64);
}

/* Each case has the concatenation that makes x twice as long; only where parts are copied are there more. */
static void only_what_must_be_copied_is(void **state)
{
    (void)state;
    static const struct { build_fn build; int copies; } cases[] = {{first_axis, 1}, {middle_axis, 1}, {last_axis, 1}, {permuted, 1}, {new_axis, 1}, {copied, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(times_printed(cases[i].build, 17, 16, 1, " concat         #"), cases[i].copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(concatenated_or_copied_the_bits_are_the_same),
        cmocka_unit_test(only_what_must_be_copied_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
