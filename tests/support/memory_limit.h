/* SPDX-License-Identifier: MIT */
/* Checks under a limit of memory. */
#ifndef MEMORY_LIMIT_H
#define MEMORY_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

/* Calls holds(context) in a child process that gets at most `more` bytes of addresses beyond those it has. Fails the test
 * unless it returns true. (With a sanitizer the limit is left out.) */
void support_within_memory(size_t more, bool (*holds)(void *), void *context);

#endif
