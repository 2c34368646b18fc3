/* SPDX-License-Identifier: MIT */
/* The page around its parts. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_parts.h"
#include "whole_file.h"

/* --- what is read from the run ------------------------------------------------------------------------------------ */

const char *report_setting(const report *r, const char *name)
{
    const char *value = settings_value(r->run.settings, name);
    return value ? value : "?";
}

double report_steps(const report *r)
{
    return strtod(report_setting(r, "steps"), NULL);
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

static void put_head(FILE *to, const char *name)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>",
          to);
    html_text(to, name);
    fprintf(to, ": a run of meanflow_mnist</title>\n<style>\n%s</style>\n</head>\n<body>\n", report_style);
}

static bool put_page(const report *r, const char *name, ct_error *err)
{
    put_head(r->to, name);
    report_put_summary(r, name);
    fputs("<main>\n", r->to);
    if (!report_put_samples(r, err))
        return false;
    report_put_evaluation(r);
    if (!report_put_curves(r, err))
        return false;
    report_put_settings(r);
    fputs("</main>\n<footer>Written by meanflow_mnist.</footer>\n</body>\n</html>\n", r->to);
    return true;
}

/* The last part of the folder's whole name, which is the same from wherever it is looked at. */
static bool write_page(report *r, const char *dir, const char *path, ct_error *err)
{
    whole_file f;
    char *whole = realpath(dir, NULL);
    if (!whole)
        return ct_fail(err, CT_E_IO, "%s: cannot be found: %s", dir, strerror(errno));
    bool ok = whole_file_begin(&f, err);
    if (ok) {
        r->to = f.to;
        ok = put_page(r, strrchr(whole, '/') + 1, err);
        if (ok)
            ok = whole_file_commit(&f, path ? path : r->run.folder.report, err);
        else
            whole_file_discard(&f);
    }
    free(whole);
    return ok;
}

bool report_write(const char *dir, const char *path, ct_error *err)
{
    report r = {.to = NULL};
    bool ok = run_results_read(&r.run, dir, err) && write_page(&r, dir, path, err);
    run_results_free(&r.run);
    return ok;
}
