/* Parsing a command line against a table of options. */
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_help.h"

typedef struct parser {
    const char *program;
    int count;
    const cli_option *options;
    int argc, next;  /* argv[next] is to be read */
    char **argv;
    int arguments;   /* without dashes, read so far */
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

static bool has_range(const cli_option *o)
{
    return o->min != 0 || o->max != 0;
}

static bool in_range(const cli_option *o, double x)
{
    return !has_range(o) || (x >= o->min && x <= o->max);
}

static int fail_value(const parser *p, const cli_option *o, const char *kind, const char *text)
{
    if (has_range(o))
        return cli_fail(p->program, "--%s expects %s from %.15g to %.15g, got '%s'", o->name, kind, o->min, o->max, text);
    return cli_fail(p->program, "--%s expects %s, got '%s'", o->name, kind, text);
}

static int set_int(const parser *p, const cli_option *o, const char *text)
{
    char *end;
    errno = 0;
    long long x = strtoll(text, &end, 10);
    if (end == text || *end || errno || !in_range(o, (double)x))
        return fail_value(p, o, "a whole number", text);
    *(int64_t *)o->to = x;
    return -1;
}

static int set_double(const parser *p, const cli_option *o, const char *text)
{
    char *end;
    double x = strtod(text, &end);
    if (end == text || *end || !isfinite(x) || !in_range(o, x))
        return fail_value(p, o, "a number", text);
    *(double *)o->to = x;
    return -1;
}

static bool is_choice(const char *words, const char *text)
{
    size_t length = strlen(text);
    for (const char *w = words; w; w = strchr(w, '|') ? strchr(w, '|') + 1 : NULL)
        if (length && strcspn(w, "|") == length && memcmp(w, text, length) == 0)
            return true;
    return false;
}

static int set_text(const parser *p, const cli_option *o, const char *text)
{
    if (o->kind == CLI_CHOICE && !is_choice(o->value, text))
        return cli_fail(p->program, "--%s expects one of %s, got '%s'", o->name, o->value, text);
    *(const char **)o->to = text;
    return -1;
}

static int set(const parser *p, const cli_option *o, const char *text)
{
    if (o->given)
        *o->given = true;
    if (o->kind == CLI_INT)
        return set_int(p, o, text);
    return o->kind == CLI_DOUBLE ? set_double(p, o, text) : set_text(p, o, text);
}

static int set_flag(const parser *p, const cli_option *o, bool has_value)
{
    if (has_value)
        return cli_fail(p->program, "--%s takes no value", o->name);
    if (o->given)
        *o->given = true;
    *(bool *)o->to = true;
    return -1;
}

static const cli_option *find(const parser *p, const char *name, size_t length)
{
    for (int i = 0; i < p->count; i++) {
        const cli_option *o = &p->options[i];
        if (o->kind != CLI_ARGUMENT && strlen(o->name) == length && memcmp(o->name, name, length) == 0)
            return o;
    }
    return NULL;
}

/* "--name", "--name=value" or "--name" "value". */
static int read_option(parser *p, const char *word)
{
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const cli_option *o = find(p, name, length);
    if (!o)
        return cli_fail(p->program, "unknown option '--%.*s'; %s --help lists them", (int)length, name, p->program);
    if (o->kind == CLI_FLAG)
        return set_flag(p, o, equals != NULL);
    if (equals)
        return set(p, o, equals + 1);
    if (p->next == p->argc)
        return cli_fail(p->program, "--%s expects a value (%s), and none follows", o->name, cli_value_name(o));
    return set(p, o, p->argv[p->next++]);
}

static int read_argument(parser *p, const char *word)
{
    int left = p->arguments++;
    for (int i = 0; i < p->count; i++)
        if (p->options[i].kind == CLI_ARGUMENT && left-- == 0)
            return set(p, &p->options[i], word);
    return cli_fail(p->program, "unexpected argument '%s'; %s --help says what is expected", word, p->program);
}

/* One word of the command line; `options` becomes false after "--". */
static int read_word(parser *p, bool *options)
{
    const char *word = p->argv[p->next++];
    if (!*options || word[0] != '-' || !word[1])
        return read_argument(p, word);
    if (strcmp(word, "--") == 0) {
        *options = false;
        return -1;
    }
    if (word[1] != '-')
        return cli_fail(p->program, "unknown option '%s'; %s --help lists them", word, p->program);
    return read_option(p, word);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int check_arguments(const parser *p)
{
    for (int i = 0; i < p->count; i++) {
        const cli_option *o = &p->options[i];
        if (o->kind == CLI_ARGUMENT && !*(const char **)o->to)
            return cli_fail(p->program, "%s is missing (%s); %s --help", o->name, o->help ? o->help : "an argument", p->program);
    }
    return -1;
}

int cli_parse(const char *program, const char *summary, int count, const cli_option *options, int argc, char **argv)
{
    parser p = {program, count, options, argc, 1, argv, 0};
    if (asks_for_help(argc, argv)) {
        cli_help(program, summary, count, options);
        return 0;
    }
    for (int i = 0; i < count; i++)
        if (options[i].given)
            *options[i].given = false;
    bool dashes = true;
    while (p.next < argc) {
        int status = read_word(&p, &dashes);
        if (status >= 0)
            return status;
    }
    return check_arguments(&p);
}
