/*
 * Reading /proc/PID and the process's CPU clock.
 */
#include "process/process_watch.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kit/error.h"

/* The state letter of "PID (name) S ..."; 0 when the thread is gone. */
static char thread_state(pid_t pid, const char *thread)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%ld/task/%.20s/stat", (long)pid, thread);
    FILE *stat = fopen(path, "re");
    if (stat == NULL)
        return 0;
    size_t length = fread(line, 1, sizeof line - 1, stat);
    fclose(stat);
    line[length] = '\0';
    const char *name_end = strrchr(line, ')'); /* the name may hold spaces and brackets */
    return name_end == NULL || name_end[1] == '\0' ? 0 : name_end[2];
}

static int any_runnable(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *threads = opendir(path);
    if (threads == NULL)
        return 0;
    int runnable = 0;
    for (struct dirent *entry; !runnable && (entry = readdir(threads)) != NULL;) {
        char state = entry->d_name[0] == '.' ? 'S' : thread_state(pid, entry->d_name);
        runnable = state == 'R' || state == 'D';
    }
    closedir(threads);
    return runnable;
}

int process_watch(pid_t pid, struct process_watch *watch)
{
    *watch = (struct process_watch){0};
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
    FILE *statm = fopen(path, "re");
    if (statm == NULL)
        return ERR_NOT_FOUND;
    long pages = 0;
    if (fscanf(statm, "%*s %ld", &pages) == 1)
        watch->memory_mb = (int64_t)pages * sysconf(_SC_PAGESIZE) / (1 << 20);
    fclose(statm);
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
        watch->cpu_ms = (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
    watch->runnable = any_runnable(pid);
    return 0;
}
