/* SPDX-License-Identifier: MIT */
/* Parameters by name: scopes, sharing, copies, archives, and what is said when something does not fit. */
#include "nn_support.h"
#include <stdio.h>

static void names_are_paths_in_order_of_creation(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    for (int i = 0; i < 2; i++) {
        nn_scope block = nn_at(b.root, "blocks.%d", i);
        nn_param(nn_at(block, "attn"), "weight", CT_SHAPE(3, 2), NN_ZEROS);
    }
    nn_param(b.root, "scale", CT_SCALAR, NN_ONES);
    assert_null(ct_graph_error(b.graph));
    assert_int_equal(nn_params_count(b.params), 3);
    assert_string_equal(nn_params_name(b.params, 0), "blocks.0.attn.weight");
    assert_string_equal(nn_params_name(b.params, 1), "blocks.1.attn.weight");
    assert_string_equal(nn_params_name(b.params, 2), "scale");
    assert_null(nn_params_name(b.params, 3));
    assert_null(nn_params_name(b.params, -1));
    assert_int_equal(nn_params_numbers(b.params), 13);
    assert_null(nn_params_find(b.params, "blocks.2.attn.weight"));
    assert_ptr_equal(nn_params_find(b.params, "scale"), nn_params_tensor(b.params, 2));
    bench_close(&b);
}

/* Enough names for the table to grow several times; each is found again, and is its own tensor. */
static void hundreds_of_names_are_found(void **state)
{
    (void)state;
    bench b = bench_open(CT_F64);
    for (int i = 0; i < 500; i++)
        nn_param(nn_at(b.root, "layer.%d", i), "bias", CT_SHAPE(1), (nn_init){NN_INIT_CONSTANT, i, 0});
    assert_int_equal(nn_params_count(b.params), 500);
    for (int i = 0; i < 500; i++) {
        char name[32];
        snprintf(name, sizeof name, "layer.%d.bias", i);
        assert_close(ct_tensor_get(nn_params_find(b.params, name), 0), i, 0);
    }
    bench_close(&b);
}

static void same_name_shares_the_node(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    ct_var *first = nn_param(nn_at(b.root, "a"), "weight", CT_SHAPE(2, 2), NN_NORMAL(1));
    ct_var *again = nn_param(nn_at(b.root, "a"), "weight", CT_SHAPE(2, 2), NN_NORMAL(1));
    ct_var *other = nn_param(nn_at(b.root, "b"), "weight", CT_SHAPE(2, 2), NN_NORMAL(1));
    assert_non_null(first);
    assert_ptr_equal(first, again);
    assert_ptr_not_equal(first, other);
    bench_close(&b);
}

/* Values that were made with one initialiser are not those of another. */
static void another_initialiser_is_refused(void **state)
{
    (void)state;
    static const struct { nn_init first, again; const char *message; } cases[] = {
        {{NN_INIT_NORMAL, 0, 0.02}, {NN_INIT_CONSTANT, 0, 0}, "parameter 'a.weight': was made with initialiser normal(0, 0.02), but is asked for with constant(0), at "},
        {{NN_INIT_UNIFORM, -1, 1}, {NN_INIT_UNIFORM, -1, 2}, "uniform(-1, 1), but is asked for with uniform(-1, 2)"},
        {{NN_INIT_KAIMING_UNIFORM, 1, 0}, {NN_INIT_XAVIER_NORMAL, 1, 0}, "Kaiming uniform(1), but is asked for with Xavier normal(1)"},
        {{NN_INIT_NORMAL, 0, 1}, {(nn_init_kind)99, 0, 1}, "normal(0, 1), but is asked for with unknown kind 99"},
        {{NN_INIT_NORMAL, 0, 1}, {NN_INIT_NORMAL, 0, 1}, NULL},
        {{NN_INIT_NORMAL, 0, 1}, {NN_INIT_DEFAULT, 0, 0}, NULL},
        {{NN_INIT_CONSTANT, 1, 0}, {NN_INIT_CONSTANT, 1, 7}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b = bench_open(CT_F32);
        ct_var *first = nn_param(nn_at(b.root, "a"), "weight", CT_SHAPE(2, 2), cases[i].first);
        ct_var *again = nn_param(nn_at(b.root, "a"), "weight", CT_SHAPE(2, 2), cases[i].again);
        assert_ptr_equal(again, cases[i].message ? NULL : first);
        if (cases[i].message)
            assert_error(ct_graph_error(b.graph), CT_E_ARGUMENT, cases[i].message);
        bench_close(&b);
    }
}

/* A table and a linear map that share a weight need not agree on a default; copies may be asked for with any initialiser. */
static void defaults_and_copies_contradict_nothing(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    ct_var *tokens = nn_embedding_with(nn_at(b.root, "table"), ct_iota(b.graph, CT_I32, 3), 5, 4, NN_NORMAL(0.02));
    assert_non_null(nn_linear_with(nn_at(b.root, "table"), tokens, 5, (nn_linear_options){.no_bias = true}));
    assert_int_equal(nn_params_count(b.params), 1);
    nn_params *copy = nn_params_clone(b.params, &err);
    assert_ok(copy, &err);
    assert_non_null(nn_param(nn_at(nn_root(b.graph, copy), "table"), "weight", CT_SHAPE(5, 4), NN_ZEROS));
    nn_params_free(copy);
    bench_close(&b);
}

static void a_parameter_needs_a_name(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    assert_null(nn_param(nn_at(b.root, "a"), NULL, CT_SHAPE(2), NN_ONES));
    assert_error(ct_graph_error(b.graph), CT_E_NAME, "scope 'a': a parameter is asked for without a name, at ");
    bench_close(&b);
}

/* The same function on two sets in one graph reads each set's own tensors. */
static void another_set_has_its_own_values(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F64);
    ct_var *one = nn_param(b.root, "w", CT_SHAPE(1), NN_ONES);
    nn_params *ema = nn_params_clone(b.params, &err);
    assert_ok(ema, &err);
    ct_tensor_fill(nn_params_find(ema, "w"), 5);
    ct_var *two = nn_param(nn_root(b.graph, ema), "w", CT_SHAPE(1), NN_ONES);
    assert_close(number_at_step(one, 0), 1, 0);
    assert_close(number_at_step(two, 0), 5, 0);
    bench_close(&b);
    nn_params_free(ema);
}

static void another_shape_names_path_and_place(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    nn_param(nn_at(b.root, "blocks.0"), "weight", CT_SHAPE(4, 3), NN_ZEROS);
    nn_scope again = nn_at(b.root, "blocks.0");
    int line = __LINE__ - 1;
    assert_null(nn_param(again, "weight", CT_SHAPE(4, 5), NN_ZEROS));
    const ct_error *err = ct_graph_error(b.graph);
    assert_error(err, CT_E_SHAPE, "'blocks.0.weight'");
    assert_error(err, CT_E_SHAPE, "[4, 3]");
    assert_error(err, CT_E_SHAPE, "[4, 5]");
    char place[64];
    snprintf(place, sizeof place, "test_params.c:%d", line);
    assert_error(err, CT_E_SHAPE, place);
    assert_int_equal(nn_params_count(b.params), 1);
    bench_close(&b);
}

static void layer_error_names_layer_path_and_place(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    ct_var *x = ct_input(b.graph, "x", CT_F32, CT_SHAPE(2, 64)), *wide = ct_input(b.graph, "wide", CT_F32, CT_SHAPE(2, 128));
    nn_scope qkv = nn_at(b.root, "blocks.0.attn.qkv");
    int line = __LINE__ - 1;
    assert_non_null(nn_linear(qkv, x, 192));
    assert_null(nn_linear(qkv, wide, 192));
    const ct_error *err = ct_graph_error(b.graph);
    char place[64];
    snprintf(place, sizeof place, "test_params.c:%d", line);
    assert_error(err, CT_E_SHAPE, "linear 'blocks.0.attn.qkv': ");
    assert_error(err, CT_E_SHAPE, "has 128 features, but the weight is [192, 64]");
    assert_error(err, CT_E_SHAPE, place);
    bench_close(&b);
}

static void after_an_error_no_parameter_is_made(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    nn_fail(b.root, CT_E_ARGUMENT, "mine", "is wrong by %d", 3);
    assert_error(ct_graph_error(b.graph), CT_E_ARGUMENT, "mine '': is wrong by 3");
    assert_null(nn_param(b.root, "w", CT_SHAPE(2), NN_ZEROS));
    assert_null(nn_linear(b.root, NULL, 3));
    assert_int_equal(nn_params_count(b.params), 0);
    bench_close(&b);
}

static void a_null_input_is_an_error(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    assert_null(nn_linear(nn_at(b.root, "out"), NULL, 3));
    assert_error(ct_graph_error(b.graph), CT_E_ARGUMENT, "linear 'out': the input is NULL");
    bench_close(&b);
}

static void add_checks_what_it_is_given(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    ct_tensor *t = ct_tensor_new(CT_F32, CT_SHAPE(2, 3), &err), *wide = ct_tensor_new(CT_F64, CT_SHAPE(2), &err);
    ct_tensor *turned = ct_tensor_permute(t, CT_AXES(1, 0), &err);
    assert_ok(nn_params_add(b.params, "t", t, &err), &err);
    assert_ptr_equal(nn_params_find(b.params, "t"), t);
    assert_false(nn_params_add(b.params, "t", t, &err));
    assert_error(&err, CT_E_NAME, "'t': the name is taken");
    assert_false(nn_params_add(b.params, "u", wide, &err));
    assert_error(&err, CT_E_DTYPE, "float64");
    assert_false(nn_params_add(b.params, "u", turned, &err));
    assert_error(&err, CT_E_ARGUMENT, "contiguous");
    assert_false(nn_params_add(b.params, "", t, &err));
    assert_error(&err, CT_E_NAME, "empty");
    assert_null(nn_params_new(CT_I32, 0, &err));
    assert_error(&err, CT_E_DTYPE, "int32");
    ct_tensor_free(t);
    ct_tensor_free(wide);
    ct_tensor_free(turned);
    bench_close(&b);
}

static void fill_two(bench *b, double w, double v)
{
    nn_param(b->root, "w", CT_SHAPE(2, 3), (nn_init){NN_INIT_CONSTANT, w, 0});
    nn_param(b->root, "v", CT_SHAPE(4), (nn_init){NN_INIT_CONSTANT, v, 0});
    assert_null(ct_graph_error(b->graph));
}

static void clone_has_tensors_of_its_own(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    fill_two(&b, 2, 3);
    assert_ok(nn_params_add(b.params, "tied", nn_params_find(b.params, "w"), &err), &err);
    nn_params *copy = nn_params_clone(b.params, &err);
    assert_ok(copy, &err);
    assert_int_equal(nn_params_count(copy), 3);
    for (int64_t i = 0; i < 3; i++) {
        assert_string_equal(nn_params_name(copy, i), nn_params_name(b.params, i));
        assert_tensors_close(nn_params_tensor(copy, i), nn_params_tensor(b.params, i), 0);
        assert_ptr_not_equal(nn_params_tensor(copy, i), nn_params_tensor(b.params, i));
    }
    assert_ptr_equal(nn_params_find(copy, "tied"), nn_params_find(copy, "w"));
    ct_tensor_fill(nn_params_find(copy, "w"), 9);
    assert_close(ct_tensor_get(nn_params_find(b.params, "w"), 0), 2, 0);
    assert_ok(nn_params_copy(b.params, copy, &err), &err);
    assert_close(ct_tensor_get(nn_params_find(b.params, "w"), 5), 9, 0);
    nn_params_free(copy);
    bench_close(&b);
}

static void copy_converts_and_wants_the_same_names(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32), c = bench_open(CT_F64);
    fill_two(&b, 2, 3);
    fill_two(&c, 4, 5);
    assert_ok(nn_params_copy(c.params, b.params, &err), &err);
    assert_close(ct_tensor_get(nn_params_find(c.params, "v"), 3), 3, 0);
    nn_param(c.root, "more", CT_SHAPE(1), NN_ZEROS);
    assert_false(nn_params_copy(c.params, b.params, &err));
    assert_error(&err, CT_E_NAME, "1 missing: more");
    assert_false(nn_params_copy(b.params, c.params, &err));
    assert_error(&err, CT_E_NAME, "1 unexpected: more");
    bench_close(&b);
    bench_close(&c);
}

static void archive_round_trip_keeps_every_bit(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32), c = bench_open(CT_F32);
    fill_two(&b, 0, 0);
    fill_two(&c, 1, 1);
    randomize(b.params, 3);
    ct_archive *a = ct_archive_new(&err);
    assert_ok(nn_params_save(b.params, a, "model.", &err), &err);
    assert_ok(nn_params_save(c.params, a, "ema.", &err), &err);
    const char *path = support_temp_path("params.safetensors");
    assert_ok(ct_archive_write(a, path, &err), &err);
    ct_archive *back = ct_archive_read(path, &err);
    assert_ok(back, &err);
    assert_non_null(ct_archive_find(back, "model.w"));
    assert_ok(nn_params_load(c.params, back, "model.", &err), &err);
    assert_tensors_close(nn_params_find(c.params, "w"), nn_params_find(b.params, "w"), 0);
    assert_tensors_close(nn_params_find(c.params, "v"), nn_params_find(b.params, "v"), 0);
    ct_archive_free(a);
    ct_archive_free(back);
    bench_close(&b);
    bench_close(&c);
}

static void add_zeros(ct_archive *a, const char *name, ct_shape shape)
{
    ct_error err;
    ct_tensor *t = ct_tensor_new(CT_F32, shape, &err);
    assert_ok(ct_archive_add(a, name, t, &err), &err);
    ct_tensor_free(t);
}

static void load_lists_all_that_differs_and_changes_nothing(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    fill_two(&b, 2, 3);
    const char *names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++)
        nn_param(b.root, names[i], CT_SHAPE(1), NN_ZEROS);
    ct_archive *a = ct_archive_new(&err);
    add_zeros(a, "v", CT_SHAPE(4));
    add_zeros(a, "w", CT_SHAPE(3, 2));
    add_zeros(a, "d", CT_SHAPE(1));
    assert_false(nn_params_load(b.params, a, "", &err));
    assert_string_equal(err.message, "3 missing: a, b, c; 1 unexpected: d; 1 mis-shaped: w is [3, 2], expected [2, 3]");
    assert_close(ct_tensor_get(nn_params_find(b.params, "v"), 0), 3, 0);
    ct_archive_free(a);
    bench_close(&b);
}

static void a_long_list_is_cut_with_a_count(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    for (int i = 0; i < 300; i++)
        nn_param(nn_at(b.root, "blocks.%d", i), "weight", CT_SHAPE(1), NN_ZEROS);
    ct_archive *a = ct_archive_new(&err);
    add_zeros(a, "other", CT_SHAPE(4));
    assert_false(nn_params_load(b.params, a, "", &err));
    int shown = 0;
    for (const char *p = err.message; (p = strstr(p, ".weight")); p++)
        shown++;
    assert_in_range(shown, 3, 299);
    char rest[64];
    snprintf(rest, sizeof rest, " and %d more; 1 unexpected: other", 300 - shown);
    assert_error(&err, CT_E_NAME, "300 missing: blocks.0.weight, blocks.1.weight, ");
    assert_error(&err, CT_E_NAME, rest);
    ct_archive_free(a);
    bench_close(&b);
}

/* Names without the prefix are not this set's business. */
static void names_without_the_prefix_are_left_alone(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    fill_two(&b, 2, 3);
    ct_archive *a = ct_archive_new(&err);
    assert_ok(nn_params_save(b.params, a, "model.", &err), &err);
    add_zeros(a, "optimizer.m.w", CT_SHAPE(4));
    assert_ok(nn_params_load(b.params, a, "model.", &err), &err);
    add_zeros(a, "model.extra", CT_SHAPE(4));
    assert_false(nn_params_load(b.params, a, "model.", &err));
    assert_error(&err, CT_E_NAME, "1 unexpected: model.extra");
    ct_archive_free(a);
    bench_close(&b);
}

/* Sizes that a file claims are held against what it holds: a parameter too large is an error, not memory. */
static void a_limit_keeps_a_model_within_its_file(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32), c = bench_open(CT_F32);
    ct_archive *a = ct_archive_new(&err);
    add_zeros(a, "p.w", CT_SHAPE(4, 3));
    add_zeros(a, "q.v", CT_SHAPE(100));
    nn_params_limit(b.params, a, "p.");
    nn_params_limit(c.params, a, "p.");
    nn_param(b.root, "w", CT_SHAPE(4, 3), NN_ONES);
    assert_null(ct_graph_error(b.graph));
    assert_null(nn_param(b.root, "v", CT_SHAPE(1), NN_ONES));
    assert_error(ct_graph_error(b.graph), CT_E_SHAPE,
                 "parameter 'v' [1] has 1 numbers, and all before it 12, expected at most 12 in all");
    assert_null(nn_param(c.root, "w", CT_SHAPE(1 << 20, 1 << 20), NN_ONES));
    assert_error(ct_graph_error(c.graph), CT_E_SHAPE, "parameter 'w' [1048576, 1048576] has 1099511627776 numbers");
    ct_archive_free(a);
    bench_close(&b);
    bench_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_keeps_a_model_within_its_file),
        cmocka_unit_test(names_are_paths_in_order_of_creation),
        cmocka_unit_test(hundreds_of_names_are_found),
        cmocka_unit_test(same_name_shares_the_node),
        cmocka_unit_test(another_initialiser_is_refused),
        cmocka_unit_test(defaults_and_copies_contradict_nothing),
        cmocka_unit_test(a_parameter_needs_a_name),
        cmocka_unit_test(another_set_has_its_own_values),
        cmocka_unit_test(another_shape_names_path_and_place),
        cmocka_unit_test(layer_error_names_layer_path_and_place),
        cmocka_unit_test(after_an_error_no_parameter_is_made),
        cmocka_unit_test(a_null_input_is_an_error),
        cmocka_unit_test(add_checks_what_it_is_given),
        cmocka_unit_test(clone_has_tensors_of_its_own),
        cmocka_unit_test(copy_converts_and_wants_the_same_names),
        temp_unit_test(archive_round_trip_keeps_every_bit),
        cmocka_unit_test(load_lists_all_that_differs_and_changes_nothing),
        cmocka_unit_test(a_long_list_is_cut_with_a_count),
        cmocka_unit_test(names_without_the_prefix_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
