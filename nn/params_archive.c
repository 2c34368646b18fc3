/* SPDX-License-Identifier: MIT */
/* Parameters into an archive and back. */
#include "params_difference.h"
#include "params_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* prefix + name, to be freed. */
static char *join(const char *prefix, const char *name, ct_error *err)
{
    size_t size = strlen(prefix) + strlen(name) + 1;
    char *text = malloc(size);
    if (text)
        snprintf(text, size, "%s%s", prefix, name);
    else
        ct_fail(err, CT_E_MEMORY, "parameter '%s': out of memory for its name", name);
    return text;
}

bool nn_params_save(const nn_params *p, ct_archive *to, const char *prefix, ct_error *err)
{
    for (int64_t i = 0; i < nn_params_count(p); i++) {
        char *name = join(prefix, nn_params_name(p, i), err);
        bool ok = name && ct_archive_add(to, name, nn_params_tensor(p, i), err);
        free(name);
        if (!ok)
            return false;
    }
    return true;
}

typedef struct difference {
    name_list missing, unexpected, misshaped;
} difference;

/* The archive's tensors in the order of the set, NULL where there is none of that name and shape. */
static bool match(const nn_params *p, const ct_archive *from, const char *prefix, ct_tensor **found, difference *d,
                  ct_error *err)
{
    for (int64_t i = 0; i < nn_params_count(p); i++) {
        char *name = join(prefix, nn_params_name(p, i), err);
        if (!name)
            return false;
        ct_shape expected = ct_tensor_shape(nn_params_tensor(p, i));
        found[i] = ct_archive_find(from, name);
        if (!found[i])
            nn_name_list_add(&d->missing, "%s", name);
        else if (!ct_shape_equal(ct_tensor_shape(found[i]), expected))
            nn_name_list_add(&d->misshaped, "%s is %s, expected %s", name, CT_SHAPE_TEXT(ct_tensor_shape(found[i])),
                          CT_SHAPE_TEXT(expected));
        free(name);
    }
    return true;
}

static void list_unexpected(const nn_params *p, const ct_archive *from, const char *prefix, name_list *unexpected)
{
    size_t length = strlen(prefix);
    for (int64_t i = 0; i < ct_archive_count(from); i++) {
        const char *name = ct_archive_name(from, i);
        if (strncmp(name, prefix, length) == 0 && !nn_params_find(p, name + length))
            nn_name_list_add(unexpected, "%s", name);
    }
}

static bool copy_all(nn_params *p, ct_tensor *const *from, ct_error *err)
{
    for (int64_t i = 0; i < nn_params_count(p); i++) {
        ct_tensor *to = nn_params_tensor(p, i);
        if (ct_tensor_data(to) != ct_tensor_data(from[i]) && !ct_tensor_copy(to, from[i], err))
            return false;
    }
    return true;
}

bool nn_params_load(nn_params *p, const ct_archive *from, const char *prefix, ct_error *err)
{
    ct_tensor **found = calloc((size_t)nn_params_count(p) + 1, sizeof *found);
    if (!found)
        return ct_fail(err, CT_E_MEMORY, "parameters: out of memory to load %lld tensors", (long long)nn_params_count(p));
    difference d = {{.kind = "missing"}, {.kind = "unexpected"}, {.kind = "mis-shaped"}};
    bool ok = match(p, from, prefix, found, &d, err);
    if (ok) {
        list_unexpected(p, from, prefix, &d.unexpected);
        ok = nn_name_lists_empty(3, (name_list[]){d.missing, d.unexpected, d.misshaped}, err);
    }
    ok = ok && copy_all(p, found, err);
    free(found);
    return ok;
}

bool nn_params_copy(nn_params *dst, const nn_params *src, ct_error *err)
{
    ct_archive *between = ct_archive_new(err);
    bool ok = between && nn_params_save(src, between, "", err) && nn_params_load(dst, between, "", err);
    ct_archive_free(between);
    return ok;
}
