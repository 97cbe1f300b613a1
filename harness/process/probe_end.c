/*
 * Naming the end of a process: exit status, signal, and what a sanitizer wrote about it.
 */
#include "process/probe_end.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "probe/probe.h"
#include "process/launcher.h"
#include "process/sanitizer.h"

static const char *signal_words(int number)
{
    switch (number) {
    case SIGSEGV:
        return "a segmentation fault (SIGSEGV)";
    case SIGABRT:
        return "abort or a failed assert (SIGABRT)";
    case SIGFPE:
        return "an arithmetic fault (SIGFPE)";
    case SIGBUS:
        return "a bus error (SIGBUS)";
    case SIGILL:
        return "an illegal instruction (SIGILL)";
    case SIGPIPE:
        return "a write to a closed pipe (SIGPIPE)";
    case SIGXFSZ:
        return "a file that grew beyond its limit (SIGXFSZ)";
    case SIGKILL:
        return "SIGKILL";
    default:
        return strsignal(number);
    }
}

/* A report with a place in the student's files is theirs. Otherwise right code ends like this too:
   where a runtime cannot start, where it may not look for leaks, or where memory is short. */
static enum doubt doubt_of(const struct probe_end *how, const struct sanitizer_report *report,
                           int logged)
{
    const struct launch_end *end = how->end;
    if (!end->exited && end->signal == SIGKILL)
        return DOUBT_MEMORY;
    int silent = end->exited && end->status == SANITIZER_STATUS && !logged;
    int too_early = how->too_early != NULL && report->place[0] == '\0';
    return silent || too_early || report->runtime_failed ? DOUBT_ANY : DOUBT_NONE;
}

enum probe_state probe_end_explain(struct probe_end *how, char *words, size_t size)
{
    char when[64] = "";
    if (how->too_early != NULL)
        snprintf(when, sizeof when, " %s", how->too_early);
    const struct launch_end *end = how->end;
    struct sanitizer_report report = {0};
    int ended_it = end->exited && end->status == SANITIZER_STATUS;
    int logged = sanitizer_read(how->work_dir, how->pid, how->lab, how->printed, &report,
                                &how->printed_report);
    const char *at = report.place[0] != '\0' ? " in " : "";
    how->doubt = doubt_of(how, &report, logged);
    if (report.runtime_failed && how->too_early != NULL && !ended_it) {
        snprintf(words, size, "its sanitizer could not start");
        return PROBE_NO_START;
    }
    if (!end->exited && end->signal == SIGXCPU) {
        snprintf(words, size, "it used up its processor time%s and was stopped (an endless loop?)",
                 when);
        return PROBE_CPU_LIMIT;
    }
    if (!end->exited || (ended_it && report.signal != 0)) {
        snprintf(words, size, "it was ended by %s%s%s%s",
                 signal_words(end->exited ? report.signal : end->signal), at, report.place, when);
        return PROBE_SIGNALLED;
    }
    if (ended_it && strcmp(report.tool, "LeakSanitizer") == 0) {
        snprintf(words, size, "memory was allocated%s%s and never freed (LeakSanitizer)", at,
                 report.place);
        return PROBE_LEAK;
    }
    if (ended_it) {
        snprintf(words, size, "%s ended it: %s%s%s%s%s%s", logged ? report.tool : "a sanitizer",
                 logged ? report.what : "it left no log", at, report.place,
                 report.other[0] != '\0' ? "; the other thread was in " : "", report.other, when);
        return report.runtime_failed ? PROBE_NO_START : PROBE_SANITIZER;
    }
    if (end->status == PROBE_LINE_LOST) {
        snprintf(words, size,
                 "it lost its line to the judge%s: something closes descriptors that it did not "
                 "open",
                 when);
        return PROBE_PROTOCOL;
    }
    snprintf(words, size, "it ended by itself with status %d%s", end->status, when);
    return PROBE_EXITED;
}

const char *probe_state_reason(enum probe_state state)
{
    switch (state) {
    case PROBE_READY:
        return "";
    case PROBE_EXITED:
        return "early exit";
    case PROBE_SIGNALLED:
        return "signal";
    case PROBE_SANITIZER:
        return "sanitizer";
    case PROBE_LEAK:
        return "leak";
    case PROBE_CPU_LIMIT:
        return "cpu limit";
    case PROBE_WALL_LIMIT:
        return "wall limit";
    case PROBE_MEMORY_LIMIT:
        return "memory limit";
    case PROBE_OUTPUT_LIMIT:
        return "output limit";
    case PROBE_PROTOCOL:
        return "protocol";
    case PROBE_LEFTOVER:
        return "left a process";
    case PROBE_NO_START:
        return "sanitizer";
    }
    return "";
}
