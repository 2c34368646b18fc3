/* SPDX-License-Identifier: MIT */
/* Options as metadata. */
#include "train_record.h"

#include <stdio.h>
#include <string.h>

#include "cli_value.h"
#include "train_table.h"

enum { KEY_SIZE = 64 };

/* An option's key and value as text. */
static const char *entry_of(const cli_option *o, char key[KEY_SIZE], char text[CLI_TEXT_SIZE])
{
    snprintf(key, KEY_SIZE, "train.%s", o->name);
    return cli_value_text(o, text);
}

bool train_record_save(const train_options *o, ct_archive *to, ct_error *err)
{
    train_options copy = *o;
    train_table table = train_table_of(&copy);
    char key[KEY_SIZE], text[CLI_TEXT_SIZE];
    for (int i = table.training; i < table.count; i++) {
        const char *value = entry_of(&table.option[i], key, text);
        if (table.option[i].kind != CLI_SECTION && !ct_archive_set_meta(to, key, value, err))
            return false;
    }
    return ct_archive_set_meta(to, "data", o->data_content, err);
}

static bool match(const ct_archive *from, const char *key, const char *what, const char *value, ct_error *err)
{
    const char *found = ct_archive_meta(from, key);
    if (found && strcmp(found, value) == 0)
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "was trained with %s %.60s, not %.60s, and a run goes on as it was begun; "
                   "for another one, give another --out, or --overwrite", what, found ? found : "(none)", value);
}

bool train_record_match(const train_options *o, const ct_archive *from, ct_error *err)
{
    train_options copy = *o;
    train_table table = train_table_of(&copy);
    char key[KEY_SIZE], text[CLI_TEXT_SIZE], what[KEY_SIZE];
    for (int i = table.training; i < table.count; i++) {
        const char *value = entry_of(&table.option[i], key, text);
        snprintf(what, sizeof what, "--%s", table.option[i].name);
        if (table.option[i].kind != CLI_SECTION && !match(from, key, what, value, err))
            return false;
    }
    return match(from, "data", "data of fingerprint", o->data_content, err);
}
