/* Rows in log.csv. */
#include "run_log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

static void write_header(char *text, size_t size)
{
    int length = snprintf(text, size, "step,seconds");
    for (int i = 0; i < METRICS; i++)
        length += snprintf(text + length, size - (size_t)length, ",%s", metric_names[i]);
    snprintf(text + length, size - (size_t)length, ",samples_per_second,tangent_share,skipped,returns\n");
}

static bool start(run_log *l, const char *path, const char *mode, double before, ct_error *err)
{
    *l = (run_log){.file = fopen(path, mode), .before = before, .start = clock_seconds(), .since = clock_seconds()};
    return l->file || ct_fail(err, CT_E_IO, "%s: cannot be written: %s", path, strerror(errno));
}

bool run_log_begin(run_log *l, const char *path, ct_error *err)
{
    char header[512];
    write_header(header, sizeof header);
    if (!start(l, path, "w", 0, err))
        return false;
    fputs(header, l->file);
    return run_log_flush(l, err);
}

/* --- going on ------------------------------------------------------------------------------------------------------ */

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

bool run_log_resume(run_log *l, const char *path, int64_t step, const log_row *row, ct_error *err)
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
    if (length == 0 ? !run_log_begin(l, path, err) : !start(l, path, "a", seconds, err))
        return false;
    l->row = *row;
    return true;
}

/* --- rows ---------------------------------------------------------------------------------------------------------- */

void run_log_step(run_log *l, const double metrics[METRICS], int64_t batch)
{
    l->images += batch;
    if (!metrics_finite(metrics))
        return;
    l->row.taken++;
    for (int i = 0; i < METRICS; i++)
        l->row.sum[i] += metrics[i];
}

/* Means over the steps that were taken since the last row; the learning rate is the last step's. */
void run_log_row(run_log *l, int64_t step, double lr, double tangent_share, const guard *g)
{
    double now = clock_seconds();
    fprintf(l->file, "%lld,%.3f", (long long)step, l->before + now - l->start);
    for (int i = 0; i < METRICS; i++)
        fprintf(l->file, ",%.6g", i == LR ? lr : l->row.taken ? l->row.sum[i] / (double)l->row.taken : NAN);
    fprintf(l->file, ",%.1f,%.3f,%lld,%lld\n", (double)l->images / (now - l->since + 1e-9), tangent_share,
            (long long)g->skipped, (long long)g->returns);
    fflush(l->file);
    l->row = (log_row){0};
    l->since = now;
    l->images = 0;
}

bool run_log_flush(run_log *l, ct_error *err)
{
    if (fflush(l->file) == 0 && !ferror(l->file) && fsync(fileno(l->file)) == 0)
        return true;
    return ct_fail(err, CT_E_IO, "log.csv cannot be written: %s", strerror(errno));
}

bool run_log_close(run_log *l, ct_error *err)
{
    bool ok = !l->file || run_log_flush(l, err);
    if (l->file && fclose(l->file) != 0 && ok)
        ok = ct_fail(err, CT_E_IO, "log.csv cannot be written: %s", strerror(errno));
    return ok;
}
