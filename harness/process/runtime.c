/*
 * Asking the canary.
 */
#define _GNU_SOURCE /* readlink under every libc */
#include "process/runtime.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "process/launcher.h"
#include "base/files.h"
#include "process/sanitizer.h"
#include "kit/text.h"

enum { TRIES = 10, END_WAIT_MS = 10000 };

static int starts_once(struct launcher *launcher, const char *canary, const char *dir)
{
    struct sanitizer_environment sanitizers;
    sanitizer_environment(&sanitizers, dir);
    const char *environment[] = {"PATH=/usr/bin:/bin", sanitizers.asan, sanitizers.ubsan,
                                 sanitizers.lsan, NULL};
    const char *argv[] = {canary, NULL};
    struct launch launch = {.argv = argv, .environment = environment, .work_dir = dir};
    struct launch_end end = {0};
    pid_t pid = 0;
    if (launcher->start(launcher, &launch, &pid, NULL) != 0)
        return 0;
    int ended = launcher->wait(launcher, pid, END_WAIT_MS, &end);
    launcher->sweep(launcher, pid);
    return ended && end.exited && end.status == 0;
}

int runtime_starts(struct launcher *launcher, const char *dir)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0)
        return 1;
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    struct text canary = {0};
    text_addf(&canary, "%s/asan/canary", self);
    int starts = !files_exist(text_str(&canary));
    for (int i = 0; i < TRIES && !starts; i++)
        starts = starts_once(launcher, text_str(&canary), dir);
    text_release(&canary);
    return starts;
}
