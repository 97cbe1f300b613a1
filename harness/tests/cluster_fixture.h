/*
 * A folder of its own and a launcher for each test of the cluster, and the check that both leave
 * nothing behind.
 */
#ifndef TESTS_CLUSTER_FIXTURE_H
#define TESTS_CLUSTER_FIXTURE_H

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "cluster/cluster.h"
#include "kit/error.h"
#include "process/orphans.h"
#include "tests/run_tests.h"

struct fixture {
    char dir[64];
    struct launcher *launcher;
    int fds_before;
};

static inline int fixture_count_fds(void)
{
    int count = 0;
    DIR *fds = opendir("/proc/self/fd");
    while (readdir(fds))
        count++;
    closedir(fds);
    return count;
}

static inline void fixture_open(struct fixture *fixture)
{
    struct error err = {0};
    fixture->fds_before = fixture_count_fds();
    snprintf(fixture->dir, sizeof fixture->dir, "/tmp/svclab cluster:XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(fixture->dir));
    ck_assert_msg(launcher_open_local(&fixture->launcher, &err) == 0, "%s", err.text);
}

static inline int fixture_remove(const char *path, const struct stat *status, int type,
                                 struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

/* Asserts that no child and no descriptor is left, and removes the folder. */
static inline void fixture_close(struct fixture *fixture)
{
    pid_t pids[CHILDREN_MAX];
    ck_assert_int_eq(children_list(pids, CHILDREN_MAX), 0);
    fixture->launcher->close(fixture->launcher);
    ck_assert_int_eq(nftw(fixture->dir, fixture_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
    ck_assert_int_eq(fixture_count_fds(), fixture->fds_before);
}

/* Starts the services; fails the test when they do not come up. */
static inline struct cluster *fixture_start(struct fixture *fixture,
                                            const struct service_entry *services, int count)
{
    struct cluster_options options = {
        .services = services, .service_count = count, .work_dir = fixture->dir};
    struct cluster *cluster = NULL;
    const char *failed = NULL;
    struct error err = {0};
    ck_assert_msg(cluster_start(&cluster, fixture->launcher, &options, &failed, &err) == 0,
                  "%s: %s", failed ? failed : "harness", err.text);
    return cluster;
}

#endif
