/* SPDX-License-Identifier: MIT */
/* Values of options from text and back. */
#include "cli_value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const cli_option *cli_find(int count, const cli_option *options, const char *name, size_t length)
{
    for (int i = 0; i < count; i++) {
        const cli_option *o = &options[i];
        bool named = o->kind != CLI_ARGUMENT && o->kind != CLI_ARGUMENTS && o->kind != CLI_SECTION;
        if (named && strlen(o->name) == length && memcmp(o->name, name, length) == 0)
            return o;
    }
    return NULL;
}

/* --- from text -------------------------------------------------------------------------------------------------- */

static bool has_range(const cli_option *o)
{
    return o->min != 0 || o->max != 0;
}

static bool in_range(const cli_option *o, double x)
{
    return !has_range(o) || (x >= o->min && x <= o->max);
}

static bool refuse(const cli_option *o, const char *kind, const char *text, char message[CLI_TEXT_SIZE])
{
    char range[80] = "";
    if (has_range(o))
        snprintf(range, sizeof range, " from %.15g to %.15g", o->min, o->max);
    snprintf(message, CLI_TEXT_SIZE, "expects %s%s, got '%s'", kind, range, text);
    return false;
}

static bool set_int(const cli_option *o, const char *text, char message[CLI_TEXT_SIZE])
{
    char *end;
    errno = 0;
    long long x = strtoll(text, &end, 10);
    if (end == text || *end || errno || !in_range(o, (double)x))
        return refuse(o, "a whole number", text, message);
    *(int64_t *)o->to = x;
    return true;
}

static bool set_double(const cli_option *o, const char *text, char message[CLI_TEXT_SIZE])
{
    char *end;
    double x = strtod(text, &end);
    if (end == text || *end || !isfinite(x) || !in_range(o, x))
        return refuse(o, "a number", text, message);
    *(double *)o->to = x;
    return true;
}

static bool set_list(const cli_option *o, const char *text, char message[CLI_TEXT_SIZE])
{
    char kind[48];
    snprintf(kind, sizeof kind, "1 to %d numbers, separated by commas,", CLI_LIST_SIZE);
    cli_list list = {.count = 0};
    const char *at = text;
    do {
        char *end;
        double x = strtod(at, &end);
        if (end == at || !isfinite(x) || !in_range(o, x) || list.count == CLI_LIST_SIZE)
            return refuse(o, kind, text, message);
        list.value[list.count++] = x;
        at = end + strspn(end, " ");
    } while (*at++ == ',');
    if (at[-1])
        return refuse(o, kind, text, message);
    *(cli_list *)o->to = list;
    return true;
}

int cli_choice_place(const char *words, const char *text)
{
    size_t length = strlen(text);
    int i = 0;
    for (const char *w = words; w; w = strchr(w, '|') ? strchr(w, '|') + 1 : NULL, i++)
        if (length && strcspn(w, "|") == length && memcmp(w, text, length) == 0)
            return i;
    return -1;
}

static bool set_text(const cli_option *o, const char *text, char message[CLI_TEXT_SIZE])
{
    if (o->kind == CLI_CHOICE && cli_choice_place(o->value, text) < 0) {
        snprintf(message, CLI_TEXT_SIZE, "expects one of %s, got '%s'", o->value, text);
        return false;
    }
    *(const char **)o->to = text;
    return true;
}

static bool append_word(const cli_option *o, const char *text, char message[CLI_TEXT_SIZE])
{
    cli_words *words = o->to;
    if (words->count == CLI_WORDS_SIZE) {
        snprintf(message, CLI_TEXT_SIZE, "expects up to %d words, got '%.60s' besides", CLI_WORDS_SIZE, text);
        return false;
    }
    words->word[words->count++] = text;
    return true;
}

static bool set(const cli_option *o, const char *text, char message[CLI_TEXT_SIZE])
{
    switch (o->kind) {
    case CLI_INT: return set_int(o, text, message);
    case CLI_DOUBLE: return set_double(o, text, message);
    case CLI_LIST: return set_list(o, text, message);
    case CLI_ARGUMENTS: return append_word(o, text, message);
    default: return set_text(o, text, message);
    }
}

bool cli_value_set(const cli_option *o, const char *text, char message[CLI_TEXT_SIZE])
{
    bool ok = set(o, text, message);
    if (ok && o->given)
        *o->given = true;
    return ok;
}

/* --- to text ---------------------------------------------------------------------------------------------------- */

/* The shorter of the texts that read back as x. Returns its length. */
static int write_number(char *text, size_t size, double x)
{
    int length = snprintf(text, size, "%.15g", x);
    return strtod(text, NULL) == x ? length : snprintf(text, size, "%.17g", x);
}

static void write_list(char text[CLI_TEXT_SIZE], const cli_list *list)
{
    int length = 0;
    for (int i = 0; i < list->count; i++) {
        text[length] = ',';
        length += i > 0;
        length += write_number(text + length, CLI_TEXT_SIZE - (size_t)length, list->value[i]);
    }
}

const char *cli_value_text(const cli_option *o, char text[CLI_TEXT_SIZE])
{
    text[0] = 0;
    switch (o->kind) {
    case CLI_INT: snprintf(text, CLI_TEXT_SIZE, "%lld", (long long)*(int64_t *)o->to); break;
    case CLI_DOUBLE: write_number(text, CLI_TEXT_SIZE, *(double *)o->to); break;
    case CLI_LIST: write_list(text, o->to); break;
    case CLI_FLAG: snprintf(text, CLI_TEXT_SIZE, "%s", *(bool *)o->to ? "true" : "false"); break;
    case CLI_SECTION: break;
    case CLI_ARGUMENTS: return NULL;
    default: return *(const char **)o->to;
    }
    return text;
}
