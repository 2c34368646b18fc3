/* SPDX-License-Identifier: MIT */
/* Arguments that no constructor, transform or program can take, beside those of the ops' own samples: what they say. */
#include "support.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <string.h>

typedef ct_var *(*maker)(ct_graph *g, ct_var *x);
#define MAKE(name, expression)                       \
    static ct_var *name(ct_graph *g, ct_var *x)      \
    {                                                \
        (void)g, (void)x;                            \
        return expression;                           \
    }
#define FAR (INT64_C(1) << 62)
#define NEAR_LEAST (-FAR - FAR)

MAKE(input_dtype, ct_input(g, "y", (ct_dtype)77, CT_SHAPE(2)))
MAKE(iota_dtype, ct_iota(g, (ct_dtype)-1, 3))
MAKE(iota_far, ct_iota(g, CT_F32, FAR))
MAKE(uniform_dtype, ct_uniform(g, (ct_dtype)77, CT_SHAPE(2)))
MAKE(normal_dtype, ct_normal(g, (ct_dtype)77, CT_SHAPE(2)))
MAKE(step_dtype, ct_step(g, (ct_dtype)77))
MAKE(cast_dtype, ct_cast(x, (ct_dtype)77))
MAKE(full_dtype, ct_full(g, (ct_dtype)77, CT_SHAPE(2), 1))
MAKE(full_far, ct_full(g, CT_F32, CT_SHAPE(FAR, FAR), 1))
MAKE(full_rank, ct_full(g, CT_F32, ct_shape_of(9, (int64_t[9]){1, 1, 1, 1, 1, 1, 1, 1, 1}), 1))
MAKE(uniform_far, ct_uniform(g, CT_F32, CT_SHAPE(FAR, FAR)))
MAKE(one_hot_dtype, ct_one_hot(ct_iota(g, CT_I32, 2), 3, (ct_dtype)77))
MAKE(one_hot_negative, ct_one_hot(ct_iota(g, CT_I32, 2), -3, CT_F32))
MAKE(one_hot_far, ct_one_hot(ct_iota(g, CT_I32, 2), FAR, CT_F32))
MAKE(slice_least, ct_slice(x, 0, NEAR_LEAST, 1, 1))
MAKE(slice_step, ct_slice(x, 0, 0, 1, NEAR_LEAST))
MAKE(pad_far, ct_pad(x, 0, 0, FAR, 0))
MAKE(pad_least, ct_pad(x, 0, NEAR_LEAST, 0, 0))
MAKE(clamp_nan, ct_clamp(x, NAN, 1))
MAKE(sum_axis, ct_sum(x, CT_AXES(5)))
MAKE(permute_twice, ct_permute(x, CT_AXES(0, 0)))
MAKE(transpose_axis, ct_transpose(x, 0, -9))
MAKE(scatter_negative, ct_scatter_add(ct_iota(g, CT_F32, 2), ct_iota(g, CT_I32, 2), 0, -1))
MAKE(scatter_far, ct_scatter_add(ct_iota(g, CT_F32, 2), ct_iota(g, CT_I32, 2), 0, FAR))
MAKE(gather_axis, ct_gather(x, ct_iota(g, CT_I32, 2), 4))
MAKE(check_negative, ct_check_index(ct_iota(g, CT_I32, 2), NEAR_LEAST))
MAKE(null_operand, ct_add(x, NULL))
MAKE(no_name, ct_input(g, NULL, CT_F32, CT_SCALAR))
MAKE(no_tensor, ct_state(g, "s", NULL))
MAKE(concat_of_none_in_a_sum, ct_add(x, ct_concat(0, NULL, 0)))
MAKE(reshape_rows, ct_reshape(x, CT_SHAPE(5, -1)))

static void bad_arguments_are_named(void **state)
{
    (void)state;
    static const struct {
        maker make;
        const char *message;
    } cases[] = {
        {input_dtype, "input: unknown dtype 77, expected float32 (0), float64 (1), int32 (2) or uint8 (3), at "},
        {iota_dtype, "iota: unknown dtype -1"},
        {iota_far, "iota: shape [4611686018427387904] has more elements than the limit of 2^59"},
        {uniform_dtype, "uniform: unknown dtype 77"},
        {normal_dtype, "normal: unknown dtype 77"},
        {step_dtype, "step: unknown dtype 77"},
        {cast_dtype, "cast: unknown dtype 77"},
        {full_dtype, "scalar: unknown dtype 77"},
        {full_far, "full: shape [4611686018427387904, 4611686018427387904] has more elements than the limit of 2^59, at "},
        {full_rank, "full: a shape has rank 9, expected 0 to 8"},
        {uniform_far, "uniform: shape [4611686018427387904, 4611686018427387904] has more elements than the limit of 2^59"},
        {one_hot_dtype, "cast: unknown dtype 77"},
        {one_hot_negative, "one_hot: -3 classes, expected 0 to 2147483647"},
        {one_hot_far, "one_hot: 4611686018427387904 classes, expected 0 to 2147483647"},
        {slice_least, "is not within extent 4 of axis 0"},
        {slice_step, "expected 1 or more"},
        {pad_far, "pad: 0 before, 4611686018427387904 after, 0 between, more than the limit of 2^59"},
        {pad_least, "expected 0 or more"},
        {clamp_nan, "nan..1 is no range"},
        {sum_axis, "sum: there is no axis 5"},
        {permute_twice, "permute: axis 0 is given twice"},
        {transpose_axis, "transpose: there is no axis -9"},
        {scatter_negative, "scatter_add: extent -1"},
        {scatter_far, "scatter_add: shape [4611686018427387904] has more elements than the limit of 2^59"},
        {gather_axis, "gather: there is no axis 4, expected one of rank 2"},
        {check_negative, "check_index: a range of -9223372036854775808, expected 0 or more"},
        {null_operand, "add: operand 1 is NULL (a zero tangent or gradient? see ct_or_zeros)"},
        {no_name, "input: needs a name"},
        {no_tensor, "state: the tensor is NULL"},
        {concat_of_none_in_a_sum, "add: operand 1 is NULL (concat: expects one operand or more, got 0, at "},
        {reshape_rows, "reshape: 24 elements cannot be cut into rows of 5, which [5, -1] asks for: \"x\" float32 [4, 6], at "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_graph *g = ct_graph_new();
        ct_var *y = cases[i].make(g, ct_input(g, "x", CT_F32, CT_SHAPE(4, 6)));
        const ct_error *wrong = ct_graph_error(g);
        if (y || !wrong || !strstr(wrong->message, cases[i].message))
            fail_msg("got %s, expected %s", wrong ? wrong->message : "no error", cases[i].message);
        ct_graph_free(g);
    }
}

static void compiling_refuses_lists_that_are_none(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new();
    assert_null(ct_compile(g, -1, NULL, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "compile: a list of -1 outputs at NULL, expected 0 or more");
    assert_null(ct_compile(g, 2, NULL, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "compile: a list of 2 outputs at NULL");
    assert_null(ct_compile(g, 0, NULL, &(ct_compile_options){.n_cut = 1}, &err));
    assert_error(&err, CT_E_ARGUMENT, "compile: a list of 1 cut nodes at NULL");
    assert_null(ct_compile(NULL, 0, NULL, NULL, &err));
    assert_error(&err, CT_E_MEMORY, "there is no graph");
    ct_var *none = ct_concat(0, NULL, 0);
    assert_null(none);
    assert_null(ct_compile(g, 1, &none, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "compile: output 0 is NULL (concat: expects one operand or more, got 0, at ");
    assert_null(ct_compile(g, 1, &none, NULL, &err));  /* told once */
    assert_error(&err, CT_E_ARGUMENT, "compile: output 0 is NULL (a zero gradient? see ct_or_zeros)");
    ct_graph_free(g);
}

static void programs_and_tensors_take_null(void **state)
{
    (void)state;
    ct_error err;
    assert_null(ct_program_get(NULL, NULL));
    assert_true(isnan(ct_program_scalar(NULL, NULL)));
    assert_false(ct_program_set_scalar(NULL, NULL, 1, &err));
    assert_error(&err, CT_E_ARGUMENT, "set: NULL is not a node of the program's graph");
    ct_program_set_step(NULL, 3);
    ct_program_set_seed(NULL, 3);
    assert_true(ct_program_step(NULL) == 0 && ct_program_bytes(NULL) == 0);
    assert_true(isnan(ct_tensor_get(NULL, 0)) && !ct_tensor_data(NULL) && ct_tensor_count(NULL) == 0 && ct_tensor_bytes(NULL) == 0);
    ct_tensor_set(NULL, 0, 1);
    ct_tensor_fill(NULL, 1);
    assert_null(ct_tensor_reshape(NULL, CT_SHAPE(-1), &err));
    assert_error(&err, CT_E_ARGUMENT, "no tensor to look at: it is NULL");
    assert_null(ct_tensor_slice(NULL, 0, 0, 1, 1, &err));
    assert_null(ct_tensor_new((ct_dtype)77, CT_SHAPE(2), &err));
    assert_error(&err, CT_E_DTYPE, "77 is not a dtype, expected 0 to 3");
}

static void the_last_error_is_this_threads_and_alive(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *a = ct_graph_new(), *b = ct_graph_new(), *c = ct_graph_new();
    assert_false(ct_graph_last_error(&err));
    ct_iota(a, CT_F32, -1);
    ct_iota(b, CT_F32, -2);
    assert_true(ct_graph_last_error(&err));
    assert_error(&err, CT_E_SHAPE, "iota: expects a count of 0 or more, got -2");
    ct_graph_free(b);
    assert_true(ct_graph_last_error(&err));
    assert_error(&err, CT_E_SHAPE, "got -1");
    ct_graph_free(c);
    ct_graph_free(a);
    assert_false(ct_graph_last_error(&err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_arguments_are_named),
        cmocka_unit_test(compiling_refuses_lists_that_are_none),
        cmocka_unit_test(programs_and_tensors_take_null),
        cmocka_unit_test(the_last_error_is_this_threads_and_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
