/* SPDX-License-Identifier: MIT */
/* Reading runs into lines. */
#include "compare_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_conditions.h"

/* --- lines -------------------------------------------------------------------------------------------------------- */

/* Time in training up to a step. */
static double minutes_at(const log_table *log, double step)
{
    const double *steps = log_table_column(log, "step"), *seconds = log_table_column(log, "seconds");
    double found = NAN;
    for (int64_t i = 0; steps && seconds && i < log->rows && steps[i] <= step; i++)
        found = seconds[i] / 60;
    return found;
}

static double number_in(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool fill(compare_line *l, const run_results *r, const json_t *samples)
{
    const char *seed = settings_value(r->settings, "seed");
    l->frechet = number_in(samples, "frechet");
    l->kid = number_in(samples, "kid");
    l->accuracy = number_in(samples, "class_accuracy");
    l->steps = number_in(r->evaluation, "step");
    l->minutes = minutes_at(&r->log, l->steps);
    l->seed = json_string(seed ? seed : "");
    l->conditions = compare_conditions(r, samples);
    return l->seed && l->conditions;
}

/* Seeds are what deviations are over: each counts once. */
static bool check_new(const compare_lines *c, const compare_line *l, ct_error *err)
{
    for (const compare_line *other = c->line; other < l; other++)
        if (json_equal(other->seed, l->seed) && json_equal(other->conditions, l->conditions))
            return ct_fail(err, CT_E_ARGUMENT, "%s: is the same training as %s (seed %s), expected other settings or "
                           "another seed", l->run, other->run, json_string_value(l->seed));
    return true;
}

static bool add_line(compare_lines *c, const char *dir, const run_results *r, const json_t *samples, ct_error *err)
{
    compare_line *longer = realloc(c->line, (size_t)(c->count + 1) * sizeof *longer);
    if (!longer)
        return ct_fail(err, CT_E_MEMORY, "%s: no memory for its figures", dir);
    c->line = longer;
    compare_line *l = &c->line[c->count++];
    *l = (compare_line){.run = dir};
    return (fill(l, r, samples) || ct_fail(err, CT_E_MEMORY, "%s: no memory for its settings", dir)) &&
           check_new(c, l, err);
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

static const char *content_of(const json_t *evaluation, const char *part)
{
    const char *content = json_string_value(json_object_get(json_object_get(evaluation, part), "content"));
    return content ? content : "?";
}

/* Distances by other features, or from other images, are other numbers. */
static bool check_part(const compare_lines *c, const char *first, const json_t *evaluation, const char *dir,
                       const char *part, ct_error *err)
{
    const char *here = content_of(evaluation, part), *there = content_of(c->evaluation, part);
    return strcmp(here, there) == 0 ||
           ct_fail(err, CT_E_ARGUMENT, "%s: its evaluation has the %s %s, that of %s %s: expected the same, figures by "
                   "different ones cannot be compared", dir, part, here, first, there);
}

static bool add_run(compare_lines *c, const char *first, const char *dir, const run_results *r, ct_error *err)
{
    size_t i;
    const json_t *samples;
    if (!r->evaluation)
        return ct_fail(err, CT_E_ARGUMENT, "%s: holds no eval.json, expected one; \"meanflow_mnist eval\" writes it",
                       dir);
    if (!c->evaluation)
        c->evaluation = json_incref(r->evaluation);
    if (!check_part(c, first, r->evaluation, dir, "extractor", err) ||
        !check_part(c, first, r->evaluation, dir, "reference", err))
        return false;
    json_array_foreach(json_object_get(r->evaluation, "samples"), i, samples)
        if (!add_line(c, dir, r, samples, err))
            return false;
    return true;
}

bool compare_lines_read(compare_lines *c, const cli_words *runs, ct_error *err)
{
    bool ok = true;
    *c = (compare_lines){.line = NULL};
    for (int i = 0; i < runs->count && ok; i++) {
        run_results r;
        ok = run_results_read(&r, runs->word[i], err) && add_run(c, runs->word[0], runs->word[i], &r, err);
        run_results_free(&r);
    }
    return ok && (c->count > 0 || ct_fail(err, CT_E_ARGUMENT, "%s: its eval.json has no samples", runs->word[0]));
}

void compare_lines_free(compare_lines *c)
{
    for (int64_t i = 0; i < c->count; i++) {
        json_decref(c->line[i].conditions);
        json_decref(c->line[i].seed);
    }
    json_decref(c->evaluation);
    free(c->line);
}
