/* SPDX-License-Identifier: MIT */
/* Named tensors and metadata in memory. */
#include "archive.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

const char *ct_archive_dtype_name(ct_dtype dtype)
{
    static const char *const names[CT_DTYPES] = {"F32", "F64", "I32", "U8"};
    return names[dtype];
}

ct_archive *ct_archive_new(ct_error *err)
{
    ct_archive *a = calloc(1, sizeof *a);
    if (!a)
        ct_fail(err, CT_E_MEMORY, "no memory for an archive");
    return a;
}

static void release_tensor(void *tensor)
{
    ct_tensor_free(tensor);
}

void ct_archive_free(ct_archive *a)
{
    if (!a)
        return;
    ct_table_release(&a->tensors, release_tensor);
    ct_table_release(&a->meta, free);
    free(a);
}

static bool check_name(const ct_archive *a, const char *name, ct_error *err)
{
    if (!name || !ct_utf8_check(name))
        return ct_fail(err, CT_E_NAME, "the name of a tensor is not valid UTF-8");
    if (strcmp(name, CT_METADATA_NAME) == 0)
        return ct_fail(err, CT_E_NAME, "a tensor cannot be named '%s'", name);
    if (ct_table_find(&a->tensors, name) >= 0)
        return ct_fail(err, CT_E_NAME, "the archive already has a tensor '%s'", name);
    return true;
}

bool ct_archive_add(ct_archive *a, const char *name, ct_tensor *t, ct_error *err)
{
    if (!check_name(a, name, err))
        return false;
    if (!t)
        return ct_fail(err, CT_E_ARGUMENT, "no tensor to add under the name '%s'", name);
    if (!ct_table_add(&a->tensors, name, t))
        return ct_fail(err, CT_E_MEMORY, "no memory to add tensor '%s'", name);
    ct_tensor_retain(t);
    return true;
}

bool ct_archive_set_meta(ct_archive *a, const char *key, const char *value, ct_error *err)
{
    if (!key || !value || !ct_utf8_check(key) || !ct_utf8_check(value))
        return ct_fail(err, CT_E_ARGUMENT, "a metadata key or value is not valid UTF-8");
    if (strcmp(key, CT_DIGEST_KEY) == 0)
        return ct_fail(err, CT_E_NAME, "metadata '%s' are left to the writer: the digest of the file", key);
    int64_t i = ct_table_find(&a->meta, key);
    char *copy = strdup(value);
    if (!copy || (i < 0 && !ct_table_add(&a->meta, key, copy))) {
        free(copy);
        return ct_fail(err, CT_E_MEMORY, "no memory for metadata '%s'", key);
    }
    if (i >= 0) {
        free(a->meta.entry[i].item);
        a->meta.entry[i].item = copy;
    }
    return true;
}

int64_t ct_archive_count(const ct_archive *a)
{
    return a->tensors.count;
}

static const ct_table_entry *tensor_entry(const ct_archive *a, int64_t i)
{
    return i >= 0 && i < a->tensors.count ? &a->tensors.entry[i] : NULL;
}

const char *ct_archive_name(const ct_archive *a, int64_t i)
{
    const ct_table_entry *entry = tensor_entry(a, i);
    return entry ? entry->name : NULL;
}

ct_tensor *ct_archive_tensor(const ct_archive *a, int64_t i)
{
    const ct_table_entry *entry = tensor_entry(a, i);
    return entry ? entry->item : NULL;
}

ct_tensor *ct_archive_find(const ct_archive *a, const char *name)
{
    return ct_archive_tensor(a, ct_table_find(&a->tensors, name));
}

const char *ct_archive_meta(const ct_archive *a, const char *key)
{
    int64_t i = ct_table_find(&a->meta, key);
    return i < 0 ? NULL : a->meta.entry[i].item;
}

bool ct_archive_has_digest(const ct_archive *a)
{
    return a->has_digest;
}
