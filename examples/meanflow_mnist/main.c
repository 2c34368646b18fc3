/* SPDX-License-Identifier: MIT */
/* meanflow_mnist: train a MeanFlow on MNIST, and draw digits with it in one evaluation of the network. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "program.h"

static const char usage[] =
    "usage: meanflow_mnist COMMAND [options]\n"
    "Learn to draw handwritten digits in a single evaluation of a network (MeanFlow, arXiv 2505.13447).\n"
    "\n"
    "  train    train a network, or go on with it; writes weights, checkpoints, a log and a picture of samples\n"
    "  sample   draw digits with the weights that train wrote\n"
    "  eval     measure the samples of such weights against the training set\n"
    "  report   show a run on one page\n"
    "  compare  print the figures of several runs as a table\n"
    "\n"
    "meanflow_mnist COMMAND --help lists a command's options.\n"
    "Exit status: 0 when all was written, after Ctrl-C too; 1 when a training broke down; 2 when something given was wrong,\n"
    "or could not be written.\n";

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"train", train_command},   {"sample", sample_command},   {"eval", eval_command},
    {"report", report_command}, {"compare", compare_command},
};

static int run_command(int argc, char **argv)
{
    static const char expected[] = "expected train, sample, eval, report or compare";
    if (argc < 2)
        return cli_fail("meanflow_mnist", "a command is missing: %s; meanflow_mnist --help", expected);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0)
        return cli_fail("meanflow_mnist", "unknown command '%s': %s", argv[1], expected);
    fputs(usage, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("meanflow_mnist", run_command(argc, argv));
}
