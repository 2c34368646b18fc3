/* SPDX-License-Identifier: MIT */
/* What a file of settings says, into options. */
#include <string.h>

#include "cli_value.h"
#include "settings_impl.h"

/* The way a value of this option is written. */
static char kind_of(const cli_option *o)
{
    return o->kind == CLI_LIST ? '[' : o->kind == CLI_INT || o->kind == CLI_DOUBLE ? 'n' : '"';
}

static const char *kind_name(char kind)
{
    return kind == '"' ? "\"a string\"" : kind == '[' ? "[a list of numbers]" : "a number";
}

static bool apply(const settings *s, const setting *item, int count, const cli_option *options, ct_error *err)
{
    char message[CLI_TEXT_SIZE];
    const cli_option *o = cli_find(count, options, item->name, strlen(item->name));
    if (!o)
        return ct_fail(err, CT_E_NAME, "%s, line %d: there is no setting '%.60s'", s->path, item->line, item->name);
    for (const setting *other = s->item; other < item; other++)
        if (strcmp(other->name, item->name) == 0)
            return ct_fail(err, CT_E_NAME, "%s, line %d: %s stands on line %d too", s->path, item->line, item->name,
                           other->line);
    if (kind_of(o) != item->kind)
        return ct_fail(err, CT_E_FORMAT, "%s, line %d: %s expects %s, got '%.60s'", s->path, item->line, item->name,
                       kind_name(kind_of(o)), item->value);
    return cli_value_set(o, item->value, message) ||
           ct_fail(err, CT_E_ARGUMENT, "%s, line %d: %s %.400s", s->path, item->line, item->name, message);
}

bool settings_apply(const settings *s, int count, const cli_option *options, ct_error *err)
{
    int first = 0;
    while (first < count && options[first].kind != CLI_SECTION)
        first++;
    for (int i = 0; i < s->count; i++)
        if (!apply(s, &s->item[i], count - first, options + first, err))
            return false;
    return true;
}
