/*
 * TAP version 14: one line per check, and behind each that did not pass a YAML block with its
 * parts. YAML's double-quoted strings hold JSON's, so the kit's JSON writer quotes them.
 */
#include "report/report.h"

#include <string.h>

#include "base/files.h"
#include "course/lab.h"
#include "kit/error.h"
#include "kit/json.h"
#include "report/command.h"
#include "report/layout.h"
#include "report/summary.h"

static void yaml(struct text *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    struct json_writer writer = json_writer(out);
    text_addf(out, "  %s: ", name);
    json_put_string(&writer, NULL, value);
    text_add(out, "\n");
}

static void check_line(struct text *out, int number, const struct run_result *run,
                       const struct lab_result *lab, const struct result *result)
{
    int skipped = result->verdict == VERDICT_WAITING || !lab->builds;
    int ok = result->verdict == VERDICT_PASS || skipped;
    struct text replay = {0};

    text_addf(out, "%sok %d - %s %s", ok ? "" : "not ", number, lab->lab->name, result->check->id);
    if (skipped) {
        text_add(out, " # SKIP ");
        layout_clean(out, result->reason, strlen(result->reason));
    }
    text_add(out, "\n");
    if (!ok) {
        replay_command(&replay, run, lab, result);
        text_add(out, "  ---\n");
        yaml(out, "message", result->check->rule);
        yaml(out, "severity", verdict_name(result->verdict));
        yaml(out, "reason", result->reason);
        yaml(out, "expected", result->expected);
        yaml(out, "got", result->got);
        yaml(out, "detail", result->detail);
        yaml(out, "replay", text_str(&replay));
        text_add(out, "  ...\n");
        text_release(&replay);
    }
}

int report_tap(const char *path, const struct run_result *run, struct error *err)
{
    struct text out = {0};
    int total = 0, number = 0;

    for (int i = 0; i < run->lab_count; i++)
        total += run->labs[i].count + !run->labs[i].builds;
    text_addf(&out, "TAP version 14\n1..%d\n", total);
    for (int i = 0; i < run->lab_count; i++) {
        const struct lab_result *lab = &run->labs[i];
        if (!lab->builds) {
            text_addf(&out, "not ok %d - %s compiles\n  ---\n", ++number, lab->lab->name);
            yaml(&out, "reason", "compile error");
            yaml(&out, "detail", lab->compiler);
            text_add(&out, "  ...\n");
        }
        for (int j = 0; j < lab->count; j++)
            check_line(&out, ++number, run, lab, &lab->results[j]);
    }
    int status = files_write(path, text_str(&out), out.length, err);
    text_release(&out);
    return status;
}
