/* SPDX-License-Identifier: MIT */
/* In what two sets of names and shapes differ, told in one line. */
#include "params_difference.h"
#include <stdio.h>
#include <string.h>

/* Once a name does not fit, none after it is shown: those shown are the first. */
void nn_name_list_add(name_list *l, const char *format, ...)
{
    char item[sizeof l->text];
    va_list args;
    va_start(args, format);
    vsnprintf(item, sizeof item, format, args);
    va_end(args);
    const char *comma = l->shown ? ", " : "";
    size_t need = strlen(comma) + strlen(item);
    if (l->shown == l->count && (size_t)l->length + need < sizeof l->text) {
        memcpy(l->text + l->length, comma, strlen(comma));
        memcpy(l->text + l->length + strlen(comma), item, strlen(item) + 1);
        l->length += (int)need;
        l->shown++;
    }
    l->count++;
}

static void list_text(const name_list *l, char *to, size_t size)
{
    if (l->shown == l->count)
        snprintf(to, size, "%d %s: %s", l->count, l->kind, l->text);
    else if (l->shown)
        snprintf(to, size, "%d %s: %s and %d more", l->count, l->kind, l->text, l->count - l->shown);
    else
        snprintf(to, size, "%d %s", l->count, l->kind);
}

bool nn_name_lists_empty(int n, const name_list *lists, ct_error *err)
{
    char message[CT_MESSAGE_SIZE] = "";
    for (int i = 0; i < n; i++) {
        size_t used = strlen(message);
        if (used && lists[i].count && used + 2 < sizeof message)
            used += (size_t)snprintf(message + used, sizeof message - used, "; ");
        if (lists[i].count)
            list_text(&lists[i], message + used, sizeof message - used);
    }
    return !*message || ct_fail(err, CT_E_NAME, "%s", message);
}
