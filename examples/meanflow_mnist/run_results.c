/* SPDX-License-Identifier: MIT */
/* Reading a run's files. */
#include "run_results.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "seal.h"
#include "whole_file.h"

static bool read_settings(run_results *r, ct_error *err)
{
    r->settings = settings_read(r->folder.settings, err);
    return r->settings != NULL;
}

/* Figures that are shown are there. */
static bool check_figures(const json_t *set, const char *what, const char *path, ct_error *err)
{
    static const char *const names[] = {"images", "frechet", "kid", "class_accuracy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!json_is_number(json_object_get(set, names[i])))
            return ct_fail(err, CT_E_FORMAT, "%s: expected a number \"%s\" in \"%s\"", path, names[i], what);
    return true;
}

static bool check_evaluation(const json_t *evaluation, const char *path, ct_error *err)
{
    size_t i;
    const json_t *set, *floor = json_object_get(evaluation, "floor"), *samples = json_object_get(evaluation, "samples");
    if (!json_is_object(floor) || !json_is_array(samples))
        return ct_fail(err, CT_E_FORMAT, "%s: expected \"floor\" and \"samples\", as \"eval\" writes them", path);
    json_array_foreach(samples, i, set)
        if (!check_figures(set, "samples", path, err))
            return false;
    return json_array_size(samples) == 0 || check_figures(floor, "floor", path, err);
}

enum { LARGEST_EVALUATION = 1 << 24 };  /* bytes */

static json_t *load_json(const char *path, ct_error *err)
{
    size_t size;
    json_error_t why;
    char *text = whole_file_read(path, LARGEST_EVALUATION, &size, err);
    json_t *json = text && seal_check(path, text, size, err) ? json_loadb(text, size, 0, &why) : NULL;
    if (text && !json && err->code == CT_OK)
        ct_fail(err, CT_E_FORMAT, "%s, line %d: expected JSON: %s", path, why.line, why.text);
    free(text);
    return json;
}

static bool read_evaluation(run_results *r, ct_error *err)
{
    const char *path = r->folder.evaluation;
    if (access(path, F_OK) != 0)
        return true;
    err->code = CT_OK;
    r->evaluation = load_json(path, err);
    return r->evaluation && check_evaluation(r->evaluation, path, err);
}

bool run_results_read(run_results *r, const char *dir, ct_error *err)
{
    *r = (run_results){.settings = NULL};
    return run_folder_name(&r->folder, dir, err) && read_settings(r, err) &&
           log_table_read(&r->log, r->folder.log, err) && read_evaluation(r, err);
}

void run_results_free(run_results *r)
{
    json_decref(r->evaluation);
    log_table_free(&r->log);
    settings_free(r->settings);
}

double run_results_last(const run_results *r, const char *column)
{
    const double *values = log_table_column(&r->log, column);
    return values && r->log.rows > 0 ? values[r->log.rows - 1] : NAN;
}
