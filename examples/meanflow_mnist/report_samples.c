/* SPDX-License-Identifier: MIT */
/* The pictures: what the trained network draws, and how that came about. */
#include <unistd.h>

#include "number.h"
#include "picture.h"
#include "report_parts.h"

static bool put_final(const report *r, ct_error *err)
{
    if (access(r->run.folder.samples, F_OK) != 0)
        return true;
    fputs("<figure>\n", r->to);
    if (!picture_write(r->to, r->run.folder.samples, "Ten samples of each class, a row a class", err))
        return false;
    fputs("\n<figcaption>Ten samples of each class, a row a class, each drawn in one evaluation of the network with "
          "the first average of its weights.</figcaption>\n</figure>\n",
          r->to);
    return true;
}

static bool put_snapshot(const report *r, int64_t step, ct_error *err)
{
    char path[OUTPUT_PATH_SIZE], text[NUMBER_SIZE], alt[128];
    double all = report_steps(r);
    number_text((double)step, 12, text);
    fprintf(r->to, "<li><span>step %s", text);
    if (all > 0)
        fprintf(r->to, "<small>%.0f %%</small>", 100 * (double)step / all);
    fputs("</span>", r->to);
    snprintf(alt, sizeof alt, "Samples after step %s", text);
    bool ok = step_files_path(&r->run.folder.snapshots, step, path, err) && picture_write(r->to, path, alt, err);
    fputs("</li>\n", r->to);
    return ok;
}

static bool put_snapshots(const report *r, ct_error *err)
{
    int64_t step = step_files_next(&r->run.folder.snapshots, -1);
    if (step < 0)
        return true;
    fputs("<figure>\n<ol class=\"snapshots\">\n", r->to);
    for (; step >= 0; step = step_files_next(&r->run.folder.snapshots, step))
        if (!put_snapshot(r, step, err))
            return false;
    fputs("</ol>\n<figcaption>The same noise, column by column, as training went on, drawn with the weights of that "
          "step.</figcaption>\n</figure>\n",
          r->to);
    return true;
}

static bool has_pictures(const report *r)
{
    return access(r->run.folder.samples, F_OK) == 0 || step_files_next(&r->run.folder.snapshots, -1) >= 0;
}

bool report_put_samples(const report *r, ct_error *err)
{
    if (!has_pictures(r))
        return true;
    fputs("<section>\n<h2>Samples</h2>\n<div class=\"pictures\">\n", r->to);
    if (!put_final(r, err) || !put_snapshots(r, err))
        return false;
    fputs("</div>\n</section>\n", r->to);
    return true;
}
