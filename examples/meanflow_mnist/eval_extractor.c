/* SPDX-License-Identifier: MIT */
/* Finding the classifier that fits. */
#include "eval_extractor.h"

#include <glob.h>
#include <string.h>

static bool check_data(const extractor *e, const char *path, const char *fits, const char *data, ct_error *err)
{
    return strcmp(e->info.data, fits) == 0 ||
           ct_fail(err, CT_E_ARGUMENT, "%s: was trained on other images (fingerprint \"%s\") than those of %s (%s)",
                   path, e->info.data, data, fits);
}

/* The first of the paths whose metadata name this training set, or NULL. */
static const char *find(size_t n, char *const *paths, const char *fits)
{
    weights_info info;
    for (size_t i = 0; i < n; i++)
        if (weights_read_info(paths[i], &info, NULL) && strcmp(info.data, fits) == 0)
            return paths[i];
    return NULL;
}

static bool fail_none(const char *fits, const char *data, ct_error *err)
{
    return ct_fail(err, CT_E_ARGUMENT,
                   "no classifier in %s was trained on the images of %s (fingerprint %s): expected --classifier FILE, "
                   "which \"mnist_classifier --data %s\" writes",
                   CLASSIFIER_DIR, data, fits, data);
}

static bool read_shipped(extractor *e, const char *fits, const char *data, ct_error *err)
{
    glob_t list = {0};
    glob(CLASSIFIER_DIR "/*.safetensors", 0, NULL, &list);
    const char *path = find(list.gl_pathc, list.gl_pathv, fits);
    e->none = !path;
    bool ok = path ? weights_read(path, &e->weights, &e->info, err) : fail_none(fits, data, err);
    globfree(&list);
    return ok;
}

bool extractor_read(extractor *e, const char *path, const nn_dataset *train, const char *data, ct_error *err)
{
    char fits[FINGERPRINT_SIZE];
    *e = (extractor){.weights = NULL};
    fingerprint_dataset(train, fits);
    if (!path)
        return read_shipped(e, fits, data, err);
    return weights_read(path, &e->weights, &e->info, err) && check_data(e, path, fits, data, err);
}

void extractor_free(extractor *e)
{
    nn_params_free(e->weights);
}
