/* SPDX-License-Identifier: MIT */
/* run.toml, as it is. */
#include <string.h>

#include "html.h"
#include "report_parts.h"

static void put_entry(FILE *to, const settings_entry *e)
{
    fputs("<div><dt>", to);
    html_text(to, e->name);
    fputs("</dt><dd>", to);
    html_text(to, *e->value ? e->value : "–");
    fputs("<small>", to);
    html_text(to, e->comment);
    fputs("</small></dd></div>\n", to);
}

void report_put_settings(const report *r)
{
    const char *section = NULL;
    fputs("<section>\n<h2>Settings</h2>\n<div class=\"settings\">\n", r->to);
    for (int i = 0; i < settings_count(r->run.settings); i++) {
        settings_entry e = settings_get(r->run.settings, i);
        if (!section || strcmp(section, e.section) != 0) {
            fputs(section ? "</dl>\n</div>\n<div class=\"group\"><h3>" : "<div class=\"group\"><h3>", r->to);
            html_text(r->to, e.section);
            fputs("</h3>\n<dl>\n", r->to);
            section = e.section;
        }
        put_entry(r->to, &e);
    }
    fputs(section ? "</dl>\n</div>\n</div>\n</section>\n" : "</div>\n</section>\n", r->to);
}
