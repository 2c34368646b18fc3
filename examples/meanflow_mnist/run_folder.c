/* SPDX-License-Identifier: MIT */
/* Names, the lock, and what stays. */
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

bool run_folder_name(run_folder *f, const char *dir, ct_error *err)
{
    f->lock = 0;
    f->checkpoints.ending = ".safetensors";
    f->snapshots.ending = ".png";
    return output_path(f->settings, dir, RUN_SETTINGS, err) && output_path(f->log, dir, "log.csv", err) &&
           output_path(f->events, dir, "log.tfevents", err) && output_path(f->model, dir, "model.safetensors", err) &&
           output_path(f->samples, dir, "samples.png", err) && output_path(f->evaluation, dir, "eval.json", err) &&
           output_path(f->report, dir, "report.html", err) && output_path(f->checkpoints.dir, dir, "checkpoints", err) &&
           output_path(f->snapshots.dir, dir, "snapshots", err);
}

static bool check_files(const run_folder *f, ct_error *err)
{
    return output_check(f->settings, err) && output_check(f->log, err) && output_check(f->events, err) &&
           output_check(f->model, err) && output_check(f->samples, err) && output_check(f->report, err);
}

static bool make_directory(const step_files *f, ct_error *err)
{
    char path[OUTPUT_PATH_SIZE];
    return output_directory(f->dir, err) && step_files_path(f, 0, path, err) && output_check(path, err);
}

bool run_folder_open(run_folder *f, const char *dir, ct_error *err)
{
    if (!run_folder_name(f, dir, err) || !output_directory(dir, err) || !lock(f, dir, err) || !check_files(f, err) ||
        !make_directory(&f->checkpoints, err) || !make_directory(&f->snapshots, err))
        return false;
    remove_leftovers(dir);
    remove_leftovers(f->checkpoints.dir);
    remove_leftovers(f->snapshots.dir);
    fsync(f->lock);
    return true;
}

void run_folder_close(run_folder *f)
{
    if (f->lock)
        close(f->lock);
}

/* --- what is in it ---------------------------------------------------------------------------------------------- */

void run_folder_prune(const run_folder *f, int64_t every, int64_t keep)
{
    ct_error ignored;  /* one that cannot be removed only takes room */
    const step_files *all = &f->checkpoints;
    int64_t kept = 0, last = step_files_newest(all, INT64_MAX, 1);
    for (int64_t step = last; keep > 0 && step >= 0; step = step_files_newest(all, step, 1)) {
        bool stays = every > 0 && step % every == 0 && kept < keep;
        kept += stays;
        if (!stays && step != last)
            step_files_remove(all, step, &ignored);
    }
}

bool run_folder_is_used(const run_folder *f)
{
    return access(f->model, F_OK) == 0 || step_files_newest(&f->checkpoints, INT64_MAX, 1) >= 0;
}

bool run_folder_clear(const run_folder *f, ct_error *err)
{
    return step_files_clear(&f->checkpoints, err) && step_files_clear(&f->snapshots, err) &&
           output_remove(f->model, err) && output_remove(f->samples, err) && output_remove(f->evaluation, err) &&
           output_remove(f->report, err);
}
