/* SPDX-License-Identifier: MIT */
/* Reading and writing a classifier's weights. */
#include "weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool save_info(ct_archive *a, const nn_params *weights, const weights_info *info, ct_error *err)
{
    char classes[32], accuracy[32], content[FINGERPRINT_SIZE];
    snprintf(classes, sizeof classes, "%lld", (long long)info->classes);
    snprintf(accuracy, sizeof accuracy, "%.4f", info->accuracy);
    fingerprint_params(weights, content);
    return ct_archive_set_meta(a, "kind", "classifier", err) && ct_archive_set_meta(a, "name", info->name, err) &&
           ct_archive_set_meta(a, "content", content, err) && ct_archive_set_meta(a, "data", info->data, err) &&
           ct_archive_set_meta(a, "classes", classes, err) && ct_archive_set_meta(a, "accuracy", accuracy, err);
}

bool weights_write(const char *path, const nn_params *weights, const weights_info *info, ct_error *err)
{
    ct_archive *a = ct_archive_new(err);
    bool ok = a && save_info(a, weights, info, err) && nn_params_save(weights, a, "", err) &&
              ct_archive_write(a, path, err);
    ct_archive_free(a);
    return ok;
}

/* The metadata `key`, cut at size - 1 bytes; "" when there is none. */
static const char *copy_meta(const ct_archive *a, const char *key, char *to, size_t size)
{
    const char *text = ct_archive_meta(a, key);
    snprintf(to, size, "%s", text ? text : "");
    return to;
}

static bool load_info(const ct_archive *a, weights_info *info, ct_error *err)
{
    char kind[41], classes[41], accuracy[41];
    if (strcmp(copy_meta(a, "kind", kind, sizeof kind), "classifier") != 0)
        return ct_fail(
            err, CT_E_FORMAT,
            "holds no classifier (metadata \"kind\" is \"%s\"), expected a file that mnist_classifier wrote", kind);
    copy_meta(a, "name", info->name, sizeof info->name);
    copy_meta(a, "content", info->content, sizeof info->content);
    copy_meta(a, "data", info->data, sizeof info->data);
    info->classes = strtoll(copy_meta(a, "classes", classes, sizeof classes), NULL, 10);
    info->accuracy = strtod(copy_meta(a, "accuracy", accuracy, sizeof accuracy), NULL);
    if (info->classes < 1 || info->classes > 256)
        return ct_fail(err, CT_E_FORMAT, "metadata \"classes\" is \"%s\", expected 1 to 256", classes);
    if (!(info->accuracy >= 0 && info->accuracy <= 1))
        return ct_fail(err, CT_E_FORMAT, "metadata \"accuracy\" is \"%s\", expected 0 to 1", accuracy);
    return *info->name || ct_fail(err, CT_E_FORMAT, "metadata \"name\" is missing, expected the classifier's name");
}

/* Parameters are made by building the network once. */
static bool build_params(nn_params *weights, int64_t classes, ct_error *err)
{
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(1, 1, 28, 28));
    bool ok = mf_classifier_logits(nn_root(g, weights), x, classes, NULL) != NULL;
    if (!ok)
        ct_fail(err, ct_graph_error(g)->code, "%s", ct_graph_error(g)->message);
    ct_graph_free(g);
    return ok;
}

static bool check_content(const nn_params *weights, const weights_info *info, ct_error *err)
{
    char found[FINGERPRINT_SIZE];
    fingerprint_params(weights, found);
    return strcmp(found, info->content) == 0 ||
           ct_fail(err, CT_E_FORMAT, "weights with fingerprint %s, expected \"%s\", as its metadata say", found,
                   info->content);
}

static nn_params *load(const ct_archive *a, weights_info *info, ct_error *err)
{
    nn_params *weights = load_info(a, info, err) ? nn_params_new(CT_F32, 0, err) : NULL;
    if (weights)
        nn_params_limit(weights, a, "");
    if (weights && build_params(weights, info->classes, err) && nn_params_load(weights, a, "", err) &&
        check_content(weights, info, err))
        return weights;
    nn_params_free(weights);
    return NULL;
}

bool weights_read(const char *path, nn_params **weights, weights_info *info, ct_error *err)
{
    ct_archive *a = ct_archive_read(path, err);
    if (!a)
        return false;
    *weights = load(a, info, err);
    ct_archive_free(a);
    return *weights || ct_fail_prefix(err, "%s", path);
}

bool weights_read_info(const char *path, weights_info *info, ct_error *err)
{
    ct_archive *a = ct_archive_read(path, err);
    if (!a)
        return false;
    bool ok = load_info(a, info, err);
    ct_archive_free(a);
    return ok || ct_fail_prefix(err, "%s", path);
}
