/* SPDX-License-Identifier: MIT */
/* Which graphs have failed: a list of those alive, the latest first, each with the thread that it failed on. NULL says nothing about where it comes from; the last failure
 * of the thread does. */
#include "last_failure.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ct_graph *latest;
static _Thread_local char nowhere[CT_MESSAGE_SIZE];  /* its address also names the thread */

void ct_failure_add(ct_graph *g)
{
    pthread_mutex_lock(&lock);
    g->failed_before = latest;
    g->failed_on = nowhere;
    latest = g;
    pthread_mutex_unlock(&lock);
}

void ct_failure_remove(ct_graph *g)
{
    pthread_mutex_lock(&lock);
    ct_graph **at = &latest;
    while (*at && *at != g)
        at = &(*at)->failed_before;
    if (*at)
        *at = g->failed_before;
    pthread_mutex_unlock(&lock);
}

bool ct_graph_last_error(ct_error *out)
{
    pthread_mutex_lock(&lock);
    const ct_graph *g = latest;
    while (g && g->failed_on != nowhere)
        g = g->failed_before;
    if (g)
        *out = g->error;
    pthread_mutex_unlock(&lock);
    if (!g && *nowhere)
        ct_fail(out, CT_E_ARGUMENT, "%s", nowhere);
    return g || *nowhere;
}

void *ct_failure_nowhere(ct_code code, ct_site at, const char *format, ...)
{
    ct_error err;
    va_list args;
    va_start(args, format);
    ct_vfail(&err, code, format, args);
    va_end(args);
    snprintf(nowhere, sizeof nowhere, "%.800s, at %.200s:%d", err.message, at.file ? at.file : "?", at.line);
    return NULL;
}

const char *ct_failure_take(char text[CT_MESSAGE_SIZE])
{
    memcpy(text, nowhere, sizeof nowhere);
    *nowhere = 0;
    return text;
}
