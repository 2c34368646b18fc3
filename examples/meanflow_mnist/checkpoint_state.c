/* SPDX-License-Identifier: MIT */
/* The state of a run as metadata: "step", "guard.NAME", "log.NAME" of the rows before, "row.taken" and, as a
 * sum, "row.METRIC". */
#include "checkpoint_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A whole number of the state and its key. */
typedef struct entry {
    const char *key;
    int64_t *to;
} entry;
enum { ENTRIES = 10 };

static void list_entries(run_state *s, entry list[ENTRIES])
{
    list[0] = (entry){"step", &s->step};
    list[1] = (entry){"guard.skipped", &s->guard.skipped};
    list[2] = (entry){"guard.in_a_row", &s->guard.in_a_row};
    list[3] = (entry){"guard.returns", &s->guard.returns};
    list[4] = (entry){"guard.returns_in_a_row", &s->guard.returns_in_a_row};
    list[5] = (entry){"guard.calm", &s->guard.calm};
    list[6] = (entry){"log.rows", &s->row.rows};
    list[7] = (entry){"log.records", &s->row.records};
    list[8] = (entry){"log.last", &s->row.last};
    list[9] = (entry){"row.taken", &s->row.taken};
}

static void sum_key(int metric, char key[64])
{
    snprintf(key, 64, "row.%s", metric_names[metric]);
}

static bool save_sums(const log_row *row, ct_archive *to, ct_error *err)
{
    char key[64], text[32];
    for (int i = 0; i < METRICS; i++) {
        sum_key(i, key);
        snprintf(text, sizeof text, "%.17g", row->sum[i]);
        if (!ct_archive_set_meta(to, key, text, err))
            return false;
    }
    return true;
}

bool checkpoint_state_save(const run_state *s, ct_archive *to, ct_error *err)
{
    run_state copy = *s;
    entry list[ENTRIES];
    list_entries(&copy, list);
    for (int i = 0; i < ENTRIES; i++) {
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)*list[i].to);
        if (!ct_archive_set_meta(to, list[i].key, text, err))
            return false;
    }
    return save_sums(&s->row, to, err);
}

static bool fail(const char *key, const char *text, ct_error *err)
{
    return ct_fail(err, CT_E_FORMAT, "metadata \"%s\" is \"%.40s\", expected a number", key, text ? text : "");
}

static bool load_sums(log_row *row, const ct_archive *from, ct_error *err)
{
    for (int i = 0; i < METRICS; i++) {
        char key[64], *end;
        sum_key(i, key);
        const char *text = ct_archive_meta(from, key);
        row->sum[i] = text ? strtod(text, &end) : 0;
        if (!text || end == text || *end)
            return fail(key, text, err);
    }
    return true;
}

bool checkpoint_state_load(run_state *s, const ct_archive *from, ct_error *err)
{
    run_state loaded;
    entry list[ENTRIES];
    list_entries(&loaded, list);
    for (int i = 0; i < ENTRIES; i++) {
        char *end;
        const char *text = ct_archive_meta(from, list[i].key);
        errno = 0;
        *list[i].to = text ? strtoll(text, &end, 10) : -1;
        if (!text || end == text || *end || errno || *list[i].to < 0)
            return fail(list[i].key, text, err);
    }
    if (!load_sums(&loaded.row, from, err))
        return false;
    *s = loaded;
    return true;
}
