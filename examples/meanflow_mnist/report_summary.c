/* SPDX-License-Identifier: MIT */
/* The head of the page: the run in one line, and its main figures. */
#include <math.h>
#include <string.h>

#include "html.h"
#include "number.h"
#include "report_parts.h"

static void put_tile(FILE *to, const char *label, const char *value, const char *beside)
{
    fprintf(to, "<div><dt>%s</dt><dd>%s<small>", label, value);
    html_text(to, beside);
    fputs("</small></dd></div>\n", to);
}

static void put_duration(FILE *to, double seconds)
{
    char value[NUMBER_SIZE] = "–";
    long s = isfinite(seconds) ? (long)(seconds + 0.5) : 0;
    if (s >= 3600)
        snprintf(value, sizeof value, "%ld h %02ld min", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(value, sizeof value, "%ld min %02ld s", s / 60, s % 60);
    else if (isfinite(seconds))
        snprintf(value, sizeof value, "%ld s", s);
    put_tile(to, "time in training", value, "");
}

static void put_progress(const report *r)
{
    char value[NUMBER_SIZE], all[NUMBER_SIZE], beside[NUMBER_SIZE + 8];
    double step = run_results_last(&r->run, "step");
    snprintf(beside, sizeof beside, "of %s", number_text(report_steps(r), 12, all));
    put_tile(r->to, "steps in the log", number_text(isfinite(step) ? step : 0, 12, value), beside);
    put_duration(r->to, run_results_last(&r->run, "seconds"));
}

static void put_number(FILE *to, const char *label, double x, int digits, const char *beside)
{
    char value[NUMBER_SIZE];
    put_tile(to, label, number_text(x, digits, value), beside);
}

static double mean_of(const report *r, const char *column)
{
    const double *values = log_table_column(&r->run.log, column);
    double sum = 0;
    for (int64_t i = 0; values && i < r->run.log.rows; i++)
        sum += values[i];
    return values ? sum / (double)r->run.log.rows : NAN;
}

/* Of the first set of samples. */
static void put_evaluation(const report *r)
{
    char beside[128], value[NUMBER_SIZE], floor[NUMBER_SIZE];
    json_t *first = json_array_get(json_object_get(r->run.evaluation, "samples"), 0);
    json_t *test = json_object_get(r->run.evaluation, "floor");
    if (!first || !test)
        return;
    long long nfe = json_integer_value(json_object_get(first, "nfe"));
    const char *sampler = json_string_value(json_object_get(r->run.evaluation, "sampler"));
    sampler = sampler ? sampler : "?";
    number_text(json_number_value(json_object_get(test, "frechet")), 3, floor);
    snprintf(beside, sizeof beside, "%.20s, nfe %lld; floor %s", sampler, nfe, floor);
    put_number(r->to, "Fréchet distance", json_number_value(json_object_get(first, "frechet")), 4, beside);
    snprintf(beside, sizeof beside, "%.20s, nfe %lld", sampler, nfe);
    snprintf(value, sizeof value, "%.2f %%", 100 * json_number_value(json_object_get(first, "class_accuracy")));
    put_tile(r->to, "class accuracy", value, beside);
}

/* The objective as its authors call it; the setting itself where it has no such name. */
static const char *objective_name(const char *setting)
{
    static const char *const names[][2] = {{"meanflow", "MeanFlow"}, {"improved", "improved MeanFlow"},
                                           {"alpha", "α-Flow"}, {"split", "SplitMeanFlow"},
                                           {"matching", "flow matching"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(setting, names[i][0]) == 0)
            return names[i][1];
    return setting;
}

static void put_line(const report *r)
{
    static const struct {
        const char *before, *setting, *after;
    } parts[] = {{"", "model", ""}, {", width ", "width", ""}, {", depth ", "depth", ""},
                 {"; batches of ", "batch", " images"}, {"; seed ", "seed", ""}};
    fputs("<p>", r->to);
    html_text(r->to, objective_name(report_setting(r, "objective")));
    fputs(": ", r->to);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        fputs(parts[i].before, r->to);
        html_text(r->to, report_setting(r, parts[i].setting));
        fputs(parts[i].after, r->to);
    }
    fputs("</p>\n", r->to);
}

void report_put_summary(const report *r, const char *name)
{
    fputs("<header>\n<p class=\"kind\">A run of meanflow_mnist</p>\n<h1>", r->to);
    html_text(r->to, *name ? name : "/");
    fputs("</h1>\n", r->to);
    put_line(r);
    fputs("<dl class=\"tiles\">\n", r->to);
    put_progress(r);
    put_number(r->to, "images a second", mean_of(r, "samples_per_second"), 4, "");
    put_number(r->to, "log(L + c)", run_results_last(&r->run, "log_loss"), 4, "");
    put_evaluation(r);
    fputs("</dl>\n</header>\n", r->to);
}
