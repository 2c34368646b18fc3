/* SPDX-License-Identifier: MIT */
/* Taking files of settings apart. */
#include <stdlib.h>
#include <string.h>

#include "settings_impl.h"
#include "seal.h"
#include "whole_file.h"

enum { LARGEST_FILE = 1 << 20 };

void settings_free(settings *s)
{
    if (!s)
        return;
    free(s->path);
    free(s->text);
    free(s->item);
    free(s);
}

/* --- lines ------------------------------------------------------------------------------------------------------ */

static char *skip_space(char *at)
{
    return at + strspn(at, " \t\r");
}

static bool fail_at(const settings *s, int line, const char *expected, const char *found, ct_error *err)
{
    return ct_fail(err, CT_E_FORMAT, "%s, line %d: expected %s, got '%.60s'", s->path, line, expected, found);
}

/* The character that stands behind a backslash at **at; steps over it. 0 when there is none that we know. */
static char unescape(char **at)
{
    char c = *(*at)++, *end;
    if (c == '"' || c == '\\')
        return c;
    if (c != 'u' || strspn(*at, "0123456789abcdefABCDEF") < 4)
        return 0;
    char digits[5] = {(*at)[0], (*at)[1], (*at)[2], (*at)[3], 0};
    long code = strtol(digits, &end, 16);
    *at += 4;
    return code < 128 ? (char)code : 0;
}

/* A string after its opening quote, decoded in place. The place after the closing quote; NULL when there is none. */
static char *take_string(char *at)
{
    char *to = at;
    while (*at && *at != '"') {
        char c = *at++;
        if (c == '\\' && (c = unescape(&at)) == 0)
            return NULL;
        *to++ = c;
    }
    if (!*at)
        return NULL;
    *to = 0;
    return at + 1;
}

/* A value without quotes: up to one of the characters `end`. The place after that character, and that character in
 * *was, 0 for the line's end. */
static char *take_until(char *at, const char *end, char *was)
{
    at += strcspn(at, end);
    *was = *at;
    *at = 0;
    return *was ? at + 1 : at;
}

/* The value at `at` into item; what is left of the line, or NULL when it is no value. */
static char *take_value(char *at, setting *item)
{
    char was;
    item->kind = *at == '"' || *at == '[' ? *at : 'n';
    item->value = item->kind == 'n' ? at : at + 1;
    if (item->kind == '"')
        return take_string(item->value);
    char *rest = take_until(item->value, item->kind == '[' ? "]" : " \t\r#", &was);
    if (item->kind == '[')
        return was == ']' ? rest : NULL;
    if (was == '#') {
        item->comment = skip_space(rest);
        rest += strlen(rest);
    }
    return *item->value ? rest : NULL;
}

static bool is_blank(char *at)
{
    at = skip_space(at);
    return !*at || *at == '#';
}

/* What is said behind '#', if there is such a thing at `at`. */
static const char *comment_at(char *at)
{
    at = skip_space(at);
    return *at == '#' ? skip_space(at + 1) : "";
}

/* "name = value". */
static bool read_setting(settings *s, int line, char *at, ct_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    setting item = {.line = line, .name = at, .section = s->section, .comment = ""};
    char *name_end = at + strspn(at, letters), *equals = skip_space(name_end);
    if (name_end == at || *equals != '=')
        return fail_at(s, line, "name = value", at, err);
    char *value = skip_space(equals + 1), *rest = take_value(value, &item);
    if (!rest)
        return fail_at(s, line, "a number, \"a string\" or [a list of numbers] after '='", value, err);
    if (!is_blank(rest))
        return fail_at(s, line, "nothing but a comment after the value", rest, err);
    *name_end = 0;
    item.comment = *item.comment ? item.comment : comment_at(rest);
    s->item[s->count++] = item;
    return true;
}

static bool read_line(settings *s, int line, char *at, ct_error *err)
{
    at = skip_space(at);
    if (is_blank(at))
        return true;
    if (*at != '[')
        return read_setting(s, line, at, err);
    char *close = strchr(at, ']');
    if (!close || !is_blank(close + 1))
        return fail_at(s, line, "[section]", at, err);
    *close = 0;
    s->section = skip_space(at + 1);
    return true;
}

/* --- the file --------------------------------------------------------------------------------------------------- */

static bool read_text(settings *s, const char *path, ct_error *err)
{
    size_t size;
    s->text = whole_file_read(path, LARGEST_FILE, &size, err);
    if (s->text && memchr(s->text, 0, size))
        return ct_fail(err, CT_E_FORMAT, "%s: expected a file of settings, got a file that is not text", path);
    if (s->text && size == 0)
        return ct_fail(err, CT_E_FORMAT, "%s: expected a file of settings, got an empty one", path);
    return s->text && seal_check(path, s->text, size, err);
}

/* Room for as many settings as there are lines. */
static bool make_room(settings *s, ct_error *err)
{
    size_t lines = 1;
    for (const char *at = s->text; (at = strchr(at, '\n')); at++)
        lines++;
    s->item = calloc(lines, sizeof *s->item);
    return s->item || ct_fail(err, CT_E_MEMORY, "%s: no memory for %zu lines", s->path, lines);
}

static bool read_lines(settings *s, ct_error *err)
{
    int line = 0;
    s->section = "";
    for (char *at = s->text, *next; at; at = next) {
        next = strchr(at, '\n');
        if (next)
            *next++ = 0;
        if (!read_line(s, ++line, at, err))
            return false;
    }
    return true;
}

settings *settings_read(const char *path, ct_error *err)
{
    settings *s = calloc(1, sizeof *s);
    if (s)
        s->path = strdup(path);
    if (!s || !s->path)
        ct_fail(err, CT_E_MEMORY, "%s: no memory to read it", path);
    else if (read_text(s, path, err) && make_room(s, err) && read_lines(s, err))
        return s;
    settings_free(s);
    return NULL;
}

/* --- looking at it ---------------------------------------------------------------------------------------------- */

int settings_count(const settings *s)
{
    return s->count;
}

settings_entry settings_get(const settings *s, int i)
{
    const setting *item = &s->item[i];
    return (settings_entry){item->section, item->name, item->value, item->comment};
}

const char *settings_value(const settings *s, const char *name)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->item[i].name, name) == 0)
            return s->item[i].value;
    return NULL;
}
