/* SPDX-License-Identifier: MIT */
/* Descriptors, signals and stdout. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static int lost;  /* errno of the first flush that failed, or 0 */

/* Opened the wrong way round, a descriptor is taken, and using it fails as on a closed one (EBADF): what is printed to a
 * stdout that was closed counts as lost. Lower descriptors are open, so that this one is the next. */
static void fill(int descriptor)
{
    int way = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", way) < 0)
        (void)!open("/", O_RDONLY);
}

void program_begin(void)
{
    static char buffer[1 << 16];  /* longer than most outputs: a failure then comes with its reason, in program_flush */
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        fill(descriptor);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (!isatty(STDOUT_FILENO))
        setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
}

void program_flush(void)
{
    if (fflush(stdout) != 0 && lost == 0)
        lost = errno;
}

int program_end(const char *program, int status)
{
    program_flush();
    bool whole = !ferror(stdout);
    if (fclose(stdout) != 0 && whole) {
        lost = errno;
        whole = false;
    }
    if (whole)
        return status;
    cli_fail(program, "standard output: cannot be written: %s", lost ? strerror(lost) : "an earlier write failed");
    return status ? status : 2;
}
