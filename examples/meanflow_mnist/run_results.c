/* Reading a run's files. */
#include "run_results.h"

#include <math.h>
#include <unistd.h>

static bool read_settings(run_results *r, ct_error *err)
{
    r->settings = settings_read(r->folder.settings, err);
    return r->settings != NULL;
}

static bool read_evaluation(run_results *r, ct_error *err)
{
    json_error_t why;
    const char *path = r->folder.evaluation;
    if (access(path, F_OK) != 0)
        return true;
    r->evaluation = json_load_file(path, 0, &why);
    if (!r->evaluation)
        return ct_fail(err, CT_E_FORMAT, "%s, line %d: expected JSON: %s", path, why.line, why.text);
    return (json_is_object(json_object_get(r->evaluation, "floor")) &&
            json_is_array(json_object_get(r->evaluation, "samples"))) ||
           ct_fail(err, CT_E_FORMAT, "%s: expected \"floor\" and \"samples\", as \"eval\" writes them", path);
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
