/* SPDX-License-Identifier: MIT */
/* Command lines of the example and bench programs: a table of options, from which arguments are parsed and --help is written.
 *
 *     int64_t batch = 128;               // what a variable holds beforehand is the default
 *     const char *model = "mlp", *file = NULL;
 *     const cli_option options[] = {
 *         {CLI_ARGUMENT, "FILE", &file, .help = "a checkpoint"},
 *         {CLI_INT, "batch", &batch, .min = 1, .max = 65536, .help = "rows of a batch"},
 *         {CLI_CHOICE, "model", &model, .value = "mlp|dit", .help = "the network"},
 *     };
 *     int status = cli_parse("train", "Train a network.", CLI_COUNT(options), options, argc, argv);
 *     if (status >= 0)
 *         return status;
 */
#ifndef EXAMPLE_CLI_H
#define EXAMPLE_CLI_H

#include <stdbool.h>
#include <stdint.h>

typedef enum cli_kind {
    CLI_INT,      /* --name N; to: int64_t * */
    CLI_DOUBLE,   /* --name X, finite; to: double * */
    CLI_TEXT,     /* --name TEXT; to: const char **, which then points into argv */
    CLI_FLAG,     /* --name; to: bool *, set to true */
    CLI_CHOICE,   /* --name ONE, one of the words of .value, which are separated by '|'; to: const char ** */
    CLI_LIST,     /* --name X,X,..., one finite number or more; to: cli_list * */
    CLI_SECTION,  /* no option: .name is a heading over those that follow, in --help and in files of settings */
    CLI_ARGUMENT, /* an argument without dashes, in the table's order; to: const char **. Required when it is NULL beforehand */
    CLI_ARGUMENTS /* all that follow, one at least; to: cli_words * */
} cli_kind;

enum { CLI_LIST_SIZE = 16 };
typedef struct cli_list {
    int count;
    double value[CLI_LIST_SIZE];
} cli_list;

enum { CLI_WORDS_SIZE = 1024 };
typedef struct cli_words {
    int count;
    const char *word[CLI_WORDS_SIZE];  /* they point into argv */
} cli_words;

typedef struct cli_option {
    cli_kind kind;
    const char *name;   /* without dashes */
    void *to;           /* where the value goes */
    double min, max;    /* CLI_INT, CLI_DOUBLE, CLI_LIST: what is allowed, both ends included; both 0: anything */
    const char *value;  /* the value's name in --help ("DIR"), or the words of a choice; NULL: a general one */
    const char *help;   /* one line */
    bool *given;        /* unless NULL: set to true when the option is on the command line, or in a file of settings */
} cli_option;

#define CLI_COUNT(options) ((int)(sizeof(options) / sizeof(*(options))))

/* Both "--name value" and "--name=value"; "--" ends the options; the last of several wins. Returns -1 when the
 * program should go on, otherwise its exit status: 0 after --help (on stdout), 2 after a mistake (one line on
 * stderr). `program` and `summary` are for those texts. */
int cli_parse(const char *program, const char *summary, int count, const cli_option *options, int argc, char **argv);

/* Sets the values that the command line gives, and has no word to say about mistakes: to learn beforehand what
 * other options' defaults depend on. Follow it with cli_parse. */
void cli_peek(int count, const cli_option *options, int argc, char **argv);

/* One line "program: message" on stderr. Returns 2, the exit status of a bad command line. */
int cli_fail(const char *program, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

#endif
