/* SIGINT and SIGTERM set a flag. */
#define _XOPEN_SOURCE 700 /* SA_RESETHAND */
#include "stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t requested;

static void request(int signal)
{
    (void)signal;
    requested = 1;
}

void stop_listen(void)
{
    struct sigaction action = {.sa_handler = request, .sa_flags = SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool stop_requested(void)
{
    return requested;
}
