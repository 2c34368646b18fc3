/* SPDX-License-Identifier: MIT */
/* What control groups allow, read from folders made up for it, and the number of threads that follows. */
#include "support.h"

#include "cpu_quota.h"
#include <cotangent/team.h>
#include <limits.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_FILES = 8 };

typedef struct file {
    const char *path, *text;
} file;

typedef struct tree {
    const char *what;
    int expected;
    file files[MOST_FILES];
} tree;

/* With the folders above it. */
static void write_file(const char *root, const file *f)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s", root, f->path);
    for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')); p++) {
        *p = 0;
        mkdir(path, 0777);
        *p = '/';
    }
    support_write_file(path, f->text, strlen(f->text));
}

#define GROUP "/proc/self/cgroup"
#define V2 "/sys/fs/cgroup"
#define V1 "/sys/fs/cgroup/cpu"

static const tree trees[] = {
    {"no files at all", INT_MAX, {{"/etc/nothing", "x"}}},
    {"no group that sets a limit", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/other", "x"}}},
    {"no limit", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "max 100000\n"}}},
    {"one processor", 1, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "100000 100000\n"}}},
    {"one and a half", 2, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "150000 100000\n"}}},
    {"a hundredth", 1, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "1000 100000\n"}}},
    {"three, another period", 3, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "150000 50000\n"}}},
    {"the group of a container", 2, {{GROUP, "0::/\n"}, {V2 "/cpu.max", "200000 100000\n"}}},
    {"a parent allows less", 2, {{GROUP, "0::/a/b/c\n"}, {V2 "/a/b/c/cpu.max", "400000 100000"}, {V2 "/a/b/cpu.max", "max 100000"}, {V2 "/a/cpu.max", "200000 100000"}}},
    {"a child allows less", 3, {{GROUP, "0::/a/b\n"}, {V2 "/a/b/cpu.max", "300000 100000\n"}, {V2 "/a/cpu.max", "800000 100000\n"}}},
    {"the first folder allows less", 1, {{GROUP, "0::/a/b\n"}, {V2 "/a/b/cpu.max", "300000 100000\n"}, {V2 "/cpu.max", "100000 100000\n"}}},
    {"a path of the host", 2, {{GROUP, "0::/docker/0123\n"}, {V2 "/cpu.max", "200000 100000\n"}}},
    {"a path outside", 2, {{GROUP, "0::/../other\n"}, {V2 "/cpu.max", "200000 100000\n"}, {V2 "/other/cpu.max", "100000 100000\n"}}},
    {"another group's limit", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "max 100000\n"}, {V2 "/b/cpu.max", "100000 100000\n"}}},
    {"no end of line", 2, {{GROUP, "0::/a"}, {V2 "/a/cpu.max", "200000 100000"}}},
    {"version 1", 2, {{GROUP, "4:memory:/m\n3:cpu:/a\n"}, {V1 "/a/cpu.cfs_quota_us", "200000\n"}, {V1 "/a/cpu.cfs_period_us", "100000\n"}}},
    {"version 1, no limit", INT_MAX, {{GROUP, "3:cpu:/a\n"}, {V1 "/a/cpu.cfs_quota_us", "-1\n"}, {V1 "/a/cpu.cfs_period_us", "100000\n"}}},
    {"version 1, two controllers", 3,
     {{GROUP, "3:cpu,cpuacct:/a\n"}, {V1 ",cpuacct/a/cpu.cfs_quota_us", "250000\n"}, {V1 ",cpuacct/a/cpu.cfs_period_us", "100000\n"}}},
    {"version 1, two controllers in another order", 3,
     {{GROUP, "3:cpuacct,cpu:/a\n"}, {V1 "/a/cpu.cfs_quota_us", "250000\n"}, {V1 "/a/cpu.cfs_period_us", "100000\n"}}},
    {"version 1, a parent", 1,
     {{GROUP, "3:cpu:/a/b\n"}, {V1 "/a/b/cpu.cfs_quota_us", "-1\n"}, {V1 "/a/b/cpu.cfs_period_us", "100000\n"}, {V1 "/a/cpu.cfs_quota_us", "50000\n"},
      {V1 "/a/cpu.cfs_period_us", "100000\n"}}},
    {"version 1, a container", 2, {{GROUP, "3:cpu:/docker/0123\n"}, {V1 "/cpu.cfs_quota_us", "200000\n"}, {V1 "/cpu.cfs_period_us", "100000\n"}}},
    {"another controller", INT_MAX, {{GROUP, "3:cpuset:/a\n2:cpuacct:/a\n"}, {V1 "/a/cpu.cfs_quota_us", "100000\n"}, {V1 "/a/cpu.cfs_period_us", "100000\n"}}},
    {"both versions", 2,
     {{GROUP, "3:cpu:/a\n0::/b\n"}, {V1 "/a/cpu.cfs_quota_us", "300000\n"}, {V1 "/a/cpu.cfs_period_us", "100000\n"}, {V2 "/unified/b/cpu.max", "200000 100000\n"}}},
    {"rubbish in cpu.max", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "a lot\n"}}},
    {"a quota without a period", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "100000\n"}}},
    {"a period of zero", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "100000 0\n"}}},
    {"a negative quota", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "-100000 100000\n"}}},
    {"numbers that are too large", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", "99999999999999999999999 1\n"}}},
    {"an empty cpu.max", INT_MAX, {{GROUP, "0::/a\n"}, {V2 "/a/cpu.max", ""}}},
    {"rubbish in the list of groups", INT_MAX, {{GROUP, "hello\n::\n:\n\n0:\n"}, {V2 "/a/cpu.max", "100000 100000\n"}}},
    {"rubbish, then a group", 1, {{GROUP, "hello\n\n0::/a\n"}, {V2 "/a/cpu.max", "100000 100000\n"}}},
    {"colons in a path", 1, {{GROUP, "0::/a:b\n"}, {V2 "/a:b/cpu.max", "100000 100000\n"}}},
};

static void the_least_limit_of_all_groups_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        char root[1024];
        snprintf(root, sizeof root, "%s%zu", support_temp_path("root"), i);
        mkdir(root, 0777);
        for (const file *f = trees[i].files; f < trees[i].files + MOST_FILES && f->path; f++)
            write_file(root, f);
        if (ct_cpu_quota(root) != trees[i].expected)
            fail_msg("%s: expected %d, got %d", trees[i].what, trees[i].expected, ct_cpu_quota(root));
    }
}

static void long_paths_are_no_limit(void **state)
{
    (void)state;
    char *text = malloc(10000);
    memset(text, 'a', 10000);
    memcpy(text, "0::/", 4);
    file f = {GROUP, text};
    text[9999] = 0;
    write_file(support_temp_path("."), &f);
    assert_int_equal(ct_cpu_quota(support_temp_path(".")), INT_MAX);
    text[2000] = 0;
    write_file(support_temp_path("."), &f);
    assert_int_equal(ct_cpu_quota(support_temp_path(".")), INT_MAX);
    text[1100] = 0;
    assert_int_equal(ct_cpu_quota(text), INT_MAX);
    free(text);
}

/* --- the default --- */

static void the_default_is_what_this_process_may_use(void **state)
{
    (void)state;
    int there = omp_get_num_procs(), quota = ct_cpu_quota(""), n = ct_threads_default();
    assert_true(quota >= 1 && n >= 1 && n <= there);
    if (omp_get_max_threads() == there && !getenv("OMP_NUM_THREADS"))
        assert_int_equal(n, quota < there ? quota : there);
}

static void openmps_number_wins(void **state)
{
    (void)state;
    int before = omp_get_max_threads(), there = omp_get_num_procs();
    omp_set_num_threads(there + 5);
    assert_int_equal(ct_threads_default(), there);
    omp_set_num_threads(1);
    assert_int_equal(ct_threads_default(), 1);
    omp_set_num_threads(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(the_least_limit_of_all_groups_counts),
        temp_unit_test(long_paths_are_no_limit),
        cmocka_unit_test(the_default_is_what_this_process_may_use),
        cmocka_unit_test(openmps_number_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
