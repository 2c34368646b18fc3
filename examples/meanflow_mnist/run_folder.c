/* Names, the lock, and which checkpoints there are. */
#include "run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char name_format[] = "step-%08lld.safetensors";

/* --- opening ---------------------------------------------------------------------------------------------------- */

static bool lock(run_folder *f, const char *dir, ct_error *err)
{
    f->lock = open(dir, O_RDONLY | O_CLOEXEC);
    if (f->lock < 0) {
        f->lock = 0;
        return ct_fail(err, CT_E_IO, "%s: cannot be opened: %s", dir, strerror(errno));
    }
    if (flock(f->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return ct_fail(err, CT_E_IO, "%s: another training is writing to this folder, expected one of its own", dir);
    return true;
}

/* Whether this is the temporary file (see ct_file_writer) of a process that is no more, or that had the number we
 * have now. */
static bool is_leftover(const char *name)
{
    long process;
    if (sscanf(name, ".cotangent-%ld-", &process) != 1 || process <= 0)
        return false;
    return process == (long)getpid() || (kill((pid_t)process, 0) != 0 && errno == ESRCH);
}

static void remove_leftovers(const char *dir)
{
    DIR *d = opendir(dir);
    for (struct dirent *entry; d && (entry = readdir(d));)
        if (is_leftover(entry->d_name))
            unlinkat(dirfd(d), entry->d_name, 0);
    if (d)
        closedir(d);
}

static bool set_paths(run_folder *f, const char *dir, ct_error *err)
{
    return output_path(f->settings, dir, RUN_SETTINGS, err) && output_path(f->log, dir, "log.csv", err) &&
           output_path(f->events, dir, "log.tfevents", err) &&
           output_path(f->model, dir, "model.safetensors", err) && output_path(f->samples, dir, "samples.png", err) &&
           output_path(f->checkpoints, dir, "checkpoints", err);
}

static bool check_files(const run_folder *f, ct_error *err)
{
    return output_check(f->settings, err) && output_check(f->log, err) && output_check(f->events, err) &&
           output_check(f->model, err) &&
           output_check(f->samples, err);
}

bool run_folder_open(run_folder *f, const char *dir, ct_error *err)
{
    if (!set_paths(f, dir, err) || !output_directory(dir, err) || !lock(f, dir, err) || !check_files(f, err) ||
        !output_directory(f->checkpoints, err))
        return false;
    remove_leftovers(dir);
    remove_leftovers(f->checkpoints);
    fsync(f->lock);
    return true;
}

void run_folder_close(run_folder *f)
{
    if (f->lock)
        close(f->lock);
}

/* --- checkpoints ------------------------------------------------------------------------------------------------ */

bool run_folder_checkpoint(const run_folder *f, int64_t step, char path[OUTPUT_PATH_SIZE], ct_error *err)
{
    char name[64];
    snprintf(name, sizeof name, name_format, (long long)step);
    return output_path(path, f->checkpoints, name, err);
}

/* The step of a checkpoint of this name; -1 for other names. */
static int64_t step_of(const char *name)
{
    long long step = -1;
    char again[64];
    if (sscanf(name, "step-%lld", &step) != 1 || step < 0)
        return -1;
    snprintf(again, sizeof again, name_format, step);
    return strcmp(again, name) == 0 ? step : -1;
}

int64_t run_folder_newest(const run_folder *f, int64_t before, int64_t every)
{
    int64_t newest = -1;
    DIR *d = opendir(f->checkpoints);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        int64_t step = step_of(entry->d_name);
        if (step > newest && step < before && step % every == 0)
            newest = step;
    }
    if (d)
        closedir(d);
    return newest;
}

static bool remove_file(const char *path, ct_error *err)
{
    return unlink(path) == 0 || errno == ENOENT ||
           ct_fail(err, CT_E_IO, "%s: cannot be removed: %s", path, strerror(errno));
}

static bool remove_checkpoint(const run_folder *f, int64_t step, ct_error *err)
{
    char path[OUTPUT_PATH_SIZE];
    return run_folder_checkpoint(f, step, path, err) && remove_file(path, err);
}

void run_folder_prune(const run_folder *f, int64_t every, int64_t keep)
{
    ct_error ignored;  /* one that cannot be removed only takes room */
    int64_t kept = 0, last = run_folder_newest(f, INT64_MAX, 1);
    for (int64_t step = last; keep > 0 && step >= 0; step = run_folder_newest(f, step, 1)) {
        bool stays = every > 0 && step % every == 0 && kept < keep;
        kept += stays;
        if (!stays && step != last)
            remove_checkpoint(f, step, &ignored);
    }
}

bool run_folder_is_used(const run_folder *f)
{
    return access(f->model, F_OK) == 0 || run_folder_newest(f, INT64_MAX, 1) >= 0;
}

bool run_folder_clear(const run_folder *f, ct_error *err)
{
    for (int64_t step; (step = run_folder_newest(f, INT64_MAX, 1)) >= 0;)
        if (!remove_checkpoint(f, step, err))
            return false;
    return remove_file(f->model, err);
}
