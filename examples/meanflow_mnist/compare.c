/* SPDX-License-Identifier: MIT */
/* The command "compare". */
#include "cli.h"
#include "commands.h"
#include "compare_differences.h"
#include "compare_table.h"

static const char program[] = "meanflow_mnist compare";

static bool show(const compare_lines *c, const char *csv, ct_error *err)
{
    json_t *differences = compare_differences(c);
    bool ok = differences ? !csv || compare_write(c, differences, csv, err) : ct_fail(err, CT_E_MEMORY, "no memory");
    if (ok)
        compare_print(c, differences);
    json_decref(differences);
    return ok;
}

static bool compare(const cli_words *runs, const char *csv, ct_error *err)
{
    compare_lines c;
    bool ok = compare_lines_read(&c, runs, err) && show(&c, csv, err);
    compare_lines_free(&c);
    return ok;
}

int compare_command(int argc, char **argv)
{
    static cli_words runs;
    const char *csv = NULL;
    const cli_option options[] = {
        {CLI_ARGUMENTS, "RUN", &runs, .help = "folders that train and eval wrote to"},
        {CLI_TEXT, "csv", &csv, .value = "FILE", .help = "all figures of each run, not only means, in a file as well"},
    };
    int status = cli_parse(program, "Print the figures of evaluated runs as a Markdown table: settings where they differ, "
                           "and means over seeds.", CLI_COUNT(options), options, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    return compare(&runs, csv, &err) ? 0 : cli_fail(program, "%s", err.message);
}
