/* SPDX-License-Identifier: MIT */
/* custom_op: two ops defined outside the library, with its public headers alone: checked, then used.
 * docs/adding-an-op.md explains them. */
#include "check.h"
#include "cli.h"
#include "cumsum.h"
#include "fit.h"
#include "isru.h"
#include "program.h"

static int command(int argc, char **argv)
{
    int64_t steps = 500, seed = 1;
    const cli_option options[] = {
        {CLI_INT, "steps", &steps, 2, 1e7, .help = "steps of the fit"},
        {CLI_INT, "seed", &seed, 0, 9007199254740992.0, .help = "of the first weights"},
    };
    int status =
        cli_parse("custom_op", "Check the derivatives of two ops defined in this program, and fit a curve with them.",
                  CLI_COUNT(options), options, argc, argv);
    if (status >= 0)
        return status;
    ct_error err;
    bool good = check_op(&isru_op);
    good = check_op(&cumsum_op) && good;
    if (!fit_curve(steps, (uint64_t)seed, &err))
        return cli_fail("custom_op", "%s", err.message);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("custom_op", command(argc, argv));
}
