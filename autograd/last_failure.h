/* SPDX-License-Identifier: MIT */
/* Private: which graphs of this thread have failed, for those who are handed NULL and no graph. */
#ifndef CT_LAST_FAILURE_H
#define CT_LAST_FAILURE_H

#include "graph_impl.h"

/* The graph has just failed, on this thread; it is about to be freed, on any. */
void ct_failure_add(ct_graph *g);
void ct_failure_remove(ct_graph *g);

/* An error of a call that was given no graph to record it in: the first node that then is NULL for no other reason tells it. Returns NULL. */
void *ct_failure_nowhere(ct_code code, ct_site at, const char *format, ...) CT_PRINTF(3, 4);
/* That error's message, which is then forgotten; "" when there is none. */
const char *ct_failure_take(char text[CT_MESSAGE_SIZE]);

#endif
