/*
 * Cluster checks: starting the cluster, calling it, faulting it, and what its end says.
 *
 * A student's service that ends although nobody killed it gives the verdict, wherever it is noticed
 * first: at a call without an answer, or at the end of the check.
 */
#include "judge/cluster_check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/files.h"
#include "judge/run_internal.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/trace.h"
#include "process/probe_end.h"
#include "process/sanitizer.h"

enum {
    SERVICES_MAX = 16,
    ENVIRONMENT_MAX = 24,
    CALL_MS = 5000,
    DYING_MS = 500,
    END_MS = 15000,       /* for a service to drain and end after SIGTERM */
    STORY_BODY_MAX = 240, /* bytes of a body in a story line */
    LOG_MAX = 65536,      /* bytes of a service's log that are shown */
    POLL_MS = 5
};

struct noted_service {
    char name[64];
    int student;
    int killed;            /* by the check: its end is no news */
    enum fault_kind fault; /* what it was told to do last */
    int64_t faulted_before;
};

struct cluster_notes {
    struct http_client *client;
    int64_t began_mono_ms, began_unix_ns;
    struct noted_service services[SERVICES_MAX];
    int count;
    int story_replaced; /* 1: the story is not of the run, so no calls between services go into it
                         */
};

int64_t run_story_ms(const struct check_run *run)
{
    return run->notes == NULL ? 0 : monotonic_ms() - run->notes->began_mono_ms;
}

void run_story_instead(struct check_run *run, struct story *story)
{
    story_release(&run->result->story);
    run->result->story = *story;
    *story = (struct story){0};
    if (run->notes != NULL)
        run->notes->story_replaced = 1;
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

/* The verdict on a student's service that has ended; too_early as in struct probe_end. */
static int service_ended(struct check_run *run, const char *service, const struct launch_end *end,
                         const char *too_early)
{
    struct text dir = {0}, log_path = {0}, log = {0};
    char words[400];
    text_addf(&dir, "%s/%s", run->work_dir, service);
    text_addf(&log_path, "%s/%s.log", run->work_dir, service);
    files_read(text_str(&log_path), LOG_MAX, &log, NULL);
    struct probe_end how = {.end = end,
                            .work_dir = text_str(&dir),
                            .lab = run->lab,
                            .too_early = too_early,
                            .printed = text_str(&log)};
    enum probe_state state = probe_end_explain(&how, words, sizeof words);
    result_set_string(&run->result->output, text_str(&log));
    text_release(&dir);
    text_release(&log_path);
    text_release(&log);
    struct text expected = {0}, got = {0};
    text_addf(&expected, "%s keeps running", service);
    text_addf(&got, "%s: %s", service, words);
    run_verdict_of_end(run, state, text_str(&expected), text_str(&got));
    text_release(&expected);
    text_release(&got);
    return 1;
}

static int start_failed(struct check_run *run, const struct service_entry *entry,
                        const struct launch_end *end, const struct error *err)
{
    if (entry == NULL || !entry->student)
        return run_error(run, "the cluster did not start: %s", err->text);
    if (end->exited || end->signal != 0)
        return service_ended(run, entry->name, end, "before it was ready");
    return run_fail(run, "wall limit", "the service is up and answers", "%s", err->text);
}

int run_cluster(struct check_run *run, const struct service_entry *services, int count)
{
    struct service_entry entries[SERVICES_MAX];
    struct student_environment *environments = calloc(SERVICES_MAX, sizeof *environments);
    struct cluster_notes *notes = calloc(1, sizeof *notes);
    struct error err = {0};
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
    const char *failed = NULL;
    struct launch_end end = {0};
    struct cluster_options options = {
        .services = entries, .service_count = count, .work_dir = run->work_dir, .failed_end = &end};
    notes->client = http_client_open();
    notes->began_mono_ms = monotonic_ms();
    notes->began_unix_ns = trace_now_ns();
    if (notes->client == NULL) {
        run_error(run, "out of memory for an HTTP client");
    } else if (cluster_start(&run->cluster, run->launcher, &options, &failed, &err) != 0) {
        const struct service_entry *entry = NULL;
        for (int i = 0; failed != NULL && i < count; i++)
            if (strcmp(entries[i].name, failed) == 0)
                entry = &entries[i];
        start_failed(run, entry, &end, &err);
    }
    free(environments);
    return run_ended(run);
}

/* Looks whether a student's service has ended by itself, or does within wait_ms. 1 when it has; the
   verdict stands then. */
static int look_for_ended(struct check_run *run, int64_t wait_ms)
{
    struct launch_end end;
    for (int i = 0; i < run->notes->count; i++) {
        struct noted_service *service = &run->notes->services[i];
        if (service->student && !service->killed && cluster_pid(run->cluster, service->name) > 0 &&
            cluster_wait(run->cluster, service->name, wait_ms, &end, NULL) == 0)
            return service_ended(run, service->name, &end, NULL);
    }
    return 0;
}

static void service_stopped(struct check_run *run, const char *name, const struct launch_end *end)
{
    int left = cluster_left_behind(run->cluster, name);
    if (!end->exited || end->status == SANITIZER_STATUS)
        service_ended(run, name, end, NULL);
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
        else
            run_fail(run, "wall limit", "SIGTERM ends the service",
                     "%s still runs %d ms after SIGTERM", service->name, END_MS);
    }
}

void run_cluster_end(struct check_run *run)
{
    if (run->cluster != NULL) {
        if (!run_ended(run) && !look_for_ended(run, 0))
            end_cleanly(run);
        if (run_ended(run) && !run->notes->story_replaced)
            run_story_spans(run, cluster_spans(run->cluster), run->notes->began_unix_ns);
        cluster_stop(run->cluster);
        run->cluster = NULL;
    }
    if (run->notes != NULL) {
        http_client_close(run->notes->client);
        free(run->notes);
        run->notes = NULL;
    }
}

const char *run_cluster_service(const struct check_run *run, int index)
{
    return run->notes != NULL && index < run->notes->count ? run->notes->services[index].name
                                                           : NULL;
}

/* --- calls --------------------------------------------------------------------------------- */

static void story_call(struct check_run *run, const char *service, const char *method,
                       const char *path, const char *const *headers, const char *body)
{
    struct text words = {0};
    text_addf(&words, "%s %s", method, path);
    for (int i = 0; headers != NULL && headers[i] != NULL; i++)
        text_addf(&words, " [%s]", headers[i]);
    if (body != NULL)
        text_addf(&words, " %.*s%s", STORY_BODY_MAX, body,
                  strlen(body) > STORY_BODY_MAX ? "..." : "");
    run_story(run, run_story_ms(run), STORY_CALL, "judge", service, "%s", text_str(&words));
    text_release(&words);
}

void run_http(struct check_run *run, const char *service, const char *method, const char *path,
              const char *const *headers, const char *body, int64_t deadline_ms,
              struct http_reply *reply)
{
    struct text url = {0};
    struct trace trace = trace_from_header(NULL);
    text_addf(&url, "%s%s", cluster_url(run->cluster, service), path);
    struct http_call call = {.method = method,
                             .url = text_str(&url),
                             .body = body,
                             .headers = headers,
                             .deadline_ms = deadline_ms > 0 ? deadline_ms : CALL_MS,
                             .trace = &trace};
    story_call(run, service, method, path, headers, body);
    http_client_call(run->notes->client, &call, reply);
    text_release(&url);
    const char *answer = text_str(&reply->body);
    if (reply->outcome == HTTP_OK)
        run_story(run, run_story_ms(run), STORY_REPLY, service, "judge", "%d %.*s%s", reply->status,
                  STORY_BODY_MAX, answer, strlen(answer) > STORY_BODY_MAX ? "..." : "");
    else
        run_story(run, run_story_ms(run), STORY_REPLY, service, "judge", "no answer: %s",
                  http_outcome_name(reply->outcome));
}

/* The verdict on a call that was not answered as it should: the service may have died. */
static int unanswered(struct check_run *run, const struct http_reply *reply, const char *expected)
{
    /* The connection may break a moment before the process is gone. */
    if (run->cluster != NULL && look_for_ended(run, reply->outcome == HTTP_TIMEOUT ? 0 : DYING_MS))
        return 1;
    return run_fail(run, reply->outcome == HTTP_TIMEOUT ? "wall limit" : "wrong answer", expected,
                    "no answer: %s after %lld ms", http_outcome_name(reply->outcome),
                    (long long)reply->elapsed_ms);
}

int run_expect_status(struct check_run *run, const struct http_reply *reply, int status)
{
    char expected[64];
    snprintf(expected, sizeof expected, "status %d", status);
    if (run_ended(run))
        return 1;
    if (reply->outcome != HTTP_OK)
        return unanswered(run, reply, expected);
    if (reply->status == status)
        return 0;
    char *errors = run_json(reply, "errors"); /* of the fields, which the detail does not tell */
    char *detail = errors == NULL ? run_json(reply, "detail") : NULL;
    run_fail(run, reply->status == 501 ? "not written yet" : "wrong answer", expected,
             "status %d: %.600s", reply->status, detail != NULL ? detail : text_str(&reply->body));
    free(errors);
    free(detail);
    return 1;
}

int run_expect_header(struct check_run *run, const struct http_reply *reply, const char *name,
                      const char *value)
{
    char got[512], expected[600];
    snprintf(expected, sizeof expected, "%s: %s", name, value);
    if (run_ended(run))
        return 1;
    if (reply->outcome != HTTP_OK)
        return unanswered(run, reply, expected);
    if (!http_reply_header(reply, name, got, sizeof got))
        return run_fail(run, "wrong answer", expected, "no header %s", name);
    if (strcmp(got, value) != 0)
        return run_fail(run, "wrong answer", expected, "%s: %s", name, got);
    return 0;
}

/* --- faults -------------------------------------------------------------------------------- */

int run_fault(struct check_run *run, const char *service, enum fault_kind kind, int64_t value)
{
    struct noted_service *note = noted(run, service);
    struct peer_counts counts = {0};
    struct error err = {0};
    if (run_ended(run))
        return 1;
    if (cluster_fault(run->cluster, service, kind, value, &err) != 0 ||
        cluster_counts(run->cluster, service, &counts, &err) != 0)
        return run_error(run, "the fault did not land: %s", err.text);
    note->fault = kind;
    note->faulted_before = counts.faulted + counts.health_faulted;
    char words[48];
    snprintf(words, sizeof words, "%s %lld", fault_name(kind), (long long)value);
    if (value == 0)
        words[strlen(fault_name(kind))] = '\0';
    run_story(run, run_story_ms(run), kind == FAULT_NONE ? STORY_NOTE : STORY_FAULT, service, NULL,
              "%s", kind == FAULT_NONE ? "works again" : words);
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
    if (look_for_ended(run, DYING_MS))
        return 1;
    return run_error(run, "%s could not be sent signal %d", service, signal);
}

int run_restart(struct check_run *run, const char *service)
{
    struct noted_service *note = noted(run, service);
    struct error err = {0};
    if (run_ended(run))
        return 1;
    run_story(run, run_story_ms(run), STORY_NOTE, service, NULL, "is started again");
    note->killed = 0;
    if (cluster_restart(run->cluster, service, &err) == 0)
        return 0;
    if (!note->student)
        return run_error(run, "%s did not come back: %s", service, err.text);
    struct launch_end end = cluster_last_end(run->cluster, service);
    if (end.exited || end.signal != 0)
        return service_ended(run, service, &end, "before it was ready again");
    return run_fail(run, "wall limit", "the service comes up again on the data it left", "%s",
                    err.text);
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
