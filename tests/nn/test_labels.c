/* SPDX-License-Identifier: MIT */
/* Labels and tokens that are none: told by name, place and caller, or left out of the mean. */
#include "nn_support.h"
#include <stdio.h>

typedef struct labelled {
    bench b;
    ct_var *logits, *label;
} labelled;

enum { ROWS = 4, CLASSES = 3 };
static const double logit[ROWS * CLASSES] = {0.1, -0.3, 0.7, 1.5, 0.2, -1, 0, 0, 0.4, -0.6, 2, 0.3};

static labelled labelled_open(void)
{
    labelled l = {.b = bench_open(CT_F64)};
    l.logits = ct_input(l.b.graph, "logits", CT_F64, CT_SHAPE(ROWS, CLASSES));
    l.label = ct_input(l.b.graph, "label", CT_I32, CT_SHAPE(ROWS));
    return l;
}

/* A run of the loss and its gradient; false when it fails. */
static bool run(const labelled *l, ct_var *loss, const int32_t *label, double *value, double *slope, int threads, ct_error *err)
{
    ct_var *grad = NULL, *logits = l->logits, *out[2] = {loss, NULL};
    assert_true(ct_grad(loss, 1, &logits, &grad));
    out[1] = grad;
    ct_program *p = ct_compile(l->b.graph, 2, out, &(ct_compile_options){.threads = threads}, err);
    assert_ok(p && ct_program_set_data(p, l->logits, logit, err) && ct_program_set_data(p, l->label, label, err), err);
    bool ok = ct_program_run(p, err);
    if (ok) {
        *value = ct_program_scalar(p, loss);
        memcpy(slope, ct_tensor_data(ct_program_get(p, grad)), ROWS * CLASSES * sizeof *slope);
    }
    ct_program_free(p);
    return ok;
}

static double probability(int row, int class)
{
    double sum = 0;
    for (int c = 0; c < CLASSES; c++)
        sum += exp(logit[row * CLASSES + c]);
    return exp(logit[row * CLASSES + class]) / sum;
}

static void check(const labelled *l, ct_var *loss, const int32_t *label, int32_t ignored)
{
    ct_error err;
    double value, slope[ROWS * CLASSES], sum = 0;
    int n = 0;
    for (int i = 0; i < ROWS; i++)
        if (label[i] != ignored) {
            n++;
            sum -= log(probability(i, label[i]));
        }
    double rows = n ? n : 1;
    assert_ok(run(l, loss, label, &value, slope, 1, &err), &err);
    assert_close(value, sum / rows, 1e-14);
    for (int i = 0; i < ROWS; i++)
        for (int c = 0; c < CLASSES; c++)
            assert_close(slope[i * CLASSES + c], label[i] == ignored ? 0 : (probability(i, c) - (label[i] == c)) / rows, 1e-14);
}

static void a_label_that_is_no_class_is_told(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        labelled l = labelled_open();
        ct_error err;
        double value, slope[ROWS * CLASSES];
        char line[64];
        ct_var *loss = nn_cross_entropy(l.logits, l.label);
        snprintf(line, sizeof line, ", at %s:%d", __FILE__, __LINE__ - 1);
        check(&l, loss, (int32_t[]){0, 1, 2, 0}, -1000);
        assert_false(run(&l, loss, (int32_t[]){0, 1, 3, 0}, &value, slope, threads, &err));
        assert_error(&err, CT_E_ARGUMENT, "cross_entropy's labels: entry [2] is 3, expected 0 to 2 (1 of 4 out of range): \"label\" int32 [4]");
        assert_non_null(strstr(err.message, line));
        assert_false(run(&l, loss, (int32_t[]){-100, 1, 3, 0}, &value, slope, threads, &err));
        assert_error(&err, CT_E_ARGUMENT, "entry [0] is -100, expected 0 to 2 (2 of 4 out of range)");
        bench_close(&l.b);
    }
}

static void ignored_labels_are_left_out_of_the_mean(void **state)
{
    (void)state;
    labelled l = labelled_open();
    ct_error err;
    double value, slope[ROWS * CLASSES];
    ct_var *loss = nn_cross_entropy_with(l.logits, l.label, (nn_cross_entropy_options){.ignore = true, .ignore_index = -100});
    check(&l, loss, (int32_t[]){0, -100, 2, -100}, -100);
    check(&l, loss, (int32_t[]){0, 1, 2, 1}, -100);
    check(&l, loss, (int32_t[]){-100, -100, -100, -100}, -100);  /* nothing left: 0, and no slope */
    assert_false(run(&l, loss, (int32_t[]){0, -100, 3, -1}, &value, slope, 1, &err));
    assert_error(&err, CT_E_ARGUMENT, "cross_entropy's labels: entry [2] is 3, expected 0 to 2 (2 of 4 out of range): \"label\" int32 [4]");
    ct_var *without_class = nn_cross_entropy_with(l.logits, l.label, (nn_cross_entropy_options){.ignore = true, .ignore_index = 1});
    check(&l, without_class, (int32_t[]){0, 1, 2, 1}, 1);
    bench_close(&l.b);
}

static void an_empty_batch_is_refused_or_zero(void **state)
{
    (void)state;
    bench b = bench_open(CT_F64);
    ct_var *none = ct_full(b.graph, CT_F64, CT_SHAPE(0, 3), 1), *label = ct_iota(b.graph, CT_I32, 0);
    assert_close(number_at_step(nn_cross_entropy_with(none, label, (nn_cross_entropy_options){.ignore = true}), 0), 0, 0);
    assert_null(nn_cross_entropy(none, label));
    assert_error(ct_graph_error(b.graph), CT_E_SHAPE, "cross_entropy: expects one row or more to take the mean of: #");
    bench_close(&b);
}

static void a_token_outside_the_table_is_told(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    ct_var *token = ct_input(b.graph, "token", CT_I32, CT_SHAPE(2, 2));
    char line[64];
    nn_scope s = nn_at(b.root, "text.%s", "embed");
    snprintf(line, sizeof line, ", at %s:%d", __FILE__, __LINE__ - 1);
    ct_var *y = nn_embedding(s, token, 4, 3);
    ct_program *p = ct_compile(b.graph, 1, &y, NULL, &err);
    assert_ok(p && ct_program_set_data(p, token, (int32_t[]){0, 3, 1, 2}, &err) && ct_program_run(p, &err), &err);
    assert_ok(ct_program_set_data(p, token, (int32_t[]){0, 3, 99, 2}, &err), &err);
    assert_false(ct_program_run(p, &err));
    assert_error(&err, CT_E_ARGUMENT, "embedding 'text.embed': entry [1, 0] is 99, expected 0 to 3 (1 of 4 out of range): \"token\" int32 [2, 2]");
    assert_non_null(strstr(err.message, line));
    ct_program_free(p);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_that_is_no_class_is_told),
        cmocka_unit_test(ignored_labels_are_left_out_of_the_mean),
        cmocka_unit_test(an_empty_batch_is_refused_or_zero),
        cmocka_unit_test(a_token_outside_the_table_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
