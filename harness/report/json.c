/*
 * results.json: all that the judge knows about a run, for programs.
 *
 * The format is described in docs/results.md and, for machines, in docs/results-schema.json. Its
 * version grows when a member changes its meaning or goes; members may be added at any time.
 */
#include "report/report.h"

#include <inttypes.h>

#include "base/files.h"
#include "course/lab.h"
#include "course/rationale.h"
#include "kit/error.h"
#include "kit/json.h"
#include "report/command.h"
#include "report/summary.h"

enum { RESULTS_VERSION = 1 };

static void put_string_or_null(struct json_writer *w, const char *name, const char *value)
{
    if (value == NULL)
        json_put_null(w, name);
    else
        json_put_string(w, name, value);
}

static void put_story(struct json_writer *w, const struct story *story)
{
    json_open_object(w, "story");
    json_put_bool(w, "virtualTime", story->virtual_time);
    json_open_array(w, "lines");
    for (int i = 0; i < story->count; i++) {
        const struct story_line *line = &story->lines[i];
        json_open_object(w, NULL);
        json_put_int64(w, "atMs", line->at_ms);
        json_put_string(w, "kind", story_kind_name(line->kind));
        put_string_or_null(w, "from", line->from);
        put_string_or_null(w, "to", line->to);
        json_put_string(w, "text", line->text == NULL ? "" : line->text);
        json_close_object(w);
    }
    json_close_array(w);
    json_close_object(w);
}

static void put_pictures(struct json_writer *w, const struct picture *pictures, int count)
{
    json_open_array(w, "pictures");
    for (int i = 0; i < count; i++) {
        json_open_object(w, NULL);
        put_string_or_null(w, "title", pictures[i].title);
        put_string_or_null(w, "alt", pictures[i].alt);
        put_string_or_null(w, "source", pictures[i].source);
        json_close_object(w);
    }
    json_close_array(w);
}

static void put_figures(struct json_writer *w, const struct result *result)
{
    json_open_array(w, "figures");
    for (int i = 0; i < result->figure_count; i++) {
        json_open_object(w, NULL);
        json_put_string(w, "name", result->figures[i].name);
        json_put_double(w, "value", result->figures[i].value);
        json_close_object(w);
    }
    json_close_array(w);
}

static void put_check(struct json_writer *w, const struct run_result *run,
                      const struct lab_result *lab, const struct result *result)
{
    const struct check *check = result->check;
    struct text replay = {0}, read = {0};

    replay_command(&replay, run, lab, result);
    read_place(&read, lab, result);
    json_open_object(w, NULL);
    json_put_string(w, "id", check->id);
    json_put_string(w, "rule", check->rule);
    put_string_or_null(w, "rules", check->rules);
    json_put_int64(w, "step", check->step);
    json_put_string(w, "tier", tier_name(check->tier));
    json_put_bool(w, "gate", check->gate);
    json_put_bool(w, "hidden", check->hidden);
    json_put_string(w, "verdict", verdict_name(result->verdict));
    json_put_string(w, "reason", result->reason);
    json_put_int64(w, "points", result->points);
    json_put_int64(w, "pointsMax", check->points);
    put_string_or_null(w, "expected", result->expected);
    put_string_or_null(w, "got", result->got);
    put_string_or_null(w, "detail", result->detail);
    put_string_or_null(w, "output", result->output);
    put_string_or_null(w, "script", result->script);
    put_story(w, &result->story);
    put_figures(w, result);
    put_pictures(w, result->pictures, result->picture_count);
    json_put_string(w, "replay", text_str(&replay));
    json_put_string(w, "read", text_str(&read));
    json_put_int64(w, "wallMs", result->wall_ms);
    json_put_int64(w, "cpuMs", result->cpu_ms);
    json_close_object(w);
    text_release(&replay);
    text_release(&read);
}

static void put_steps(struct json_writer *w, const struct lab_result *lab)
{
    json_open_array(w, "steps");
    for (int step = 1; step <= lab->lab->step_count; step++) {
        struct tally tally = step_tally(lab, step);
        json_open_object(w, NULL);
        json_put_int64(w, "number", step);
        json_put_string(w, "title", lab->lab->steps[step - 1].title);
        json_put_int64(w, "points", tally.points);
        json_put_int64(w, "pointsMax", tally.points_max);
        json_put_int64(w, "checks", tally.total);
        json_put_int64(w, "passed", tally.passed);
        json_close_object(w);
    }
    json_close_array(w);
}

static void put_criterion(struct json_writer *w, const struct criterion *criterion)
{
    json_open_object(w, NULL);
    json_put_string(w, "id", criterion->id);
    json_put_string(w, "title", criterion->title);
    json_put_int64(w, "max", CRITERION_LEVEL_MAX);
    if (criterion->sentence != NULL)
        json_put_int64(w, "level", criterion->level);
    else
        json_put_null(w, "level");
    put_string_or_null(w, "sentence", criterion->sentence);
    put_string_or_null(w, "note", criterion->note);
    json_close_object(w);
}

static void put_rationale(struct json_writer *w, const struct rationale *rationale)
{
    if (rationale == NULL) {
        json_put_null(w, "rationale");
        return;
    }
    json_open_object(w, "rationale");
    json_put_string(w, "state", rationale_state_name(rationale->state));
    json_put_int64(w, "points", rationale->points);
    json_put_int64(w, "pointsMax", rationale->points_max);
    put_string_or_null(w, "student", rationale->student);
    put_string_or_null(w, "reader", rationale->reader);
    put_string_or_null(w, "date", rationale->date);
    put_string_or_null(w, "fault", rationale->fault);
    json_open_array(w, "criteria");
    for (int i = 0; i < rationale->count; i++)
        put_criterion(w, &rationale->criteria[i]);
    json_close_array(w);
    json_close_object(w);
}

static void put_lab(struct json_writer *w, const struct run_result *run,
                    const struct lab_result *lab)
{
    json_open_object(w, NULL);
    json_put_string(w, "name", lab->lab->name);
    json_put_string(w, "title", lab->lab->title);
    json_put_string(w, "state", lab_state(lab));
    json_put_bool(w, "builds", lab->builds);
    put_string_or_null(w, "compiler", lab->compiler);
    json_put_int64(w, "points", lab->points);
    json_put_int64(w, "pointsMax", lab->points_max);
    json_put_int64(w, "wallMs", lab->wall_ms);
    put_steps(w, lab);
    json_open_array(w, "checks");
    for (int i = 0; i < lab->count; i++)
        put_check(w, run, lab, &lab->results[i]);
    json_close_array(w);
    put_pictures(w, lab->pictures, lab->picture_count);
    put_rationale(w, lab->rationale);
    json_close_object(w);
}

int report_json(const char *path, const struct run_result *run, struct error *err)
{
    struct text out = {0}, seed = {0};
    struct json_writer writer = json_writer(&out), *w = &writer;
    struct tally all = run_points(run);

    text_addf(&seed, "%" PRIu64, run->seed);
    json_open_object(w, NULL);
    json_put_string(w, "format", "svclab-results");
    json_put_int64(w, "version", RESULTS_VERSION);
    json_put_string(w, "seed", text_str(&seed)); /* 64 bits do not fit a JSON number */
    json_put_string(w, "tree", run->tree == NULL ? "labs" : run->tree);
    json_put_string(w, "isolation", run->isolation == NULL ? "none" : run->isolation);
    json_put_int64(w, "exitStatus", run->exit_status);
    json_put_time(w, "startedAt", run->started_wall_ms);
    json_put_int64(w, "wallMs", run->wall_ms);
    json_put_int64(w, "points", all.points);
    json_put_int64(w, "pointsMax", all.points_max);
    json_open_array(w, "labs");
    for (int i = 0; i < run->lab_count; i++)
        put_lab(w, run, &run->labs[i]);
    json_close_array(w);
    json_close_object(w);
    text_add(&out, "\n");
    int status = files_write(path, text_str(&out), out.length, err);
    text_release(&seed);
    text_release(&out);
    return status;
}
