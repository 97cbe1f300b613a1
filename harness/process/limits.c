/*
 * What is asked for is far from what a usual machine allows, and enough for every check: sanitizers
 * reserve terabytes of addresses, and a service keeps its files and sockets open.
 */
#include "process/limits.h"

#include <stddef.h>
#include <sys/resource.h>

#include "kit/error.h"
#include "process/threads.h"

enum { CLUSTER_THREADS = 96 }; /* measured: 80, in all processes of the largest, its judge too */

static const struct {
    int resource;
    rlim_t needed;
    rlim_t unit; /* bytes, seconds or pieces in one of what `ulimit` counts */
    const char *option, *what, *unit_name, *to_type;
} limits[] = {
    {RLIMIT_AS, RLIM_INFINITY, 1024, "-v", "address space", " kB", "unlimited"},
    {RLIMIT_DATA, RLIM_INFINITY, 1024, "-d", "data segment", " kB", "unlimited"},
    {RLIMIT_FSIZE, 64 << 20, 1024, "-f", "size of a file", " kB", "unlimited"},
    {RLIMIT_STACK, 1 << 20, 1024, "-s", "stack", " kB", "8192"},
    {RLIMIT_NOFILE, 256, 1, "-n", "number of open files", "", "1024"},
    {RLIMIT_CPU, 120, 1, "-t", "processor time", " s", "unlimited"},
};

static int below(rlim_t limit, rlim_t needed)
{
    return limit != RLIM_INFINITY && (needed == RLIM_INFINITY || limit < needed);
}

int limits_suffice(struct error *err)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit limit;
        if (getrlimit(limits[i].resource, &limit) != 0 || !below(limit.rlim_cur, limits[i].needed))
            continue;
        if (!below(limit.rlim_max, limits[i].needed)) {
            limit.rlim_cur = limits[i].needed;
            if (setrlimit(limits[i].resource, &limit) == 0)
                continue;
        }
        return error_set(err, ERR_UNAVAILABLE,
                         "the %s is limited to %llu%s, too little for the programs under test. "
                         "Raise the limit (ulimit %s %s, in a new shell if it is refused), and run "
                         "again.",
                         limits[i].what, (unsigned long long)(limit.rlim_cur / limits[i].unit),
                         limits[i].unit_name, limits[i].option, limits[i].to_type);
    }
    return 0;
}

int limits_allow_clusters(int count, struct error *err)
{
    if (threads_fit(count * CLUSTER_THREADS))
        return 0;
    return error_set(err, ERR_UNAVAILABLE,
                     "%d more threads may not run at once, which the programs under test need. "
                     "Raise the limit on processes (ulimit -u, a container's pids limit), end "
                     "others, and run again.",
                     count * CLUSTER_THREADS);
}
