/* Reading and writing a classifier's weights. */
#include "weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool save_meta(ct_archive *a, int64_t classes, double accuracy, ct_error *err)
{
    char count[32], share[32];
    snprintf(count, sizeof count, "%lld", (long long)classes);
    snprintf(share, sizeof share, "%.4f", accuracy);
    return ct_archive_set_meta(a, "kind", "classifier", err) && ct_archive_set_meta(a, "classes", count, err) &&
           ct_archive_set_meta(a, "accuracy", share, err);
}

bool weights_write(const char *path, const nn_params *weights, int64_t classes, double accuracy, ct_error *err)
{
    ct_archive *a = ct_archive_new(err);
    bool ok = a && save_meta(a, classes, accuracy, err) && nn_params_save(weights, a, "", err) &&
              ct_archive_write(a, path, err);
    ct_archive_free(a);
    return ok;
}

static bool read_meta(const ct_archive *a, int64_t *classes, ct_error *err)
{
    const char *kind = ct_archive_meta(a, "kind"), *count = ct_archive_meta(a, "classes");
    if (!kind || strcmp(kind, "classifier") != 0)
        return ct_fail(
            err, CT_E_FORMAT,
            "holds no classifier (metadata \"kind\" is \"%.40s\"), expected a file that mnist_classifier wrote",
            kind ? kind : "");
    *classes = count ? strtoll(count, NULL, 10) : 0;
    if (*classes < 1 || *classes > 256)
        return ct_fail(err, CT_E_FORMAT, "metadata \"classes\" is \"%.40s\", expected 1 to 256", count ? count : "");
    return true;
}

/* Parameters are made by building the network once. */
static bool build_params(nn_params *weights, int64_t classes, ct_error *err)
{
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(1, 1, 28, 28));
    bool ok = classifier_logits(nn_root(g, weights), x, classes, NULL) != NULL;
    if (!ok)
        ct_fail(err, ct_graph_error(g)->code, "%s", ct_graph_error(g)->message);
    ct_graph_free(g);
    return ok;
}

static nn_params *load(const ct_archive *a, int64_t *classes, ct_error *err)
{
    nn_params *weights = read_meta(a, classes, err) ? nn_params_new(CT_F32, 0, err) : NULL;
    if (weights && build_params(weights, *classes, err) && nn_params_load(weights, a, "", err))
        return weights;
    nn_params_free(weights);
    return NULL;
}

bool weights_read(const char *path, nn_params **weights, int64_t *classes, ct_error *err)
{
    ct_archive *a = ct_archive_read(path, err);
    if (!a)
        return false;
    *weights = load(a, classes, err);
    ct_archive_free(a);
    return *weights || ct_fail_prefix(err, "%s", path);
}
