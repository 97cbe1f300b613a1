/*
 * Cluster checks: starting the cluster, calling it, faulting it, and what its end says.
 *
 * A student's service that ends although nobody killed it gives the verdict, wherever it is noticed
 * first: at a call without an answer, or at the end of the check.
 */
#include "judge/cluster_notes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/files.h"
#include "judge/machine.h"
#include "judge/run_internal.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "process/sanitizer.h"

enum {
    ENVIRONMENT_MAX = 24,
    END_MS = 15000, /* for a service to drain and end after SIGTERM */
    POLL_MS = 5
};

void run_story_instead(struct check_run *run, struct story *story)
{
    story_release(&run->result->story);
    run->result->story = *story;
    *story = (struct story){0};
    if (run->notes != NULL)
        run->notes->is_replaced = 1;
}

static struct noted_service *noted(struct check_run *run, const char *service)
{
    for (int i = 0; i < run->notes->count; i++)
        if (strcmp(run->notes->services[i].name, service) == 0)
            return &run->notes->services[i];
    run_error(run, "the check names a service that its cluster does not have: %s", service);
    return &run->notes->services[0];
}

/* --- starting and ending ------------------------------------------------------------------- */

/* A student's service is started with the sanitizers' options, like a probe. */
struct student_environment {
    struct sanitizer_environment sanitizers;
    const char *items[ENVIRONMENT_MAX];
};

static void student_environment(struct student_environment *out, const struct check_run *run,
                                const struct service_entry *entry)
{
    struct text dir = {0};
    text_addf(&dir, "%s/%s", run->work_dir, entry->name);
    sanitizer_environment(&out->sanitizers, text_str(&dir));
    text_release(&dir);
    int count = 0;
    out->items[count++] = out->sanitizers.asan;
    out->items[count++] = out->sanitizers.ubsan;
    out->items[count++] = out->sanitizers.lsan;
    out->items[count++] = out->sanitizers.tsan;
    for (int i = 0; entry->environment != NULL && entry->environment[i] != NULL; i++)
        if (count < ENVIRONMENT_MAX - 1)
            out->items[count++] = entry->environment[i];
    out->items[count] = NULL;
}

/* Starts the cluster, several times where a sanitizer's runtime could not start. */
static void start_cluster(struct check_run *run, const struct cluster_options *options)
{
    for (int tries = NO_START_TRIES; tries > 0; tries--) {
        const char *failed = NULL;
        const struct service_entry *entry = NULL;
        struct error err = {0};
        *options->failed_end = (struct launch_end){0};
        if (cluster_start(&run->cluster, run->launcher, options, &failed, &err) == 0)
            return;
        for (int i = 0; failed != NULL && i < options->service_count; i++)
            if (strcmp(options->services[i].name, failed) == 0)
                entry = &options->services[i];
        if (tries > 1 && entry != NULL && entry->student &&
            run_never_started(run, entry->name, options->failed_end))
            continue;
        run_start_failed(run, entry, options->failed_end, &err);
        return;
    }
}

int run_cluster(struct check_run *run, const struct service_entry *services, int count)
{
    struct service_entry entries[SERVICES_MAX];
    struct student_environment *environments = calloc(SERVICES_MAX, sizeof *environments);
    struct cluster_notes *notes = calloc(1, sizeof *notes);
    if (environments == NULL || notes == NULL || count > SERVICES_MAX)
        abort();
    run->notes = notes;
    notes->count = count;
    for (int i = 0; i < count; i++) {
        entries[i] = services[i];
        snprintf(notes->services[i].name, sizeof notes->services[i].name, "%s", services[i].name);
        notes->services[i].student = services[i].student;
        if (services[i].student) {
            student_environment(&environments[i], run, &services[i]);
            entries[i].environment = environments[i].items;
        }
    }
    struct launch_end end = {0};
    run->runtime = RUNTIME_ASAN;
    struct cluster_options options = {
        .services = entries, .service_count = count, .work_dir = run->work_dir, .failed_end = &end};
    notes->client = http_client_open();
    notes_begin_story(notes);
    if (notes->client == NULL)
        run_error(run, "out of memory for an HTTP client");
    else if (!run_lacks_loopback(run))
        start_cluster(run, &options);
    free(environments);
    return run_ended(run);
}

int notes_look_for_the_dead(struct check_run *run, int64_t wait_ms)
{
    struct launch_end end;
    for (int i = 0; i < run->notes->count; i++) {
        struct noted_service *service = &run->notes->services[i];
        if (service->student && !service->killed && cluster_pid(run->cluster, service->name) > 0 &&
            cluster_wait(run->cluster, service->name, wait_ms, &end, NULL) == 0)
            return run_service_ended(run, service->name, &end, NULL);
    }
    return 0;
}

static void service_stopped(struct check_run *run, const char *name, const struct launch_end *end)
{
    int left = cluster_left_behind(run->cluster, name);
    if (!end->exited || end->status == SANITIZER_STATUS)
        run_service_ended(run, name, end, NULL);
    else if (left > 0)
        run_fail(run, "left a process", "the service ends with all it started",
                 "%s left %d of its own processes running", name, left);
}

/* Ends each student's service in the way an operator would; the sanitizers have the last word. */
static void end_cleanly(struct check_run *run)
{
    for (int i = 0; i < run->notes->count && !run_ended(run); i++) {
        struct noted_service *service = &run->notes->services[i];
        struct launch_end end = {0};
        if (!service->student || cluster_pid(run->cluster, service->name) == 0)
            continue;
        int64_t asked_ms = monotonic_ms();
        /* A check may have stopped it. Not after SIGTERM: SIGCONT takes back the stop that
           LeakSanitizer, at the end of a process, waits for, and then it waits for ever. */
        cluster_kill(run->cluster, service->name, SIGCONT);
        cluster_kill(run->cluster, service->name, SIGTERM);
        if (cluster_wait(run->cluster, service->name, END_MS, &end, NULL) == 0)
            service_stopped(run, service->name, &end);
        else if (monotonic_ms() - asked_ms < END_MS)
            run_error(run, "the end of %s could not be waited for", service->name);
        else if (!run_blames_machine(run, DOUBT_ANY)) /* LeakSanitizer may wait for ever */
            run_fail(run, "wall limit", "SIGTERM ends the service",
                     "%s still runs %d ms after SIGTERM", service->name, END_MS);
    }
}

void run_cluster_end(struct check_run *run)
{
    if (run->cluster != NULL) {
        if (!run_ended(run) && !notes_look_for_the_dead(run, 0))
            end_cleanly(run);
        if (run_ended(run) && !run->notes->is_replaced)
            notes_add_calls(run);
        cluster_stop(run->cluster);
        run->cluster = NULL;
    }
    if (run->notes != NULL) {
        http_client_close(run->notes->client);
        free(run->notes->judged);
        free(run->notes);
        run->notes = NULL;
    }
}

/* --- faults -------------------------------------------------------------------------------- */

int run_fault(struct check_run *run, const char *service, enum fault_kind kind, int64_t value)
{
    struct noted_service *note = noted(run, service);
    struct peer_counts counts = {0};
    struct error err = {0};
    if (run_ended(run))
        return 1;
    const int64_t before_ms = run_story_ms(run); /* it strikes from the moment that it is armed */
    if (cluster_fault(run->cluster, service, kind, value, &err) != 0 ||
        cluster_counts(run->cluster, service, &counts, &err) != 0)
        return run_error(run, "the fault did not land: %s", err.text);
    note->fault = kind;
    note->faulted_before = counts.faulted + counts.health_faulted;
    char words[48];
    snprintf(words, sizeof words, "%s %lld", fault_name(kind), (long long)value);
    if (value == 0)
        words[strlen(fault_name(kind))] = '\0';
    if (kind == FAULT_NONE)
        run_story(run, run_story_ms(run), STORY_NOTE, service, NULL, "works again");
    else
        run_story(run, before_ms, STORY_FAULT, service, NULL, "%s", words);
    return 0;
}

int run_fault_reached(struct check_run *run, const char *service)
{
    struct noted_service *note = noted(run, service);
    struct peer_counts counts = {0};
    struct error err = {0};
    if (run_ended(run))
        return 1;
    if (cluster_counts(run->cluster, service, &counts, &err) != 0)
        return run_error(run, "%s", err.text);
    if (counts.faulted + counts.health_faulted > note->faulted_before)
        return 0;
    char expected[160];
    snprintf(expected, sizeof expected, "%s is called while it is broken (%s)", service,
             fault_name(note->fault));
    return run_fail(run, "fault not reached", expected, "your service never called %s", service);
}

static const char *signal_words(int signal)
{
    return signal == SIGKILL   ? "kill -9"
           : signal == SIGTERM ? "SIGTERM"
           : signal == SIGSTOP ? "stopped (SIGSTOP)"
           : signal == SIGCONT ? "goes on (SIGCONT)"
                               : strsignal(signal);
}

int run_kill(struct check_run *run, const char *service, int signal)
{
    struct noted_service *note = noted(run, service);
    if (run_ended(run))
        return 1;
    note->killed = signal != SIGSTOP && signal != SIGCONT;
    run_story(run, run_story_ms(run), signal == SIGCONT ? STORY_NOTE : STORY_FAULT, service, NULL,
              "%s", signal_words(signal));
    if (cluster_kill(run->cluster, service, signal) == 0)
        return 0;
    note->killed = 0;
    if (notes_look_for_the_dead(run, DYING_MS))
        return 1;
    return run_error(run, "%s could not be sent signal %d", service, signal);
}

int run_restart(struct check_run *run, const char *service)
{
    struct noted_service *note = noted(run, service);
    struct launch_end end = {0};
    struct error err = {0};
    if (run_ended(run))
        return 1;
    run_story(run, run_story_ms(run), STORY_NOTE, service, NULL, "is started again");
    note->killed = 0;
    for (int tries = NO_START_TRIES; tries > 0; tries--) {
        if (cluster_restart(run->cluster, service, &err) == 0)
            return 0;
        if (!note->student)
            return run_error(run, "%s did not come back: %s", service, err.text);
        end = cluster_last_end(run->cluster, service);
        if (tries == 1 || !run_never_started(run, service, &end))
            break;
    }
    if (end.exited || end.signal != 0)
        return run_service_ended(run, service, &end, "before it was ready again");
    return run_not_ready(run, "the service comes up again on the data it left", &err);
}

int run_until(struct check_run *run, int64_t limit_ms, int (*until)(void *context), void *context)
{
    int64_t deadline_ms = monotonic_ms() + limit_ms;
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    (void)run;
    for (;;) {
        if (until(context))
            return 1;
        if (monotonic_ms() >= deadline_ms)
            return 0;
        nanosleep(&pause, NULL); /* what is waited for happens in other processes */
    }
}
