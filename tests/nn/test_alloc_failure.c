/* SPDX-License-Identifier: MIT */
/* Memory that runs out while a model is built, trained, copied or loaded gives an error, no crash and no leak: each single allocation is
 * refused in turn. */
#include "../autograd/inputs.h"
#include "../autograd/interpose.h"
#include "nn_support.h"

#if INTERPOSED
/* The C library's own would take from a malloc that is not counted. */
HIDDEN char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}
#endif

/* What is tried: true when it went through, else false with the error. It frees what it took. */
typedef bool (*attempt)(ct_error *err);

static ct_var *loss_of(nn_scope s)
{
    ct_var *x = ct_input(s.graph, "x", CT_F64, CT_SHAPE(2, 3, 4));
    ct_var *h = nn_attention(nn_at(s, "attn"), x, 2, (nn_attention_options){0});
    h = nn_layer_norm(nn_at(s, "norm"), nn_linear(nn_at(s, "in.%d", 0), h, 3), (nn_norm_options){0});
    return nn_cross_entropy(ct_mean(h, CT_AXES(1)), ct_iota(s.graph, CT_I32, 2));
}

static bool train_once(ct_var *loss, nn_params *set[3], ct_error *err)
{
    nn_train *t = nn_train_new(loss, set[0], err);
    if (!t)
        return false;
    nn_train_clip(t, 1);
    nn_train_adamw(t, set[1], nn_cosine_schedule(ct_var_graph(loss), CT_F64, (nn_schedule){.peak = 0.1, .total = 5}), (nn_adamw_options){0});
    nn_train_ema(t, set[2], 0.5);
    nn_train_output(t, loss);
    ct_program *p = nn_train_compile(t, NULL, err);
    bool ok = set_inputs_to_zero(p, ct_var_graph(loss), err) && ct_program_run(p, err);
    ct_program_free(p);
    nn_train_free(t);
    return ok;
}

static bool training(ct_error *err)
{
    ct_graph *g = ct_graph_new();
    nn_params *set[3] = {NULL};
    bool ok = g || ct_fail(err, CT_E_MEMORY, "no graph");
    for (int i = 0; i < 3 && ok; i++)
        ok = (set[i] = nn_params_new(CT_F64, 1, err)) != NULL;
    ct_var *loss = ok ? loss_of(nn_root(g, set[0])) : NULL;
    if (ok && !loss)
        ok = ct_fail(err, ct_graph_error(g)->code, "%s", ct_graph_error(g)->message);
    ok = ok && train_once(loss, set, err);
    for (int i = 0; i < 3; i++)
        nn_params_free(set[i]);
    ct_graph_free(g);
    return ok;
}

static bool fill(nn_params *p, ct_error *err)
{
    const char *names[] = {"a", "b", "c"};
    bool ok = true;
    for (int i = 0; i < 3 && ok; i++) {
        ct_tensor *t = ct_tensor_new(CT_F32, CT_SHAPE(2), err);
        ok = t && nn_params_add(p, names[i], t, err);
        ct_tensor_free(t);
    }
    return ok;
}

static bool copies(ct_error *err)
{
    nn_params *p = nn_params_new(CT_F32, 1, err), *q = NULL;
    ct_archive *a = p ? ct_archive_new(err) : NULL;
    bool ok = a && fill(p, err) && (q = nn_params_clone(p, err)) && nn_params_copy(q, p, err) && nn_params_save(p, a, "p.", err) &&
              nn_params_load(q, a, "p.", err);
    ct_archive_free(a);
    nn_params_free(p);
    nn_params_free(q);
    return ok;
}

static bool batches(ct_error *err)
{
    ct_tensor *t = ct_tensor_new(CT_F32, CT_SHAPE(5, 2), err);
    nn_loader *l = t ? nn_loader_new(2, (ct_tensor *[]){t, t}, 2, 1, err) : NULL;
    ct_tensor_free(t);
    nn_loader_free(l);
    return l != NULL;
}

/* Refuse allocation 1, 2, 3, ... until it goes through untouched. The first pass warms up what other libraries keep. */
static void refuse_each(attempt try, int at_least)
{
    if (!interposed())
        skip();
    ct_error err;
    assert_ok(try(&err), &err);
    long long before = atomic_load(&live);
    int n = 0;
    do {
        err = (ct_error){0};
        watch_start(++n);
        bool ok = try(&err);
        watch_stop();
        if (atomic_load(&live) != before)
            fail_msg("allocation %d: holds %lld bytes more than before", n, (long long)atomic_load(&live) - before);
        if (ok == (refused != 0))
            fail_msg("allocation %d: refused %d, but the attempt says %d: %s", n, (int)refused, ok, err.message);
        if (refused && (err.code != CT_E_MEMORY || !err.message[0]))
            fail_msg("allocation %d: error \"%s\", expected \"%s\"", n, err.message, ct_code_name(CT_E_MEMORY));
    } while (refused);
    assert_true(n > at_least);
}

static void training_survives(void **state)
{
    (void)state;
    refuse_each(training, 150);
}

static void copies_survive(void **state)
{
    (void)state;
    refuse_each(copies, 20);
}

static void batches_survive(void **state)
{
    (void)state;
    refuse_each(batches, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_survives),
        cmocka_unit_test(copies_survive),
        cmocka_unit_test(batches_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
