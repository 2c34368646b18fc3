/* SPDX-License-Identifier: MIT */
/* Parsing and checking the header of a safetensors file. */
#include "safetensors_header.h"

#include <stdlib.h>
#include <string.h>

#include <cotangent/digest.h>

#include "json.h"

enum { DTYPE = 1, SHAPE = 2, OFFSETS = 4, ALL = 7 };

static bool parse_dtype(ct_json *j, ct_safetensors_entry *e)
{
    char *name = ct_json_string(j);
    if (!name)
        return false;
    int i = 0;
    while (i < CT_DTYPES && strcmp(name, ct_archive_dtype_name((ct_dtype)i)) != 0)
        i++;
    e->dtype = (ct_dtype)i;
    bool ok = i < CT_DTYPES || ct_fail(j->err, CT_E_DTYPE, "dtype '%s', expected F32, F64, I32 or U8", name);
    free(name);
    return ok;
}

static bool parse_shape(ct_json *j, ct_safetensors_entry *e)
{
    bool ok;
    for (bool more = ct_json_open(j, '[', ']', &ok); more; more = ct_json_more(j, ']', &ok)) {
        if (e->shape.rank == CT_MAX_RANK)
            return ct_fail(j->err, CT_E_SHAPE, "the shape has more than %d axes", CT_MAX_RANK);
        if (!ct_json_integer(j, &e->shape.dim[e->shape.rank++]))
            return false;
    }
    return ok && ct_shape_check(e->shape, j->err);
}

static bool parse_offsets(ct_json *j, ct_safetensors_entry *e)
{
    return ct_json_expect(j, '[') && ct_json_integer(j, &e->begin) && ct_json_expect(j, ',') &&
           ct_json_integer(j, &e->end) && ct_json_expect(j, ']');
}

static int member_bit(const char *key)
{
    if (strcmp(key, "dtype") == 0)
        return DTYPE;
    if (strcmp(key, "shape") == 0)
        return SHAPE;
    return strcmp(key, "data_offsets") == 0 ? OFFSETS : 0;
}

/* One member of a tensor's object. */
static bool parse_member(ct_json *j, ct_safetensors_entry *e, int *seen)
{
    char *key = ct_json_string(j);
    if (!key)
        return false;
    int bit = member_bit(key);
    if (bit == 0 || *seen & bit)
        ct_fail(j->err, CT_E_FORMAT, "member '%s', expected dtype, shape and data_offsets once", key);
    free(key);
    if (bit == 0 || *seen & bit || !ct_json_expect(j, ':'))
        return false;
    *seen |= bit;
    if (bit == DTYPE)
        return parse_dtype(j, e);
    return bit == SHAPE ? parse_shape(j, e) : parse_offsets(j, e);
}

static bool check_entry(const ct_safetensors_entry *e, int seen, ct_error *err)
{
    if (seen != ALL)
        return ct_fail(err, CT_E_FORMAT, "one of dtype, shape and data_offsets is missing");
    int64_t bytes = ct_shape_count(e->shape) * (int64_t)ct_dtype_size(e->dtype);
    if (e->begin > e->end)
        return ct_fail(err, CT_E_FORMAT, "data_offsets [%lld, %lld] end before they begin", (long long)e->begin,
                       (long long)e->end);
    if (e->end - e->begin != bytes)
        return ct_fail(err, CT_E_FORMAT, "data_offsets span %lld bytes, but %s %s needs %lld",
                       (long long)(e->end - e->begin), ct_dtype_name(e->dtype), CT_SHAPE_TEXT(e->shape),
                       (long long)bytes);
    return true;
}

static bool parse_tensor(ct_json *j, ct_safetensors_entry *e)
{
    bool ok;
    int seen = 0;
    for (bool more = ct_json_open(j, '{', '}', &ok); more; more = ct_json_more(j, '}', &ok))
        if (!parse_member(j, e, &seen))
            return ct_fail_prefix(j->err, "tensor '%s'", e->name);
    return ok && (check_entry(e, seen, j->err) || ct_fail_prefix(j->err, "tensor '%s'", e->name));
}

/* Room for one more entry, which the caller fills. Its name belongs to the header from now on, on failure too. */
static ct_safetensors_entry *append(ct_safetensors_header *h, char *name, ct_error *err)
{
    if (h->count == h->capacity) {
        int64_t capacity = h->capacity ? 2 * h->capacity : 16;
        ct_safetensors_entry *grown = realloc(h->entry, (size_t)capacity * sizeof *grown);
        if (!grown) {
            ct_fail(err, CT_E_MEMORY, "no memory for %lld tensors", (long long)capacity);
            free(name);
            return NULL;
        }
        h->entry = grown;
        h->capacity = capacity;
    }
    h->entry[h->count] = (ct_safetensors_entry){name, CT_F32, CT_SCALAR, 0, 0, NULL};
    return &h->entry[h->count++];
}

/* A digest is known by its key, and in the first place, where the writer puts it, by its value as well: if damage has
 * changed the one, the other is left to tell. */
static bool is_digest(const char *key, const char *value, bool first)
{
    return strcmp(key, CT_DIGEST_KEY) == 0 || (first && ct_digest_is_text(value));
}

/* The value that was just parsed. Its characters stand for themselves: it has no escapes. */
static bool note_digest(ct_json *j, ct_safetensors_header *h, const char *value)
{
    if (h->digest)
        return ct_fail(j->err, CT_E_FORMAT, "there are two digests");
    if (!ct_digest_is_text(value) || memcmp(j->at - 1 - CT_DIGEST_LENGTH, value, CT_DIGEST_LENGTH) != 0)
        return ct_fail(j->err, CT_E_FORMAT, "the digest is '%.40s', expected '%s' and 16 hexadecimal digits", value,
                       CT_DIGEST_NAME);
    h->digest = j->at - 1 - CT_DIGEST_LENGTH;
    return true;
}

static bool parse_meta_value(ct_json *j, ct_safetensors_header *h, ct_archive *a, const char *key, bool first)
{
    if (ct_archive_meta(a, key))
        return ct_fail(j->err, CT_E_FORMAT, "key '%s' is there twice", key);
    char *value = ct_json_expect(j, ':') ? ct_json_string(j) : NULL;
    bool ok = value && (is_digest(key, value, first) ? note_digest(j, h, value)
                                                     : ct_archive_set_meta(a, key, value, j->err));
    free(value);
    return ok;
}

static bool parse_metadata(ct_json *j, ct_safetensors_header *h, ct_archive *a)
{
    bool ok, first = true;
    for (bool more = ct_json_open(j, '{', '}', &ok); more; more = ct_json_more(j, '}', &ok), first = false) {
        char *key = ct_json_string(j);
        ok = key && parse_meta_value(j, h, a, key, first);
        free(key);
        if (!ok)
            break;
    }
    return ok || ct_fail_prefix(j->err, CT_METADATA_NAME);
}

/* One member of the whole object. That no name is there twice shows when the archive is filled. */
static bool parse_item(ct_json *j, ct_safetensors_header *h, ct_archive *a, bool *meta_seen)
{
    char *name = ct_json_string(j);
    if (!name || !ct_json_expect(j, ':')) {
        free(name);
        return false;
    }
    if (strcmp(name, CT_METADATA_NAME) != 0) {
        ct_safetensors_entry *e = append(h, name, j->err);
        return e && parse_tensor(j, e);
    }
    free(name);
    if (*meta_seen)
        return ct_fail(j->err, CT_E_FORMAT, CT_METADATA_NAME " is there twice");
    *meta_seen = true;
    return parse_metadata(j, h, a);
}

bool ct_safetensors_parse(ct_safetensors_header *h, ct_archive *archive, const char *text, size_t length, ct_error *err)
{
    bool ok, meta_seen = false;
    ct_json j = ct_json_make(text, length, err);
    for (bool more = ct_json_open(&j, '{', '}', &ok); more; more = ct_json_more(&j, '}', &ok))
        if (!parse_item(&j, h, archive, &meta_seen))
            return false;
    return ok && ct_json_end(&j);
}

static int by_range(const void *a, const void *b)
{
    const ct_safetensors_entry *x = *(const ct_safetensors_entry *const *)a;
    const ct_safetensors_entry *y = *(const ct_safetensors_entry *const *)b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static bool check_chain(ct_safetensors_entry *const *sorted, int64_t count, int64_t bytes, ct_error *err)
{
    int64_t at = 0;
    for (int64_t i = 0; i < count; i++) {
        if (sorted[i]->begin != at)
            return ct_fail(err, CT_E_FORMAT, "tensor '%s': its data begin at byte %lld, expected %lld: the tensors %s",
                           sorted[i]->name, (long long)sorted[i]->begin, (long long)at,
                           sorted[i]->begin < at ? "overlap" : "leave a hole");
        at = sorted[i]->end;
    }
    if (at == bytes)
        return true;
    return ct_fail(err, CT_E_FORMAT, "%s: expected %lld bytes of data after the header, found %lld",
                   at > bytes ? "truncated" : "too long", (long long)at, (long long)bytes);
}

bool ct_safetensors_check_layout(ct_safetensors_header *h, int64_t bytes, ct_error *err)
{
    h->in_file = malloc((size_t)(h->count + 1) * sizeof *h->in_file);
    if (!h->in_file)
        return ct_fail(err, CT_E_MEMORY, "no memory to check %lld tensors", (long long)h->count);
    for (int64_t i = 0; i < h->count; i++)
        h->in_file[i] = &h->entry[i];
    qsort(h->in_file, (size_t)h->count, sizeof *h->in_file, by_range);
    return check_chain(h->in_file, h->count, bytes, err);
}

void ct_safetensors_release(ct_safetensors_header *h)
{
    for (int64_t i = 0; i < h->count; i++) {
        free(h->entry[i].name);
        ct_tensor_free(h->entry[i].tensor);
    }
    free(h->entry);
    free(h->in_file);
    *h = (ct_safetensors_header){0};
}
