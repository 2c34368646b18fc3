/* SPDX-License-Identifier: MIT */
/* Text in HTML. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdio.h>

/* With what has a meaning in HTML escaped, for elements and for quoted attributes. Control characters, which a page may
 * not hold, become U+FFFD. */
void html_text(FILE *to, const char *text);

#endif
