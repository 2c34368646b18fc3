/* SPDX-License-Identifier: MIT */
/* In which conditions lines differ, and which they share. */
#include "compare_differences.h"

#include <string.h>

#include "compare_conditions.h"

const char *compare_value(const compare_line *l, const char *condition)
{
    const char *value = json_string_value(json_object_get(l->conditions, condition));
    return value ? value : "–";
}

static bool is_common(const compare_lines *c, const char *condition)
{
    for (int64_t i = 1; i < c->count; i++)
        if (strcmp(compare_value(&c->line[i], condition), compare_value(&c->line[0], condition)) != 0)
            return false;
    return true;
}

static bool contains(const json_t *names, const char *name)
{
    size_t i;
    const json_t *item;
    json_array_foreach(names, i, item)
        if (strcmp(json_string_value(item), name) == 0)
            return true;
    return false;
}

json_t *compare_differences(const compare_lines *c)
{
    json_t *names = json_array(), *value;
    const char *name;
    for (int64_t i = 0; i < c->count; i++)
        json_object_foreach(c->line[i].conditions, name, value)
            if (!is_common(c, name) && !contains(names, name))
                json_array_append_new(names, json_string(name));
    return names;
}

void compare_put_common(FILE *to, const compare_lines *c)
{
    bool first = true;
    for (int i = 0; compare_told(i); i++) {
        const char *name = compare_told(i);
        if (json_object_get(c->line[0].conditions, name) && is_common(c, name)) {
            fprintf(to, "%s%s %s", first ? "" : ", ", name, compare_value(&c->line[0], name));
            first = false;
        }
    }
}
