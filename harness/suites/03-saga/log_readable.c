/*
 * Lab 03, step 4: the log as a story that people can read (S8).
 */
#include "suites/03-saga/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "kit/error.h"
#include "kit/json.h"

/* A record that must be there; "" or 0 where the member does not apply or may be anything. */
struct wanted_record {
    int at_ms; /* of its second */
    const char *what, *step, *direction;
    int attempt;
    const char *answer;
};

static int agrees(const cJSON *object, const char *name, const char *wanted)
{
    return wanted[0] == '\0' || strcmp(json_member_text(object, name), wanted) == 0;
}

/* Whether the record says this: itself, or in its "then", whose objects need no time of their own.
 */
static int matches(const cJSON *record, const struct wanted_record *wanted)
{
    char at[32];
    snprintf(at, sizeof at, "2023-11-14T22:13:20.%03d", wanted->at_ms);
    const cJSON *then = json_member(record, "then");
    int now = strncmp(json_member_text(record, "at"), at, strlen(at)) == 0;
    for (const cJSON *part = record; part != NULL && now;
         part = part == record ? cJSON_GetArrayItem(then, 0) : part->next) {
        if (agrees(part, "what", wanted->what) && agrees(part, "step", wanted->step) &&
            agrees(part, "direction", wanted->direction) &&
            agrees(part, "answer", wanted->answer) &&
            (wanted->attempt == 0 || json_member_int64(part, "attempt") == wanted->attempt))
            return 1;
    }
    return 0;
}

static void write_wanted(const struct wanted_record *wanted, struct text *out)
{
    const char *const members[][2] = {{"what", wanted->what},
                                      {"step", wanted->step},
                                      {"direction", wanted->direction},
                                      {"answer", wanted->answer}};
    text_addf(out, "a record with at 2023-11-14T22:13:20.%03dZ", wanted->at_ms);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i][1][0] != '\0')
            text_addf(out, ", %s %s", members[i][0], members[i][1]);
    }
    if (wanted->attempt > 0)
        text_addf(out, ", attempt %d", wanted->attempt);
}

/* Sends and answers, the turn, the parking, the resuming and the end of the troubled checkout are
   in the story, with their times. 1 = verdict. */
static int expect_all_records(struct check_run *run, const struct saga_log *log,
                              cJSON *const *records)
{
    static const struct wanted_record wanted[] = {
        {0, "started", "", "", 0, ""},
        {0, "sent", "validate", "forward", 1, ""},
        {10, "answered", "validate", "forward", 1, "ok"},
        {30, "sent", "pay", "forward", 1, ""},
        {40, "answered", "pay", "forward", 1, "unknown"},
        {60, "sent", "pay", "forward", 2, ""},
        {70, "answered", "pay", "forward", 2, "ok"},
        {80, "answered", "ship", "forward", 1, "rejected"},
        {80, "compensating", "", "", 0, ""},
        {80, "sent", "pay", "back", 1, ""},
        {90, "answered", "pay", "back", 1, "rejected"},
        {120, "sent", "pay", "back", 2, ""},
        {250, "answered", "pay", "back", 2, "unknown"},
        {250, "parked", "pay", "", 0, ""},
        {300, "resumed", "", "", 0, ""},
        {300, "sent", "pay", "back", 1, ""},
        {310, "answered", "pay", "back", 1, "ok"},
        {320, "sent", "discount", "back", 1, ""},
        {330, "answered", "discount", "back", 1, "ok"},
        {330, "ended", "", "", 0, ""},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        int found = 0, near = -1;
        for (int r = 0; r < log->count && !found; r++) {
            const struct wanted_record same_time = {wanted[i].at_ms, "", "", "", 0, ""};
            found = matches(records[r], &wanted[i]);
            near = matches(records[r], &same_time) ? r : near;
        }
        if (!found) {
            struct text expected = {0};
            write_wanted(&wanted[i], &expected);
            run_fail(run, "wrong answer", text_str(&expected), "none of %d records; %s: %s",
                     log->count, near < 0 ? "none is of that time; the first" : "of that time",
                     log->json[near < 0 ? 0 : near]);
            text_release(&expected);
            return 1;
        }
    }
    return 0;
}

void saga_check_story(struct check_run *run)
{
    struct probe *probe = run_probe(run);
    struct saga_log *log = saga_fetch_log(run, probe);
    cJSON *records[SAGA_RECORDS_MAX] = {0};
    int ended = log == NULL;
    for (int i = 0; !ended && i < log->count; i++) {
        struct error err = {.text = "It is JSON, but no object."};
        records[i] = json_parse(log->json[i], strlen(log->json[i]), &err);
        if (!cJSON_IsObject(records[i]))
            ended = run_fail(run, "wrong answer", "each record as one JSON object",
                             "record %d: %s %s", i, err.text, log->json[i]);
    }
    if (!ended)
        expect_all_records(run, log, records);
    for (int i = 0; i < SAGA_RECORDS_MAX; i++)
        cJSON_Delete(records[i]);
    free(log);
    run_close(run, probe);
}
