/*
 * Starting, signalling, waiting and listening, behind one small interface.
 *
 * The local launcher does it on this machine; a sandbox's own init will do it for grading, since
 * the judge cannot fork, kill or bind inside one. harness/tests has a third, scripted one.
 */
#ifndef PROCESS_LAUNCHER_H
#define PROCESS_LAUNCHER_H

#include <stdint.h>
#include <sys/types.h>

struct error;

enum { LAUNCH_FDS_MAX = 8 };

struct launch {
    const char *const *argv;        /* argv[0] is the program's path */
    const char *const *environment; /* the whole of it, NULL-terminated */
    const char *work_dir;
    int fds[LAUNCH_FDS_MAX]; /* fds[i] becomes descriptor i in the child; -1 = not open. 0..2 that
                                are -1 become /dev/null. Everything else is closed. */
    int fd_count;
    int64_t cpu_limit_ms;     /* RLIMIT_CPU, rounded up to seconds; 0 = none */
    int64_t file_limit_bytes; /* RLIMIT_FSIZE; 0 = none */
};

struct launch_end {
    int exited; /* 1: by itself, with status; 0: by signal */
    int status;
    int signal;
    int64_t cpu_ms;
};

struct launcher {
    /* Starts a process in a process group and session of its own. ERR_UNAVAILABLE. */
    int (*start)(struct launcher *launcher, const struct launch *launch, pid_t *pid,
                 struct error *err);
    /* Signals the process, or its whole group when group is 1. */
    int (*signal)(struct launcher *launcher, pid_t pid, int group, int signal);
    /* Waits up to wait_ms (0 = only look) for its end. 1 ended and reaped, 0 not yet. */
    int (*wait)(struct launcher *launcher, pid_t pid, int64_t wait_ms, struct launch_end *end);
    /* Kills and reaps whatever the process left behind (its group, its orphans). Their number. */
    int (*sweep)(struct launcher *launcher, pid_t pid);
    /* A reserved loopback port: bound, not listening. *port is the wanted one, 0 = any free one.
       ERR_EXISTS when another process has it, ERR_UNAVAILABLE when there is none. */
    int (*reserve_port)(struct launcher *launcher, int *port, int *fd, struct error *err);
    /* A fresh listening socket on a reserved port. */
    int (*listen)(struct launcher *launcher, int port, int *fd, struct error *err);
    void (*close)(struct launcher *launcher); /* kills and reaps all it started */
};

/* The local one. All its processes are started by one thread of its own (PDEATHSIG follows the
   thread); they die with the judge. Makes the judge a subreaper. */
int launcher_open_local(struct launcher **out, struct error *err);

#endif
