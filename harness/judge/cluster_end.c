/*
 * A student's service that ended, or never came up: how, and whose fault it is.
 */
#include <stdio.h>

#include "base/files.h"
#include "cluster/cluster.h"
#include "judge/machine.h"
#include "judge/run_internal.h"
#include "kit/error.h"
#include "kit/text.h"
#include "process/probe_end.h"
#include "process/sanitizer.h"

enum { LOG_MAX = 65536 }; /* bytes of a service's log that are shown */

static const char TOO_EARLY[] = "before it was ready";

/* How a student's service has ended; its log and its sanitizers' say why. */
struct service_end {
    enum probe_state state;
    enum doubt doubt;
    char words[400];
    struct text log;
};

/* too_early: as in struct probe_end. The caller releases out->log. */
static void explain(struct service_end *out, const struct check_run *run, const char *service,
                    const struct launch_end *end, const char *too_early)
{
    struct text dir = {0}, log_path = {0};
    *out = (struct service_end){0};
    text_addf(&dir, "%s/%s", run->work_dir, service);
    text_addf(&log_path, "%s/%s.log", run->work_dir, service);
    files_read(text_str(&log_path), LOG_MAX, &out->log, NULL);
    struct probe_end how = {.end = end,
                            .work_dir = text_str(&dir),
                            .lab = run->lab,
                            .too_early = too_early,
                            .printed = text_str(&out->log)};
    out->state = probe_end_explain(&how, out->words, sizeof out->words);
    out->doubt = how.doubt;
    text_release(&dir);
    text_release(&log_path);
}

int run_never_started(const struct check_run *run, const char *service,
                      const struct launch_end *end)
{
    struct service_end how;
    struct text dir = {0};
    if (!end->exited && end->signal == 0)
        return 0; /* it still ran */
    text_addf(&dir, "%s/%s", run->work_dir, service);
    explain(&how, run, service, end, TOO_EARLY);
    if (how.state == PROBE_NO_START)
        sanitizer_forget(text_str(&dir));
    text_release(&how.log);
    text_release(&dir);
    return how.state == PROBE_NO_START;
}

int run_service_ended(struct check_run *run, const char *service, const struct launch_end *end,
                      const char *too_early)
{
    struct service_end how;
    struct text expected = {0}, got = {0};
    explain(&how, run, service, end, too_early);
    result_set_string(&run->result->output, text_str(&how.log));
    text_addf(&expected, "%s keeps running", service);
    text_addf(&got, "%s: %s", service, how.words);
    if (!run_blames_machine(run, how.doubt))
        run_verdict_of_end(run, how.state, text_str(&expected), text_str(&got));
    text_release(&how.log);
    text_release(&expected);
    text_release(&got);
    return 1;
}

int run_not_ready(struct check_run *run, const char *expected, const struct error *err)
{
    if (run->machine != NULL)
        run->machine->loopback_works = 0;
    if (run_lacks_loopback(run) || run_blames_machine(run, DOUBT_ANY))
        return 1;
    return run_fail(run, "wall limit", expected, "%s", err->text);
}

int run_start_failed(struct check_run *run, const struct service_entry *entry,
                     const struct launch_end *end, const struct error *err)
{
    if (entry == NULL || !entry->student)
        return run_error(run, "the cluster did not start: %s", err->text);
    if (end->exited || end->signal != 0)
        return run_service_ended(run, entry->name, end, TOO_EARLY);
    return run_not_ready(run, "the service is up and answers", err);
}
