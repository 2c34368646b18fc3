/* SPDX-License-Identifier: MIT */
/* Escaping. */
#include "html.h"

static const char *escape_of(unsigned char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return (c < ' ' && c != '\t' && c != '\n') || c == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

void html_text(FILE *to, const char *text)
{
    for (; *text; text++) {
        const char *escape = escape_of((unsigned char)*text);
        if (escape)
            fputs(escape, to);
        else
            fputc(*text, to);
    }
}
