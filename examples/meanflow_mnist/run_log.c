/* Rows in log.csv, and the same as events. */
#include "run_log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "events.h"

/* The columns after the step and the seconds: the metrics, and these. */
enum { SAMPLES_PER_SECOND = METRICS, TANGENT_SHARE, SKIPPED, RETURNS, COLUMNS };
static const char *const more_names[] = {"samples_per_second", "tangent_share", "skipped", "returns"};

static const char *column_name(int i)
{
    return i < METRICS ? metric_names[i] : more_names[i - METRICS];
}

static void write_header(char *text, size_t size)
{
    int length = snprintf(text, size, "step,seconds");
    for (int i = 0; i < COLUMNS; i++)
        length += snprintf(text + length, size - (size_t)length, ",%s", column_name(i));
    snprintf(text + length, size - (size_t)length, "\n");
}

static bool start(run_log *l, const char *path, const char *mode, double before, ct_error *err)
{
    *l = (run_log){.folder = l->folder, .csv = fopen(path, mode), .before = before, .start = clock_seconds(), .since = clock_seconds()};
    return l->csv || ct_fail(err, CT_E_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static bool begin_csv(run_log *l, const char *path, ct_error *err)
{
    char header[512];
    write_header(header, sizeof header);
    if (!start(l, path, "w", 0, err))
        return false;
    fputs(header, l->csv);
    return true;
}

bool run_log_begin(run_log *l, const run_folder *f, ct_error *err)
{
    l->folder = f;
    if (!begin_csv(l, f->log, err))
        return false;
    l->events = events_begin(f->events, err);
    return l->events && run_log_flush(l, err);
}

/* --- going on --------------------------------------------------------------------------------------------------- */

/* The length of the rows up to `step`, and the seconds of the last of them. A row that is not whole ends them. */
static long rows_up_to(FILE *f, int64_t step, double *seconds)
{
    char line[1024];
    long length = ftell(f);
    while (fgets(line, sizeof line, f) && strchr(line, '\n')) {
        char *comma;
        long long at = strtoll(line, &comma, 10);
        if (comma == line || *comma != ',' || at > step)
            break;
        *seconds = strtod(comma + 1, NULL);
        length = ftell(f);
    }
    return length;
}

/* The length of what stays of the file: 0 where not even its header is whole, -1 where it has another header. */
static long length_to_keep(FILE *f, int64_t step, double *seconds)
{
    char header[512], line[512] = "";
    write_header(header, sizeof header);
    if (fgets(line, sizeof line, f) && strcmp(line, header) == 0)
        return rows_up_to(f, step, seconds);
    return strncmp(line, header, strlen(line)) == 0 ? 0 : -1;
}

static bool resume_csv(run_log *l, const char *path, int64_t step, ct_error *err)
{
    double seconds = 0;
    FILE *f = fopen(path, "r");
    long length = f ? length_to_keep(f, step, &seconds) : 0;
    if (f)
        fclose(f);
    if (length < 0)
        return ct_fail(err, CT_E_FORMAT, "%s: has other columns than this program writes, expected the log of the run "
                       "that goes on; without the file, a new log is begun", path);
    if (length > 0 && truncate(path, length) != 0)
        return ct_fail(err, CT_E_IO, "%s: cannot be cut back: %s", path, strerror(errno));
    return length == 0 ? begin_csv(l, path, err) : start(l, path, "a", seconds, err);
}

bool run_log_resume(run_log *l, const run_folder *f, int64_t step, const log_row *row, ct_error *err)
{
    l->folder = f;
    if (!resume_csv(l, f->log, step, err))
        return false;
    l->row = *row;
    l->events = events_resume(f->events, step, err);
    return l->events != NULL;
}

/* --- rows ------------------------------------------------------------------------------------------------------- */

void run_log_step(run_log *l, const double metrics[METRICS], int64_t batch)
{
    l->images += batch;
    if (!metrics_finite(metrics))
        return;
    l->row.taken++;
    for (int i = 0; i < METRICS; i++)
        l->row.sum[i] += metrics[i];
}

static void write_row(run_log *l, int64_t step, double seconds, const double value[COLUMNS])
{
    const char *names[COLUMNS];
    fprintf(l->csv, "%lld,%.3f", (long long)step, seconds);
    for (int i = 0; i < COLUMNS; i++) {
        names[i] = column_name(i);
        fprintf(l->csv, ",%.7g", value[i]);
    }
    fputc('\n', l->csv);
    events_add(l->events, step, COLUMNS, names, value);
}

/* What was written is out of the program. */
static bool flush(FILE *f, const char *path, ct_error *err)
{
    errno = 0;
    if (fflush(f) == 0 && !ferror(f))
        return true;
    return ct_fail(err, CT_E_IO, "%s: cannot be written: %s", path, errno ? strerror(errno) : "an earlier write failed");
}

static bool flush_both(run_log *l, ct_error *err)
{
    return flush(l->csv, l->folder->log, err) && flush(l->events, l->folder->events, err);
}

/* Means over the steps that were taken since the last row; the learning rate is the last step's. */
bool run_log_row(run_log *l, int64_t step, double lr, double tangent_share, const guard *g, ct_error *err)
{
    double now = clock_seconds(), value[COLUMNS];
    for (int i = 0; i < METRICS; i++)
        value[i] = l->row.taken ? l->row.sum[i] / (double)l->row.taken : NAN;
    value[LR] = lr;
    value[SAMPLES_PER_SECOND] = (double)l->images / (now - l->since + 1e-9);
    value[TANGENT_SHARE] = tangent_share;
    value[SKIPPED] = (double)g->skipped;
    value[RETURNS] = (double)g->returns;
    write_row(l, step, l->before + now - l->start, value);
    l->row = (log_row){0};
    l->since = now;
    l->images = 0;
    return flush_both(l, err);
}

/* --- on the disk ------------------------------------------------------------------------------------------------ */

static bool sync_file(FILE *f, const char *path, ct_error *err)
{
    return fsync(fileno(f)) == 0 || ct_fail(err, CT_E_IO, "%s: cannot be written: %s", path, strerror(errno));
}

bool run_log_flush(run_log *l, ct_error *err)
{
    return flush_both(l, err) && sync_file(l->csv, l->folder->log, err) &&
           sync_file(l->events, l->folder->events, err);
}

static bool close_file(FILE *f, const char *path, ct_error *err)
{
    return !f || fclose(f) == 0 || ct_fail(err, CT_E_IO, "%s: cannot be written: %s", path, strerror(errno));
}

bool run_log_close(run_log *l, ct_error *err)
{
    if (!l->folder)
        return true;
    bool ok = !l->csv || !l->events || run_log_flush(l, err);
    ok = close_file(l->csv, l->folder->log, ok ? err : NULL) && ok;
    return close_file(l->events, l->folder->events, ok ? err : NULL) && ok;
}
