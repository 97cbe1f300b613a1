/*
 * The limits of a running process.
 */
#include "process/patience.h"

#include <stdio.h>

#include "kit/clock.h"
#include "process/process_watch.h"

/* The judge looks far more often. When it did not, the whole machine stood still, the student's
   process too: a virtual machine that was paused, a laptop that slept. */
enum { GAP_MAX_MS = 1000 };

void patience_begin(struct patience *patience)
{
    patience->looked_ms = monotonic_ms();
    patience->spent_ms = patience->last_moved_ms = patience->cpu_ms = 0;
}

/* The limits that need the kernel's word on the process. */
static enum probe_state look_inside(struct patience *patience, const struct process_watch *watch,
                                    char *words, size_t size)
{
    if (watch->runnable || watch->cpu_ms != patience->cpu_ms)
        patience->last_moved_ms = patience->spent_ms;
    patience->cpu_ms = watch->cpu_ms;
    if (watch->cpu_ms > patience->cpu_limit_ms) {
        snprintf(words, size,
                 "it used more than its %lld ms of processor time and was stopped (an endless "
                 "loop?)",
                 (long long)patience->cpu_limit_ms);
        return PROBE_CPU_LIMIT;
    }
    if (watch->memory_mb > PROBE_MEMORY_MB) {
        snprintf(words, size, "it used more than %d MB of memory and was stopped", PROBE_MEMORY_MB);
        return PROBE_MEMORY_LIMIT;
    }
    if (patience->spent_ms - patience->last_moved_ms > patience->idle_limit_ms) {
        snprintf(words, size,
                 "it neither answered nor did anything for %lld ms and was stopped (a lock that it "
                 "holds? a sleep?)",
                 (long long)patience->idle_limit_ms);
        return PROBE_WALL_LIMIT;
    }
    return PROBE_READY;
}

enum probe_state patience_look(struct patience *patience, pid_t pid, char *words, size_t size)
{
    struct process_watch watch;
    int64_t before_ms = patience->looked_ms;
    enum probe_state state = PROBE_READY;
    patience->looked_ms = monotonic_ms();
    int64_t gap_ms = patience->looked_ms - before_ms;
    patience->spent_ms += gap_ms < GAP_MAX_MS ? gap_ms : GAP_MAX_MS;
    if (process_watch(pid, &watch) == 0)
        state = look_inside(patience, &watch, words, size);
    if (state == PROBE_READY && patience->spent_ms > patience->wall_limit_ms) {
        snprintf(words, size, "it did not answer within %lld ms and was stopped",
                 (long long)patience->wall_limit_ms);
        state = PROBE_WALL_LIMIT;
    }
    return state;
}
