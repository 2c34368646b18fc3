/* SPDX-License-Identifier: MIT */
/* Parsing a command line against a table of options. */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli_help.h"
#include "cli_value.h"

typedef struct parser {
    const char *program;
    int count;
    const cli_option *options;
    int argc, next;  /* argv[next] is to be read */
    char **argv;
    bool dashes;     /* no "--" yet: words that begin with dashes are options */
    int arguments;   /* without dashes, read so far */
    char message[CLI_TEXT_SIZE];
} parser;

int cli_fail(const char *program, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", program);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 2;
}

/* Keeps the message. Returns false. */
static bool refuse(parser *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->message, sizeof p->message, format, args);
    va_end(args);
    return false;
}

static bool is_argument(const cli_option *o)
{
    return o->kind == CLI_ARGUMENT || o->kind == CLI_ARGUMENTS;
}

static bool set(parser *p, const cli_option *o, const char *text)
{
    char message[CLI_TEXT_SIZE];
    return cli_value_set(o, text, message) || refuse(p, "%s%s %s", is_argument(o) ? "" : "--", o->name, message);
}

static bool set_flag(parser *p, const cli_option *o, bool has_value)
{
    if (has_value)
        return refuse(p, "--%s takes no value", o->name);
    if (o->given)
        *o->given = true;
    *(bool *)o->to = true;
    return true;
}

/* "--name", "--name=value" or "--name" "value". */
static bool read_option(parser *p, const char *word)
{
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const cli_option *o = cli_find(p->count, p->options, name, length);
    if (!o)
        return refuse(p, "unknown option '--%.*s'; %s --help lists them", (int)length, name, p->program);
    if (o->kind == CLI_FLAG)
        return set_flag(p, o, equals != NULL);
    if (equals)
        return set(p, o, equals + 1);
    if (p->next == p->argc)
        return refuse(p, "--%s expects a value (%s), and none follows", o->name, cli_value_name(o));
    return set(p, o, p->argv[p->next++]);
}

static bool read_argument(parser *p, const char *word)
{
    int left = p->arguments++;
    for (int i = 0; i < p->count; i++) {
        const cli_option *o = &p->options[i];
        if (o->kind == CLI_ARGUMENTS || (o->kind == CLI_ARGUMENT && left-- == 0))
            return set(p, o, word);
    }
    return refuse(p, "unexpected argument '%s'; %s --help says what is expected", word, p->program);
}

static bool read_word(parser *p)
{
    const char *word = p->argv[p->next++];
    if (!p->dashes || word[0] != '-' || !word[1])
        return read_argument(p, word);
    if (strcmp(word, "--") == 0) {
        p->dashes = false;
        return true;
    }
    return word[1] == '-' ? read_option(p, word)
                          : refuse(p, "unknown option '%s'; %s --help lists them", word, p->program);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static bool is_missing(const cli_option *o)
{
    return (o->kind == CLI_ARGUMENT && !*(const char **)o->to) ||
           (o->kind == CLI_ARGUMENTS && ((const cli_words *)o->to)->count == 0);
}

static bool check_arguments(parser *p)
{
    for (int i = 0; i < p->count; i++) {
        const cli_option *o = &p->options[i];
        if (is_missing(o))
            return refuse(p, "%s is missing (%s); %s --help", o->name, o->help ? o->help : "an argument", p->program);
    }
    return true;
}

static parser parser_of(const char *program, int count, const cli_option *options, int argc, char **argv)
{
    return (parser){.program = program, .count = count, .options = options, .argc = argc, .next = 1, .argv = argv,
                    .dashes = true};
}

int cli_parse(const char *program, const char *summary, int count, const cli_option *options, int argc, char **argv)
{
    parser p = parser_of(program, count, options, argc, argv);
    if (asks_for_help(argc, argv)) {
        cli_help(program, summary, count, options);
        return 0;
    }
    bool ok = true;
    while (ok && p.next < argc)
        ok = read_word(&p);
    ok = ok && check_arguments(&p);
    return ok ? -1 : cli_fail(program, "%s", p.message);
}

void cli_peek(int count, const cli_option *options, int argc, char **argv)
{
    parser p = parser_of("", count, options, argc, argv);
    while (p.next < argc)
        read_word(&p);
}
