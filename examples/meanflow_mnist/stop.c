/* SPDX-License-Identifier: MIT */
/* Signals that set a flag. */
#define _XOPEN_SOURCE 700 /* SIGXCPU */
#include "stop.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2};
enum { SIGNALS = sizeof signals / sizeof *signals };

static volatile sig_atomic_t requested;
static struct timespec since;  /* when; only handlers use it, and they do not interrupt each other */

/* One Ctrl-C may arrive twice, from the terminal and from a program that passes it on. */
static bool is_later(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - since.tv_sec) + 1e-9 * (double)(now.tv_nsec - since.tv_nsec) > 0.3;
}

/* The signal does what it usually does, once the handler has returned. */
static void end_by(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

static void request(int number)
{
    bool again = requested != 0;
    if (again && (number == SIGINT || number == SIGQUIT) && is_later())
        end_by(number);
    if (!again)
        clock_gettime(CLOCK_MONOTONIC, &since);
    requested = 1;
}

/* SA_RESTART: a write that a signal meets goes on. */
void stop_listen(void)
{
    struct sigaction action = {.sa_handler = request, .sa_flags = SA_RESTART}, before;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < SIGNALS; i++)
        sigaddset(&action.sa_mask, signals[i]);
    for (int i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &before);
        if (signals[i] != SIGHUP || before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

bool stop_requested(void)
{
    return requested;
}
