/*
 * Options for and logs of AddressSanitizer, UndefinedBehaviorSanitizer, LeakSanitizer and
 * ThreadSanitizer.
 *
 * A report names its kind on a line like
 *     ==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60...
 *     labs/01-order/order.c:57:12: runtime error: signed integer overflow: ...
 * and then lists frames, innermost first:
 *     #1 0x55... in order_new /home/ada/svclab/labs/01-order/order.c:57
 * The first frame in a file that the lab's manifest lists is the student's. A data race has two
 * stacks, the second behind "  Previous write of size 8 at 0x... by thread T1:".
 */
#include "process/sanitizer.h"

#include <dirent.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "course/lab.h"
#include "course/manifest.h"

enum { LOG_MAX = 1 << 20, LINE_MAX_BYTES = 2048 };

#define LOG_PREFIX "sanitizer."
#define DEADLY_SIGNALS                                                                             \
    "handle_segv=2:handle_sigbus=2:handle_sigfpe=2:handle_sigill=2:handle_abort=2:"

void sanitizer_environment(struct sanitizer_environment *out, const char *dir)
{
    /* Quoted: in a folder's name blanks and colons would end the option, and the program with it.
       handle_...=2: a deadly signal, a failed assert's too, is reported with its frames, and no
       handler of the student's own outlives it. gcc's AddressSanitizer takes its exit
       status from LSAN_OPTIONS, clang's LeakSanitizer from ASAN_OPTIONS: one for all. */
    const char *log = dir != NULL ? dir : "stderr"; /* which all of them know */
    const char *rest = dir != NULL ? "/sanitizer" : "";
    snprintf(
        out->asan, sizeof out->asan,
        "ASAN_OPTIONS=exitcode=%d:log_path=\"%s%s\":detect_leaks=1:" DEADLY_SIGNALS
        "allocator_may_return_null=1:max_allocation_size_mb=512:detect_stack_use_after_return=0:"
        "allow_addr2line=0:print_legend=0",
        SANITIZER_STATUS, log, rest);
    snprintf(out->ubsan, sizeof out->ubsan,
             "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=%d:log_path=\"%s%s\"",
             SANITIZER_STATUS, log, rest);
    snprintf(out->lsan, sizeof out->lsan, "LSAN_OPTIONS=exitcode=%d:print_suppressions=0",
             SANITIZER_STATUS);
    snprintf(out->tsan, sizeof out->tsan,
             "TSAN_OPTIONS=" DEADLY_SIGNALS "halt_on_error=1:exitcode=%d:log_path=\"%s%s\"",
             SANITIZER_STATUS, log, rest);
}

static void copy_until(char *out, size_t size, const char *from, const char *stops)
{
    size_t length = strcspn(from, stops);
    snprintf(out, size, "%.*s", (int)(length < size ? length : size - 1), from);
}

static int caught_signal(const char *what)
{
    static const struct {
        const char *word;
        int number;
    } signals[] = {{"SEGV", SIGSEGV}, {"ABRT", SIGABRT}, {"FPE", SIGFPE},
                   {"BUS", SIGBUS},   {"ILL", SIGILL},   {"stack-overflow", SIGSEGV}};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (strncmp(what, signals[i].word, strlen(signals[i].word)) == 0)
            return signals[i].number;
    return 0;
}

/* The kind of finding on this line, if it names one. 1 when it does. */
static int read_kind(const char *line, struct sanitizer_report *report)
{
    const char *undefined = strstr(line, ": runtime error: ");
    if (undefined != NULL) {
        snprintf(report->tool, sizeof report->tool, "UndefinedBehaviorSanitizer");
        copy_until(report->what, sizeof report->what, undefined + strlen(": runtime error: "), "");
        return 1;
    }
    const char *tool = strstr(line, "ERROR: ");
    if (tool == NULL)
        tool = strstr(line, "WARNING: ThreadSanitizer");
    if (tool == NULL)
        return 0;
    tool = strchr(tool, ' ') + 1;
    const char *colon = strchr(tool, ':');
    if (colon == NULL || colon - tool < (ptrdiff_t)strlen("Sanitizer") ||
        strncmp(colon - strlen("Sanitizer"), "Sanitizer", strlen("Sanitizer")) != 0)
        return 0; /* a word of the student's own */
    copy_until(report->tool, sizeof report->tool, tool, ":");
    colon += strspn(colon, ": ");
    int one_word = strcmp(report->tool, "AddressSanitizer") == 0; /* then come addresses */
    copy_until(report->what, sizeof report->what, colon, one_word ? " (" : "(");
    size_t length = strlen(report->what);
    if (length > 0 && report->what[length - 1] == ' ')
        report->what[length - 1] = '\0';
    report->signal = caught_signal(report->what);
    return 1;
}

/* Where there is no manifest (tests), any file but the given programs. */
static int is_students(const struct lab *lab, const char *file)
{
    int listed = manifest_lists(lab, file);
    return listed >= 0 ? listed : strcmp(file, "probe.c") != 0 && strcmp(file, "service.c") != 0;
}

/* The function of a frame: "#1 0x55 in NAME FILE", ThreadSanitizer's "#1 NAME FILE"; or "". */
static void read_function(const char *line, const char *file, char *function, size_t size)
{
    const char *in = strstr(line, " in ");
    const char *number = line + strspn(line, " ");
    function[0] = '\0';
    if (in != NULL && in < file)
        copy_until(function, size, in + 4, " ");
    else if (number[0] == '#' && (in = strchr(number, ' ')) != NULL && in < file)
        copy_until(function, size, in + 1, " ");
}

/* "NAME.c:57" right after "LAB/", where NAME is a student's file. 1 when the line has one. */
static int read_place(const char *line, const struct lab *lab, char *place, size_t size)
{
    const char *at = line;
    while ((at = strstr(at, lab->name)) != NULL) {
        at += strlen(lab->name);
        if (*at != '/')
            continue;
        char file[64];
        copy_until(file, sizeof file, at + 1, ":");
        if (!is_students(lab, file))
            continue;
        char line_number[16];
        const char *colon = at + 1 + strlen(file);
        copy_until(line_number, sizeof line_number, *colon == ':' ? colon + 1 : "", ": ");
        char function[64];
        read_function(line, at, function, sizeof function);
        snprintf(place, size, "%s%s%s%s%s", function, function[0] != '\0' ? ", " : "", file,
                 line_number[0] != '\0' ? ":" : "", line_number);
        return 1;
    }
    return 0;
}

/* Where the first line that names a finding starts, or NULL. */
static const char *read_report(const char *text, const struct lab *lab,
                               struct sanitizer_report *report)
{
    const char *found = NULL;
    int second = 0; /* in a data race: the other thread's stack begins with "Previous write ..." */
    for (const char *at = text; *at != '\0';) {
        char line[LINE_MAX_BYTES];
        copy_until(line, sizeof line, at, "\n");
        if (found == NULL && read_kind(line, report))
            found = at;
        second |= found != NULL && strncmp(line, "  Previous ", strlen("  Previous ")) == 0;
        if (second && report->other[0] == '\0')
            read_place(line, lab, report->other, sizeof report->other);
        else if (found != NULL && !second && report->place[0] == '\0')
            read_place(line, lab, report->place, sizeof report->place);
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    report->runtime_failed |= sanitizer_runtime_failed(text);
    return found;
}

/* The log of pid, or of another process of that folder. 1 when there is one. */
static int read_log(const char *dir, pid_t pid, struct text *log)
{
    char own[32], name[64] = "";
    snprintf(own, sizeof own, "sanitizer.%ld", (long)pid);
    DIR *entries = opendir(dir);
    if (entries == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (strncmp(entry->d_name, LOG_PREFIX, strlen(LOG_PREFIX)) == 0 && strcmp(name, own) != 0)
            snprintf(name, sizeof name, "%.60s", entry->d_name);
    closedir(entries);
    struct text path = {0};
    text_addf(&path, "%s/%s", dir, name);
    int found = name[0] != '\0' && files_read(text_str(&path), LOG_MAX, log, NULL) == 0;
    text_release(&path);
    return found;
}

int sanitizer_read(const char *dir, pid_t pid, const struct lab *lab, const char *printed,
                   struct sanitizer_report *report, const char **printed_report)
{
    struct text log = {0};
    *report = (struct sanitizer_report){0};
    *printed_report = NULL;
    int found = read_log(dir, pid, &log) && read_report(text_str(&log), lab, report) != NULL;
    if (!found)
        *printed_report = read_report(printed, lab, report);
    text_release(&log);
    return found || *printed_report != NULL;
}

int sanitizer_runtime_failed(const char *words)
{
    return strstr(words, "Shadow memory range interleaves") != NULL ||
           strstr(words, "unexpected memory mapping") != NULL;
}

void sanitizer_forget(const char *dir)
{
    DIR *entries = opendir(dir);
    if (entries == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (strncmp(entry->d_name, LOG_PREFIX, strlen(LOG_PREFIX)) == 0)
            unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
}
