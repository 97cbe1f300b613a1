/*
 * The words of a check: verdicts, story, probes.
 */
#include "judge/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/files.h"
#include "judge/machine.h"
#include "judge/run_internal.h"
#include "kit/error.h"
#include "kit/text.h"
#include "process/runtime.h"

enum { FORMATTED_MAX = 4096 };

/* --- verdicts ------------------------------------------------------------------------------ */

static int run_verdict(struct check_run *run, enum verdict verdict, const char *reason,
                       const char *expected, const char *got)
{
    struct result *result = run->result;
    if (run_ended(run))
        return 1; /* the first finding is the one that explains */
    result->verdict = verdict;
    snprintf(result->reason, sizeof result->reason, "%s", reason);
    result_set_string(&result->expected, expected);
    result_set_string(&result->got, got);
    if (result->story.count > 0 && result->story.lines[result->story.count - 1].kind == STORY_REPLY)
        result->story.lines[result->story.count - 1].kind = STORY_WRONG;
    return 1;
}

int run_fail(struct check_run *run, const char *reason, const char *expected, const char *format,
             ...)
{
    char got[FORMATTED_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(got, sizeof got, format, values);
    va_end(values);
    return run_verdict(run, VERDICT_FAIL, reason, expected, got);
}

int run_wait(struct check_run *run, const struct check *gate)
{
    struct result *result = run->result;
    if (run_ended(run))
        return 1;
    result->verdict = VERDICT_WAITING;
    snprintf(result->reason, sizeof result->reason, "waits for step %d, %s", gate->step, gate->id);
    return 1;
}

int run_error(struct check_run *run, const char *format, ...)
{
    char got[FORMATTED_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(got, sizeof got, format, values);
    va_end(values);
    return run_verdict(run, VERDICT_ERROR, "harness", "the grader itself works", got);
}

int run_verdict_of_end(struct check_run *run, enum probe_state state, const char *expected,
                       const char *got)
{
    enum verdict verdict = VERDICT_FAIL;
    if (state == PROBE_SIGNALLED || state == PROBE_SANITIZER || state == PROBE_LEAK ||
        state == PROBE_NO_START) /* its log says so, and a log may be forged */
        verdict = VERDICT_CRASH;
    return run_verdict(run, verdict, probe_state_reason(state), expected, got);
}

void run_show_printed(struct check_run *run, const char *printed)
{
    char **shown = &run->result->output;
    if (printed[0] != '\0' && (*shown == NULL || *shown[0] == '\0'))
        result_set_string(shown, printed);
}

int run_crash(struct check_run *run, enum probe_state state, const struct probe *probe)
{
    run_show_printed(run, probe_output(probe));
    if (run_blames_machine(run, probe_doubt(probe)))
        return 1;
    return run_verdict_of_end(run, state, "the probe stays alive and answers", probe_ending(probe));
}

int run_ended(const struct check_run *run)
{
    return run->result->verdict != VERDICT_PASS;
}

/* --- story --------------------------------------------------------------------------------- */

void run_story(struct check_run *run, int64_t at_ms, enum story_kind kind, const char *from,
               const char *to, const char *format, ...)
{
    char text[FORMATTED_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    story_add(&run->result->story, at_ms, kind, from, to, text);
}

void run_figure(struct check_run *run, const char *name, double value)
{
    result_add_figure(run->result, name, value);
}

void run_picture(struct check_run *run, const char *title, const char *alt, const char *dot_or_svg)
{
    result_add_picture(run->result, title, alt, dot_or_svg);
}

/* --- probes -------------------------------------------------------------------------------- */

static struct probe *open_once(struct check_run *run, const char *program)
{
    char dir[1024];
    struct error err = {0};
    struct probe *probe = NULL;
    snprintf(dir, sizeof dir, "%s/probe-%d", run->work_dir, ++run->probe_count);
    if (files_make(dir, &err) != 0) {
        run_error(run, "%s", err.text);
        return NULL;
    }
    struct probe_options options = {.program = program,
                                    .lab = run->lab,
                                    .work_dir = dir,
                                    .cpu_ms = run->check != NULL ? run->check->cpu_ms : 0};
    if (probe_open(&probe, run->launcher, &options, &err) != 0) {
        files_remove(dir);
        run_error(run, "%s", err.text);
    }
    return probe;
}

struct probe *run_probe(struct check_run *run)
{
    return run_program(run, "probe");
}

struct probe *run_program(struct check_run *run, const char *name)
{
    struct text program = {0};
    run->runtime = strcmp(name, "probe-tsan") == 0 ? RUNTIME_TSAN : RUNTIME_ASAN;
    text_addf(&program, "%s/%s", run->programs, name);
    struct probe *probe = NULL;
    for (int attempt = 0; attempt < NO_START_TRIES; attempt++) {
        probe = open_once(run, text_str(&program));
        if (probe == NULL || probe_hello(probe) != PROBE_NO_START)
            break;
        if (attempt + 1 < NO_START_TRIES) {
            run_forget(run, probe, &run->result->cpu_ms);
            probe = NULL;
        }
    }
    text_release(&program);
    return probe;
}

static int64_t virtual_ms(const struct message *action, const struct story *story)
{
    int64_t at_ms = story->count > 0 ? story->lines[story->count - 1].at_ms : 0;
    if (message_get_int64(action, "now", &at_ms) != 0)
        message_get_int64(action, "at", &at_ms); /* untouched when the action has no time */
    return at_ms;
}

enum probe_state run_exchange(struct check_run *run, struct probe *probe, const char *line,
                              const struct message *action, struct message *reply,
                              struct story *story)
{
    const char *subject = run->lab->subject != NULL ? run->lab->subject : "your code";
    const char *caller = message_get_or(action, "caller", "judge");
    int64_t at_ms = virtual_ms(action, story);
    story_add(story, at_ms, STORY_CALL, caller, subject, line);
    enum probe_state state = probe_ask(probe, line, reply);
    if (state != PROBE_READY) {
        story_add(story, at_ms, STORY_REPLY, subject, caller, "(no answer)");
        return state;
    }
    struct text words = {0};
    message_begin(&words, reply->word);
    for (int i = 0; i < reply->field_count; i++)
        message_add(&words, reply->fields[i].name, reply->fields[i].value);
    story_add(story, at_ms, STORY_REPLY, subject, caller, text_str(&words));
    text_release(&words);
    return state;
}

int run_unwritten(const struct message *action, const struct message *reply,
                  struct finding *finding)
{
    if (strcmp(reply->word, "todo") == 0) {
        snprintf(finding->expected, sizeof finding->expected, "an answer to \"%.100s\"",
                 action->word);
        snprintf(finding->got, sizeof finding->got, "ERR_TODO: %.200s",
                 message_get_or(reply, "text", "this function is not written yet"));
        return 1;
    }
    if (strcmp(reply->word, "bad") == 0) {
        snprintf(finding->expected, sizeof finding->expected, "an answer to \"%.100s\"",
                 action->word);
        snprintf(finding->got, sizeof finding->got,
                 "the probe does not know this action (is its probe.c the given one?)");
        return 1;
    }
    return 0;
}

int run_ask(struct check_run *run, struct probe *probe, struct message *reply, const char *format,
            ...)
{
    struct text line = {0};
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    int length = vsnprintf(NULL, 0, format, values);
    va_end(values);
    char *bytes = malloc((size_t)length + 1);
    if (bytes != NULL)
        vsnprintf(bytes, (size_t)length + 1, format, again);
    va_end(again);
    text_add(&line, bytes != NULL ? bytes : "");
    free(bytes);

    struct message action = {0};
    struct finding finding = {0};
    struct error err = {0};
    int ended = 1;
    *reply = (struct message){0};
    if (message_parse(text_str(&line), &action, &err) != 0) {
        run_error(run, "the check's own action \"%.200s\" does not parse: %s", text_str(&line),
                  err.text);
        goto out;
    }
    run->result->story.virtual_time = 1;
    text_addf(&run->script, "%s\n", text_str(&line));
    enum probe_state state =
        run_exchange(run, probe, text_str(&line), &action, reply, &run->result->story);
    if (state != PROBE_READY)
        run_crash(run, state, probe);
    else if (run_unwritten(&action, reply, &finding))
        run_fail(run, strcmp(reply->word, "todo") == 0 ? "not written yet" : "protocol",
                 finding.expected, "%s", finding.got);
    else
        ended = 0;
out:
    message_release(&action);
    text_release(&line);
    return ended;
}

int run_close(struct check_run *run, struct probe *probe)
{
    if (probe == NULL)
        return run_ended(run);
    if (run_ended(run)) {
        probe_stop(probe);
        run_show_printed(run, probe_output(probe));
        run_forget(run, probe, &run->result->cpu_ms);
        return 1;
    }
    enum probe_state state = probe_close(probe);
    if (state != PROBE_READY)
        run_crash(run, state, probe);
    run_forget(run, probe, &run->result->cpu_ms);
    return state != PROBE_READY;
}

void run_forget(struct check_run *run, struct probe *probe, int64_t *cpu_ms)
{
    (void)run;
    struct text dir = {0};
    text_add(&dir, probe_dir(probe));
    probe_stop(probe);
    *cpu_ms += probe_cpu_ms(probe);
    probe_free(probe);
    files_remove(text_str(&dir));
    text_release(&dir);
}
