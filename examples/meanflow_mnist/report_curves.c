/* SPDX-License-Identifier: MIT */
/* The log as curves. */
#include <math.h>

#include "html.h"
#include "number.h"
#include "plot.h"
#include "report_parts.h"

/* Columns of log.csv in one plot. */
typedef struct curve {
    const char *title, *note;
    const char *column[PLOT_SERIES], *name[PLOT_SERIES];
    bool from_zero;
} curve;

static const curve curves[] = {
    {"Objective", "log(L + c) of the squared error L of a sample", {"log_loss"}, {""}, false},
    {"Squared error", "a pixel; rows with r = t learn by flow matching",
     {"raw_equal", "raw_unequal"}, {"r = t", "r ≠ t"}, false},
    {"Velocity", "(u − v)² a pixel", {"velocity"}, {""}, false},
    {"Tangent", "norm of du/dt, of rows with r ≠ t", {"du_dt"}, {""}, false},
    {"Gradient", "its norm, before clipping", {"grad_norm"}, {""}, false},
    {"Learning rate", "of the last step of a row", {"lr"}, {""}, true},
    {"Speed", "images a second, checkpoints included", {"samples_per_second"}, {""}, true},
    {"Time in the tangent", "share of a step's time that goes into du/dt", {"tangent_share"}, {""}, true},
    {"Steps not taken", "for want of finite numbers, since the beginning",
     {"skipped", "returns"}, {"skipped", "returns"}, true},
};

static bool add_column(plot *p, const report *r, const char *name)
{
    const double *y = name ? log_table_column(&r->run.log, name) : NULL;
    if (y)
        p->y[p->series++] = y;
    return y != NULL;
}

static double last_finite(const double *y, int64_t n)
{
    while (n > 0 && !isfinite(y[n - 1]))
        n--;
    return n > 0 ? y[n - 1] : NAN;
}

/* Whether there is anything to see: a value that is there, and is not zero. */
static bool is_empty(const plot *p)
{
    for (int s = 0; s < p->series; s++)
        for (int64_t i = 0; i < p->n; i++)
            if (isfinite(p->y[s][i]) && p->y[s][i] != 0)
                return false;
    return true;
}

/* The last values; what is what, where there are two curves. */
static void put_values(FILE *to, const curve *c, const plot *p)
{
    char text[NUMBER_SIZE];
    fputs("<span class=\"values\">", to);
    for (int i = 0; i < p->series; i++) {
        fprintf(to, "<span class=\"s%d\">", i + 1);
        if (p->series > 1)
            fprintf(to, "<i></i>%s ", c->name[i]);
        fprintf(to, "<b>%s</b></span>", number_text(last_finite(p->y[i], p->n), 4, text));
    }
    fputs("</span>", to);
}

static bool put_curve(const report *r, const curve *c, const double *steps, ct_error *err)
{
    plot p = {.label = c->title, .n = r->run.log.rows, .x = steps, .from_zero = c->from_zero};
    for (int i = 0; i < PLOT_SERIES; i++)
        add_column(&p, r, c->column[i]);
    if (p.series == 0)
        return true;
    fprintf(r->to, "<figure class=\"card\">\n<figcaption><strong>%s</strong>", c->title);
    put_values(r->to, c, &p);
    fprintf(r->to, "<small>%s</small></figcaption>\n", c->note);
    bool ok = true;
    if (is_empty(&p))
        fputs("<p class=\"none\">none</p>", r->to);
    else
        ok = plot_write(r->to, &p, err);
    fputs("\n</figure>\n", r->to);
    return ok;
}

static bool check_steps(const report *r, const double *steps, ct_error *err)
{
    for (int64_t i = 0; i < r->run.log.rows; i++)
        if (!steps || !isfinite(steps[i]) || (i > 0 && steps[i] <= steps[i - 1]))
            return ct_fail(err, CT_E_FORMAT, "%s: expected a column \"step\" that ascends", r->run.folder.log);
    return true;
}

bool report_put_curves(const report *r, ct_error *err)
{
    const double *steps = log_table_column(&r->run.log, "step");
    if (!check_steps(r, steps, err))
        return false;
    fputs("<section>\n<h2>Curves</h2>\n", r->to);
    if (r->run.log.rows == 0)
        fputs("<p class=\"note\">The log has no rows yet.</p>\n", r->to);
    else
        fputs("<p class=\"note\">Over steps. A point is a mean over the steps of one row of the log, or of several, in a "
              "band from the least row to the largest.</p>\n<div class=\"curves\">\n", r->to);
    for (size_t i = 0; r->run.log.rows > 0 && i < sizeof curves / sizeof *curves; i++)
        if (!put_curve(r, &curves[i], steps, err))
            return false;
    fputs(r->run.log.rows > 0 ? "</div>\n</section>\n" : "</section>\n", r->to);
    return true;
}
