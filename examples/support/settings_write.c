/* SPDX-License-Identifier: MIT */
/* Writing files of settings: a value, and what it means beside it. */
#include <stdio.h>
#include <string.h>

#include "cli_value.h"
#include "seal.h"
#include "settings.h"
#include "whole_file.h"

enum { COMMENT_COLUMN = 28 };

typedef struct output {
    FILE *to;
    int column;
} output;

static void put(output *out, const char *text)
{
    fputs(text, out->to);
    out->column = strchr(text, '\n') ? 0 : out->column + (int)strlen(text);
}

/* "text" with what TOML wants escaped. */
static void put_string(output *out, const char *text)
{
    put(out, "\"");
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        char piece[8] = {*text};
        if (c == '"' || c == '\\')
            snprintf(piece, sizeof piece, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            snprintf(piece, sizeof piece, "\\u%04X", c);
        put(out, piece);
    }
    put(out, "\"");
}

/* "0.999,0.9995" with spaces after its commas, in brackets. */
static void put_list(output *out, const char *text)
{
    put(out, "[");
    for (const char *at = text; *at; at++)
        put(out, *at == ',' ? ", " : (char[]){*at, 0});
    put(out, "]");
}

/* What the option means, beside its value, in one column where there is room. */
static void put_comment(output *out, const cli_option *o)
{
    char space[COMMENT_COLUMN + 1];
    if (!o->help)
        return;
    snprintf(space, sizeof space, "%*s", out->column < COMMENT_COLUMN - 2 ? COMMENT_COLUMN - out->column : 2, "");
    put(out, space);
    put(out, "# ");
    put(out, o->help);
    put(out, o->kind == CLI_CHOICE ? "; one of " : "");
    put(out, o->kind == CLI_CHOICE ? o->value : "");
}

static void put_setting(output *out, const cli_option *o)
{
    char text[CLI_TEXT_SIZE];
    const char *value = cli_value_text(o, text);
    if (!value)
        return;
    put(out, o->name);
    put(out, " = ");
    if (o->kind == CLI_TEXT || o->kind == CLI_CHOICE)
        put_string(out, value);
    else if (o->kind == CLI_LIST)
        put_list(out, value);
    else
        put(out, value);
    put_comment(out, o);
    put(out, "\n");
}

static void put_section(output *out, const char *name)
{
    put(out, "\n[");
    put(out, name);
    put(out, "]\n");
}

bool settings_write(const char *path, const char *title, int count, const cli_option *options, ct_error *err)
{
    whole_file f;
    bool in_section = false;
    if (!whole_file_begin(&f, err))
        return false;
    output out = {f.to, 0};
    /* At the top: where the end is cut off, the digest is still there. */
    put(&out, "# digest " SEAL_BLANK "; take this line out if you change the file\n# ");
    put(&out, title);
    put(&out, "\n");
    for (int i = 0; i < count; i++) {
        bool section = options[i].kind == CLI_SECTION;
        in_section = in_section || section;
        if (section)
            put_section(&out, options[i].name);
        else if (in_section)
            put_setting(&out, &options[i]);
    }
    return whole_file_commit(&f, path, err);
}
