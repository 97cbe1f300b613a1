/*
 * The kernel lists each thread's children in /proc/self/task/TID/children. Kernels built without
 * that file have it found the slow way, from the parent's pid in every /proc/PID/stat.
 */
#include "process/orphans.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Calls add for each numeric entry of a folder. */
typedef int look_fn(const char *number, pid_t *pids, int max);

static int each_number(const char *folder, look_fn *look, pid_t *pids, int max)
{
    DIR *entries = opendir(folder);
    if (!entries)
        return -1;
    int count = 0;
    for (struct dirent *entry; count >= 0 && count < max && (entry = readdir(entries));) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        int more = look(entry->d_name, pids + count, max - count);
        count = more < 0 ? more : count + more;
    }
    closedir(entries);
    return count;
}

static int children_of_thread(const char *thread, pid_t *pids, int max)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%.20s/children", thread);
    FILE *list = fopen(path, "re");
    if (!list)
        return -1;
    int count = 0;
    for (long pid; count < max && fscanf(list, "%ld", &pid) == 1;)
        pids[count++] = (pid_t)pid;
    fclose(list);
    return count;
}

/* "PID (name, any bytes) S PPID ..." */
static int child_by_stat(const char *process, pid_t *pids, int max)
{
    char path[64];
    char line[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", process);
    FILE *stat = fopen(path, "re");
    if (!stat)
        return 0; /* it has gone */
    size_t length = fread(line, 1, sizeof line - 1, stat);
    fclose(stat);
    line[length] = '\0';
    long parent = 0;
    const char *name_end = strrchr(line, ')');
    if (max < 1 || !name_end || sscanf(name_end, ") %*c %ld", &parent) != 1 || parent != getpid())
        return 0;
    *pids = (pid_t)strtol(process, NULL, 10);
    return 1;
}

int children_list(pid_t *pids, int max)
{
    int count = each_number("/proc/self/task", children_of_thread, pids, max);
    if (count < 0)
        count = each_number("/proc", child_by_stat, pids, max);
    return count < 0 ? 0 : count;
}
