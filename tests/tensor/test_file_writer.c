/* SPDX-License-Identifier: MIT */
/* The file writer: a file appears whole or not at all, and nothing is left beside it. */
#define _GNU_SOURCE /* O_TMPFILE */
#include "support.h"

#include <cotangent/files.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int files_in(const char *directory)
{
    int count = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static void assert_holds(const char *path, const char *text)
{
    size_t size;
    unsigned char *bytes = support_read_file(path, &size);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(bytes, text, size);
    free(bytes);
}

static ct_file_writer *open_writer(const char *path)
{
    ct_error err;
    ct_file_writer *w = ct_file_writer_open(path, &err);
    assert_ok(w, &err);
    return w;
}

static void write_text(const char *path, const char *text)
{
    ct_error err;
    ct_file_writer *w = open_writer(path);
    assert_ok(ct_file_writer_write(w, text, strlen(text), &err), &err);
    assert_ok(ct_file_writer_write(w, NULL, 0, &err), &err);
    assert_ok(ct_file_writer_commit(w, &err), &err);
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 0777;
}

static void test_old_contents_stay_until_commit(void **state)
{
    (void)state;
    const char *path = support_temp_path("file");
    support_write_file(path, "old", 3);
    ct_file_writer *w = open_writer(path);
    assert_true(ct_file_writer_write(w, "new text", 8, NULL));
    assert_holds(path, "old");
    assert_true(ct_file_writer_commit(w, NULL));
    assert_holds(path, "new text");
    assert_int_equal(files_in(support_temp_path("")), 1);
}

/* What was flushed, as the library asked for it; a flush itself is not needed here. */
static struct {
    int files, directories;
    bool old_name_at_file, new_name_at_directory;  /* what was in place at that moment */
} flushed;

int fsync(int fd)
{
    struct stat info;
    bool in_place = access(support_temp_path("file"), F_OK) == 0;
    assert_int_equal(fstat(fd, &info), 0);
    if (S_ISDIR(info.st_mode)) {
        flushed.directories++;
        flushed.new_name_at_directory = in_place;
    } else {
        flushed.files++;
        flushed.old_name_at_file = !in_place;
    }
    return 0;
}

/* The order that survives a loss of power: contents, name, directory. */
static void test_contents_are_flushed_before_the_name_and_the_directory_after(void **state)
{
    (void)state;
    memset(&flushed, 0, sizeof flushed);
    write_text(support_temp_path("file"), "text");
    assert_int_equal(flushed.files, 1);
    assert_int_equal(flushed.directories, 1);
    assert_true(flushed.old_name_at_file && flushed.new_name_at_directory);
}

static void test_discard_leaves_nothing(void **state)
{
    (void)state;
    ct_file_writer *w = open_writer(support_temp_path("file"));
    assert_true(ct_file_writer_write(w, "text", 4, NULL));
    ct_file_writer_discard(w);
    ct_file_writer_discard(NULL);
    assert_int_equal(files_in(support_temp_path("")), 0);
}

static void test_two_writers_of_one_file_do_not_meet(void **state)
{
    (void)state;
    const char *path = support_temp_path("file");
    ct_file_writer *a = open_writer(path), *b = open_writer(path);
    assert_true(ct_file_writer_write(a, "a", 1, NULL) && ct_file_writer_write(b, "b", 1, NULL));
    assert_true(ct_file_writer_commit(b, NULL));
    assert_holds(path, "b");
    assert_true(ct_file_writer_commit(a, NULL));
    assert_holds(path, "a");
    assert_int_equal(files_in(support_temp_path("")), 1);
}

/* As fopen has it: a new file gets what the umask allows, an old one keeps its permissions. */
static void test_permissions(void **state)
{
    (void)state;
    mode_t before = umask(027);
    write_text(support_temp_path("new"), "x");
    umask(before);
    assert_int_equal(mode_of(support_temp_path("new")), 0640);
    assert_int_equal(chmod(support_temp_path("new"), 0604), 0);
    write_text(support_temp_path("new"), "y");
    assert_int_equal(mode_of(support_temp_path("new")), 0604);
}

static void test_a_link_stays_a_link(void **state)
{
    (void)state;
    support_write_file(support_temp_path("file"), "old", 3);
    assert_int_equal(symlink("file", support_temp_path("link")), 0);
    write_text(support_temp_path("link"), "new");
    assert_holds(support_temp_path("file"), "new");
    assert_int_equal(files_in(support_temp_path("")), 2);
}

static void test_what_cannot_be_replaced_is_refused(void **state)
{
    (void)state;
    ct_error err;
    assert_null(ct_file_writer_open(support_temp_path(""), &err));
    assert_error(&err, CT_E_IO, "is a directory, expected a regular file or none");
    assert_null(ct_file_writer_open("/dev/null", &err));
    assert_error(&err, CT_E_IO, "/dev/null: is not a regular file");
    assert_null(ct_file_writer_open(support_temp_path("absent/file"), &err));
    assert_error(&err, CT_E_IO, "absent/file: cannot create a file beside it: No such file");
}

/* --- without a name, where the system can ------------------------------------------------------------------------- */

static bool refuse_nameless;
static int nameless;  /* files without a name that were opened */

/* The library's open(), in which files without a name can be refused, as some file systems do. */
int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0666;
    va_end(args);
#if defined(O_TMPFILE)
    if ((flags & O_TMPFILE) == O_TMPFILE) {
        if (refuse_nameless) {
            errno = EOPNOTSUPP;
            return -1;
        }
        nameless++;
    }
#endif
    return openat(AT_FDCWD, path, flags, mode);
}

/* A child that is killed while it writes. */
static void kill_while_writing(const char *path)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        ct_file_writer *w = ct_file_writer_open(path, NULL);
        if (w && ct_file_writer_write(w, "text", 4, NULL))
            raise(SIGKILL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_a_killed_process_leaves_nothing(void **state)
{
    (void)state;
    const char *path = support_temp_path("file");
    support_write_file(path, "old", 3);
    nameless = 0;
    ct_file_writer *w = open_writer(path);
    bool can = nameless > 0 && files_in(support_temp_path("")) == 1;
    ct_file_writer_discard(w);
    if (!can)
        skip();
    kill_while_writing(path);
    assert_holds(path, "old");
    assert_int_equal(files_in(support_temp_path("")), 1);
}

/* The same contract, and a file with a name beside it meanwhile. */
static void test_where_files_need_a_name(void **state)
{
    (void)state;
    const char *path = support_temp_path("file");
    refuse_nameless = true;
    support_write_file(path, "old", 3);
    ct_file_writer *w = open_writer(path);
    assert_int_equal(files_in(support_temp_path("")), 2);
    ct_file_writer_discard(w);
    assert_holds(path, "old");
    assert_int_equal(files_in(support_temp_path("")), 1);
    write_text(path, "new");
    refuse_nameless = false;
    assert_holds(path, "new");
    assert_int_equal(files_in(support_temp_path("")), 1);
}

/* As for fopen: root may write all, so this is another user's attempt. */
static void test_what_may_not_be_written_is_not_replaced(void **state)
{
    (void)state;
    const char *path = support_temp_path("file");
    support_write_file(path, "old", 3);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(support_temp_path(""), 0777), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        ct_error err = {CT_OK, ""};
        bool other = geteuid() != 0 || setuid(65534) == 0;
        bool refused = other && !ct_file_writer_open(path, &err) && strstr(err.message, "cannot be replaced: Permission");
        _exit(refused ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_holds(path, "old");
}

/* A write that fails half-way (here at a limit on the size of files) is reported and leaves the old file. */
static void test_a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    static const char block[1 << 16];
    ct_error err = {CT_OK, ""};
    struct rlimit before, small;
    const char *path = support_temp_path("file");
    support_write_file(path, "old", 3);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ct_file_writer *w = open_writer(path);
    bool ok = true;
    for (int i = 0; i < 4; i++)
        ok = ct_file_writer_write(w, block, sizeof block, NULL) && ok;
    ok = ct_file_writer_commit(w, &err) && ok;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(ok);
    assert_error(&err, CT_E_IO, "file: ");
    assert_holds(path, "old");
    assert_int_equal(files_in(support_temp_path("")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(test_old_contents_stay_until_commit),
        temp_unit_test(test_contents_are_flushed_before_the_name_and_the_directory_after),
        temp_unit_test(test_discard_leaves_nothing),
        temp_unit_test(test_two_writers_of_one_file_do_not_meet),
        temp_unit_test(test_permissions),
        temp_unit_test(test_a_link_stays_a_link),
        temp_unit_test(test_what_cannot_be_replaced_is_refused),
        temp_unit_test(test_a_killed_process_leaves_nothing),
        temp_unit_test(test_where_files_need_a_name),
        temp_unit_test(test_what_may_not_be_written_is_not_replaced),
        temp_unit_test(test_a_failed_write_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
