/* SPDX-License-Identifier: MIT */
/* Rows in log.csv, and the same as events. */
#include "run_log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "events.h"
#include "row_check.h"

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
    snprintf(text + length, size - (size_t)length, "," ROW_CHECK_NAME "\n");
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

/* What a file of the log holds up to a step. */
typedef struct log_part {
    int64_t rows, last;
    double seconds;  /* of the last row */
    long length;     /* bytes; 0 where not even its header is whole, -1 where it has another one */
} log_part;

/* A row of a step after the last, up to `step`, whole and undamaged; false for anything else. */
static bool take_row(log_part *p, char *line, int64_t step)
{
    char *end = strchr(line, '\n'), *comma;
    long long at = strtoll(line, &comma, 10);
    if (!end || comma == line || *comma != ',' || at <= p->last || at > step)
        return false;
    *end = 0;
    if (!row_check(line))
        return false;
    p->rows++;
    p->last = at;
    p->seconds = strtod(comma + 1, NULL);
    return true;
}

static log_part read_csv(FILE *f, int64_t step)
{
    char header[512], line[1024] = "";
    log_part p = {0, 0, 0, 0};
    write_header(header, sizeof header);
    bool whole = fgets(line, sizeof line, f) && strcmp(line, header) == 0;
    p.length = whole ? ftell(f) : strncmp(line, header, strlen(line)) == 0 ? 0 : -1;
    while (whole && fgets(line, sizeof line, f) && take_row(&p, line, step))
        p.length = ftell(f);
    return p;
}

/* A file that holds none of the rows is as good as missing: a run that was stopped soon after it began a new one leaves
 * that. */
static bool check_part(const log_part *p, const char *path, int64_t rows, int64_t last, int64_t step, ct_error *err)
{
    if (p->length < 0)
        return ct_fail(err, CT_E_FORMAT, "%s: has other columns than this program writes, expected the log of the run "
                       "that goes on; without the file, a new log is begun", path);
    return p->rows == 0 || (p->rows == rows && p->last == last) ||
           ct_fail(err, CT_E_FORMAT, "%s: rows are gone or damaged: up to step %lld it has %lld that follow one another, "
                   "the last of step %lld, expected %lld, the last of step %lld; without the file, a new log is begun",
                   path, (long long)step, (long long)p->rows, (long long)p->last, (long long)rows, (long long)last);
}

static log_part read_events(FILE *f, int64_t step)
{
    log_part p = {0, 0, 0, 0};
    p.length = events_up_to(f, step, &p.rows, &p.last);
    return p;
}

/* Nothing where there is no file. */
static bool look(const char *path, log_part (*read)(FILE *, int64_t), int64_t step, log_part *p, ct_error *err)
{
    FILE *f = fopen(path, "rb");
    *p = (log_part){0, 0, 0, 0};
    if (!f)
        return errno == ENOENT || ct_fail(err, CT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    *p = read(f, step);
    fclose(f);
    return true;
}

static bool reopen_csv(run_log *l, const char *path, const log_part *p, ct_error *err)
{
    if (p->length == 0)
        return begin_csv(l, path, err);
    if (truncate(path, p->length) != 0)
        return ct_fail(err, CT_E_IO, "%s: cannot be cut back: %s", path, strerror(errno));
    return start(l, path, "a", p->seconds, err);
}

/* Both are checked before either is changed. */
bool run_log_resume(run_log *l, const run_folder *f, int64_t step, const log_row *row, const char **missing,
                    ct_error *err)
{
    log_part csv, events;
    l->folder = f;
    if (!look(f->log, read_csv, step, &csv, err) || !look(f->events, read_events, step, &events, err) ||
        !check_part(&csv, f->log, row->rows, row->last, step, err) ||
        !check_part(&events, f->events, row->records, row->last, step, err) || !reopen_csv(l, f->log, &csv, err))
        return false;
    *missing = csv.rows < row->rows ? f->log : events.rows < row->records ? f->events : NULL;
    l->row = *row;
    l->row.rows = csv.rows;
    l->row.records = events.rows;
    l->events = events_resume(f->events, events.length, err);
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
    char text[1024];
    size_t length = (size_t)snprintf(text, sizeof text, "%lld,%.3f", (long long)step, seconds);
    for (int i = 0; i < COLUMNS; i++) {
        names[i] = column_name(i);
        length += (size_t)snprintf(text + length, sizeof text - length, ",%.7g", value[i]);
    }
    fprintf(l->csv, "%s,%lu\n", text, (unsigned long)row_check_of(text, length));
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
    l->row = (log_row){.rows = l->row.rows + 1, .records = l->row.records + 1, .last = step};
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
