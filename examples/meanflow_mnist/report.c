/* SPDX-License-Identifier: MIT */
/* The command "report". */
#include "report.h"

#include <stdio.h>

#include "cli.h"
#include "commands.h"

static const char program[] = "meanflow_mnist report";

int report_command(int argc, char **argv)
{
    const char *from = NULL, *out = NULL;
    const cli_option options[] = {
        {CLI_TEXT, "from", &from, .value = "DIR", .help = "the folder that train wrote to; it may still be training"},
        {CLI_TEXT, "out", &out, .value = "FILE", .help = "the page; otherwise report.html in DIR"},
    };
    int status = cli_parse(program, "Show a run on one page: settings, curves, samples and, where there is one, the "
                           "evaluation.", CLI_COUNT(options), options, argc, argv);
    if (status >= 0)
        return status;
    if (!from)
        return cli_fail(program, "--from DIR is missing: expected the folder of a run");
    ct_error err;
    if (!report_write(from, out, &err))
        return cli_fail(program, "%s", err.message);
    printf(out ? "wrote %s\n" : "wrote %s/report.html\n", out ? out : from);
    return 0;
}
