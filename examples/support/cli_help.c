/* SPDX-License-Identifier: MIT */
/* Writing --help: a column of options, what each means, and its default in brackets. */
#include "cli_help.h"

#include <stdio.h>
#include <string.h>

#include "cli_value.h"

const char *cli_value_name(const cli_option *o)
{
    if (o->value)
        return o->value;
    return o->kind == CLI_INT ? "N" : o->kind == CLI_DOUBLE ? "X" : o->kind == CLI_LIST ? "X,X,..." : "TEXT";
}

/* "  --name VALUE", cut to the buffer; returns its length. */
static int left_column(const cli_option *o, char *text, size_t size)
{
    if (o->kind == CLI_SECTION)
        text[0] = 0;
    else if (o->kind == CLI_ARGUMENT)
        snprintf(text, size, "  %s", o->name);
    else if (o->kind == CLI_ARGUMENTS)
        snprintf(text, size, "  %s...", o->name);
    else if (o->kind == CLI_FLAG)
        snprintf(text, size, "  --%s", o->name);
    else
        snprintf(text, size, "  --%s %s", o->name, cli_value_name(o));
    return (int)strlen(text);
}

static void print_default(const cli_option *o)
{
    char text[CLI_TEXT_SIZE];
    const char *value = cli_value_text(o, text);
    if (o->kind != CLI_FLAG && value)
        printf(" [%s]", value);
}

static void print_usage(const char *program, int count, const cli_option *options)
{
    printf("usage: %s [options]", program);
    for (int i = 0; i < count; i++)
        if (options[i].kind == CLI_ARGUMENT)
            printf(*(const char **)options[i].to ? " [%s]" : " %s", options[i].name);
        else if (options[i].kind == CLI_ARGUMENTS)
            printf(" %s...", options[i].name);
    putchar('\n');
}

static void print_option(const cli_option *o, int width)
{
    char text[128];
    if (o->kind == CLI_SECTION) {
        printf("\n%s:\n", o->name);
        return;
    }
    left_column(o, text, sizeof text);
    printf("%-*s  %s", width, text, o->help ? o->help : "");
    print_default(o);
    putchar('\n');
}

void cli_help(const char *program, const char *summary, int count, const cli_option *options)
{
    char text[128];
    int width = 8;
    print_usage(program, count, options);
    printf("%s\n\n", summary);
    for (int i = 0; i < count; i++) {
        int length = left_column(&options[i], text, sizeof text);
        width = length > width ? length : width;
    }
    for (int i = 0; i < count; i++)
        print_option(&options[i], width);
    printf("%-*s  this text\n", width, "  --help");
}
