/* SPDX-License-Identifier: MIT */
/* Subnormal numbers in programs: flushed unless a program is to keep them, on any number of threads, and the caller's floating-point mode is left as it was. */
#include "support.h"

#include <cotangent/float_mode.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) || defined(__aarch64__)
enum { FLUSHES = 1 };
#else
enum { FLUSHES = 0 };
#endif

enum { ROWS = 517, COLUMNS = 259, MOST_OUTPUTS = 64 };  /* enough for several tasks; no multiple of a vector */

static ct_program *compile(ct_graph *g, int n, ct_var *const *y, ct_compile_options options)
{
    ct_error err = {0};
    ct_program *p = ct_compile(g, n, y, &options, &err);
    assert_ok(p, &err);
    return p;
}

/* --- what is flushed --- */

/* [ROWS, COLUMNS]: x is the smallest normal number everywhere, `tiny` half of it; `pair` is 1.75 in the first row and column, -1.25 in the second ones, else 0. */
typedef struct operands {
    ct_var *x, *tiny, *half, *pair;
} operands;

static ct_var *product(operands o)
{
    return ct_mul(o.x, o.half);
}

static ct_var *scaled(operands o)
{
    return ct_scale(o.x, 0.5);
}

static ct_var *difference(operands o)
{
    return ct_sub(ct_scale(o.x, 1.75), ct_scale(o.x, 1.25));
}

static ct_var *operand(operands o)
{
    return ct_mul(o.tiny, ct_shift(ct_scale(o.half, 0), 0x1p60));
}

static ct_var *converted(operands o)
{
    return ct_cast(ct_scale(ct_cast(o.tiny, CT_F64), 0x1p60), ct_var_dtype(o.x));
}

static ct_var *by_rows(operands o)
{
    return ct_sum(ct_slice(ct_mul(o.x, o.pair), 0, 2, ROWS, 1), CT_AXES(1));
}

static ct_var *by_columns(operands o)
{
    return ct_sum(ct_slice(ct_mul(o.x, o.pair), 1, 2, COLUMNS, 1), CT_AXES(0));
}

/* Two steps of k, each of a quarter. */
static ct_var *matrices(operands o)
{
    return ct_matmul(ct_transpose(ct_slice(o.x, 0, 0, 2, 1), 0, 1), ct_scale(ct_slice(o.half, 0, 0, 2, 1), 0.5));
}

static ct_var *deep(operands o)
{
    ct_var *b = ct_slice(o.pair, 1, 2, COLUMNS, 1);
    return ct_matmul(ct_transpose(o.x, 0, 1), b);
}

typedef struct way {
    const char *name;
    ct_var *(*build)(operands o);
    double kept;  /* what every element is if subnormal numbers are kept, in smallest normal numbers; otherwise it is 0 */
} way;

static const way wholes[] = {
    {"a product of numbers", product, 0.5}, {"a number scaled", scaled, 0.5}, {"a difference", difference, 0.5}, {"an operand", operand, 0x1p59},
    {"a conversion", converted, 0x1p59}, {"sums of rows", by_rows, 0.5}, {"sums of columns", by_columns, 0.5}, {"a product of matrices", matrices, 0.5},
    {"a deep product of matrices", deep, 0.5},
};

static ct_tensor *filled(ct_dtype dtype, double x)
{
    ct_tensor *t = ct_tensor_new(dtype, CT_SHAPE(ROWS, COLUMNS), NULL);
    for (int64_t i = 0; i < ROWS * COLUMNS; i++)
        ct_tensor_set(t, i, x);
    return t;
}

static ct_tensor *pairs(ct_dtype dtype)
{
    ct_tensor *t = filled(dtype, 0);
    for (int64_t i = 2; i < ROWS; i++)
        ct_tensor_set(t, i * COLUMNS, 1.75), ct_tensor_set(t, i * COLUMNS + 1, -1.25);
    for (int64_t j = 2; j < COLUMNS; j++)
        ct_tensor_set(t, j, 1.75), ct_tensor_set(t, COLUMNS + j, -1.25);
    return t;
}

static ct_var *given(ct_graph *g, ct_tensor *t)
{
    ct_var *v = ct_alias(ct_constant(g, t));
    ct_tensor_free(t);
    return v;
}

static operands new_operands(ct_graph *g, ct_dtype dtype)
{
    double least = dtype == CT_F32 ? (double)FLT_MIN : DBL_MIN;
    return (operands){given(g, filled(dtype, least)), given(g, filled(dtype, least / 2)), given(g, filled(dtype, 0.5)), given(g, pairs(dtype))};
}

static void check_elements(const ct_tensor *t, double expected, const char *name, const ct_compile_options *o)
{
    for (int64_t i = 0; i < ct_tensor_count(t); i++)
        if (ct_tensor_get(t, i) != expected)
            fail_msg("%s, %d threads, subnormal numbers %s: element %lld is %g, expected %g", name, o->threads, o->keep_subnormals ? "kept" : "flushed",
                     (long long)i, ct_tensor_get(t, i), expected);
}

static void check_way(const way *w, ct_dtype dtype, ct_compile_options options)
{
    ct_error err = {0};
    ct_graph *g = ct_graph_new();
    ct_var *y = w->build(new_operands(g, dtype));
    ct_program *p = compile(g, 1, &y, options);
    double least = dtype == CT_F32 ? (double)FLT_MIN : DBL_MIN;
    for (int i = 0; i < 3; i++) {
        assert_ok(ct_program_run(p, &err), &err);
        check_elements(ct_program_get(p, y), options.keep_subnormals || !FLUSHES ? w->kept * least : 0, w->name, &options);
    }
    ct_program_free(p);
    ct_graph_free(g);
}

static void they_are_flushed_unless_they_are_to_be_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        for (int threads = 1; threads <= 3; threads++)
            for (int keep = 0; keep < 2; keep++) {
                check_way(&wholes[i], CT_F32, (ct_compile_options){.threads = threads, .keep_subnormals = keep});
                check_way(&wholes[i], CT_F64, (ct_compile_options){.threads = threads, .keep_subnormals = keep, .no_fuse = true});
            }
}

/* Whatever mode the caller is in. */
static void the_callers_mode_does_not_matter(void **state)
{
    (void)state;
    ct_float_mode before = ct_float_mode_get();
    for (int threads = 1; threads <= 2; threads++) {
        ct_float_mode_set(ct_float_mode_flushing(before));
        check_way(&wholes[0], CT_F64, (ct_compile_options){.threads = threads, .keep_subnormals = true});
        ct_float_mode_set(ct_float_mode_keeping(before));
        check_way(&wholes[0], CT_F64, (ct_compile_options){.threads = threads});
        ct_float_mode_set(before);
    }
}

/* --- the caller's mode --- */

static void run_in_mode(ct_program *p, ct_float_mode mode, bool ok)
{
    ct_float_mode before = ct_float_mode_get();
    ct_float_mode_set(mode);
    ct_float_mode set = ct_float_mode_get();
    bool ran = ct_program_run(p, NULL);
    ct_float_mode after = ct_float_mode_get();
    ct_float_mode_set(before);
    assert_int_equal(ran, ok);
    assert_true(after == set);
}

/* With the flags of exceptions: 1 / 0 raises some, and so do subnormal and inexact results. */
static void check_restored(ct_compile_options options, double divisor)
{
    ct_error err = {0};
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(ROWS, COLUMNS)), *y = ct_add(ct_recip(x), ct_exp(ct_shift(x, -100)));
    ct_program *p = compile(g, 1, &y, options);
    assert_ok(ct_program_set_scalar(p, x, divisor, &err), &err);
    bool ok = !options.check_finite || divisor != 0;
    ct_float_mode plain = ct_float_mode_get();
    run_in_mode(p, plain, ok);
    run_in_mode(p, ct_float_mode_flushing(plain), ok);
    run_in_mode(p, ct_float_mode_keeping(plain), ok);
    fesetround(FE_UPWARD);
    ct_float_mode upward = ct_float_mode_get();
    fesetround(FE_TONEAREST);
    run_in_mode(p, upward, ok);
    ct_program_free(p);
    ct_graph_free(g);
}

static void the_callers_mode_is_restored(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++)
        for (int keep = 0; keep < 2; keep++) {
            check_restored((ct_compile_options){.threads = threads, .keep_subnormals = keep}, 3);
            check_restored((ct_compile_options){.threads = threads, .keep_subnormals = keep}, 0);
            check_restored((ct_compile_options){.threads = threads, .keep_subnormals = keep, .check_finite = true}, 0);
        }
}

/* --- the same bits on any number of threads --- */

/* Of every magnitude down to subnormal numbers and zero, of both signs. */
static ct_tensor *of_all_magnitudes(ct_dtype dtype, uint64_t seed)
{
    support_rng rng = {seed};
    ct_tensor *t = ct_tensor_new(dtype, CT_SHAPE(ROWS, COLUMNS), NULL);
    double deepest = dtype == CT_F32 ? -152 : -1080;
    for (int64_t i = 0; i < ROWS * COLUMNS; i++)
        ct_tensor_set(t, i, support_uniform(&rng, -2, 2) * exp2(support_uniform(&rng, deepest, 8)));
    return t;
}

static int everything(ct_var *a, ct_var *b, ct_var **y)
{
    ct_var *const values[] = {
        ct_add(a, b), ct_sub(a, b), ct_mul(a, b), ct_div(a, b), ct_maximum(a, b), ct_minimum(a, b), ct_greater(a, b), ct_equal(a, b),
        ct_select(ct_greater(a, ct_scalar(ct_var_graph(a), ct_var_dtype(a), 0)), a, b), ct_exp(a), ct_log(a), ct_sqrt(a), ct_rsqrt(a), ct_recip(a), ct_square(a), ct_tanh(a), ct_sigmoid(a),
        ct_erf(a), ct_sin(a), ct_cos(a), ct_abs(a), ct_relu(a), ct_softplus(a), ct_clamp(a, 1e-310, 1), ct_pow(ct_abs(a), 1.5), ct_scale(a, 0.3), ct_neg(a),
        ct_cast(ct_cast(a, CT_F64), CT_F32), ct_sum(a, CT_AXES(0)), ct_sum(a, CT_AXES(1)), ct_max(a, CT_AXES(0)), ct_max(a, CT_AXES(1)),
        ct_matmul(a, ct_transpose(b, 0, 1)), ct_matmul(ct_transpose(a, 0, 1), b), ct_tanh(ct_mul(ct_exp(a), b)), ct_sub(a, ct_max_keep(a, CT_AXES(1))),
        ct_concat(2, (ct_var *[]){a, b}, 0), ct_pad(a, 0, 1, 1, 0),
    };
    int n = sizeof values / sizeof *values;
    memcpy(y, values, sizeof values);
    return n;
}

static void compare(ct_program *p, ct_program *q, int n, ct_var *const *y, int threads)
{
    for (int i = 0; i < n; i++) {
        const ct_tensor *s = ct_program_get(p, y[i]), *t = ct_program_get(q, y[i]);
        if (memcmp(ct_tensor_data(s), ct_tensor_data(t), ct_tensor_bytes(s)) != 0)
            fail_msg("output %d, %s, %d threads: other bits than on one thread", i, CT_VAR_TEXT(y[i]), threads);
    }
}

static void check_bits(ct_dtype dtype, bool keep)
{
    ct_error err = {0};
    ct_graph *g = ct_graph_new();
    ct_var *y[MOST_OUTPUTS], *a = given(g, of_all_magnitudes(dtype, 3)), *b = given(g, of_all_magnitudes(dtype, 4));
    int n = everything(a, b, y);
    ct_program *alone = compile(g, n, y, (ct_compile_options){.threads = 1, .keep_subnormals = keep});
    assert_ok(ct_program_run(alone, &err), &err);
    for (int threads = 2; threads <= 5; threads++) {
        ct_program *p = compile(g, n, y, (ct_compile_options){.threads = threads, .keep_subnormals = keep, .no_fuse = threads == 5});
        assert_ok(ct_program_run(p, &err), &err);
        compare(alone, p, n, y, threads);
        ct_program_free(p);
    }
    ct_program_free(alone);
    ct_graph_free(g);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        check_bits(CT_F32, keep);
        check_bits(CT_F64, keep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_flushed_unless_they_are_to_be_kept),
        cmocka_unit_test(the_callers_mode_does_not_matter),
        cmocka_unit_test(the_callers_mode_is_restored),
        cmocka_unit_test(threads_change_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
