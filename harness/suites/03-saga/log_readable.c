/*
 * Lab 03, step 4: the log as a story that people can read (S8).
 */
#include "suites/03-saga/checks.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/json.h"

static const char *member(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL ? text : "";
}

/* What must be told, "" or 0 where the member does not apply or may be anything. */
struct told {
    int at_ms; /* of its second */
    const char *what, *step, *direction;
    int attempt;
    const char *answer;
};

static int agrees(const cJSON *object, const char *name, const char *wanted)
{
    return wanted[0] == '\0' || strcmp(member(object, name), wanted) == 0;
}

/* Whether the record says this: itself, or in its "then", whose objects need no time of their own.
 */
static int says(const cJSON *record, const struct told *told)
{
    char at[32];
    snprintf(at, sizeof at, "2023-11-14T22:13:20.%03d", told->at_ms);
    const cJSON *then = cJSON_GetObjectItemCaseSensitive(record, "then");
    int now = strncmp(member(record, "at"), at, strlen(at)) == 0;
    for (const cJSON *part = record; part != NULL && now;
         part = part == record ? cJSON_GetArrayItem(then, 0) : part->next) {
        const cJSON *attempt = cJSON_GetObjectItemCaseSensitive(part, "attempt");
        if (agrees(part, "what", told->what) && agrees(part, "step", told->step) &&
            agrees(part, "direction", told->direction) && agrees(part, "answer", told->answer) &&
            (told->attempt == 0 || (cJSON_IsNumber(attempt) && attempt->valueint == told->attempt)))
            return 1;
    }
    return 0;
}

static void write_told(const struct told *told, struct text *out)
{
    const char *const members[][2] = {{"what", told->what},
                                      {"step", told->step},
                                      {"direction", told->direction},
                                      {"answer", told->answer}};
    text_addf(out, "a record with at 2023-11-14T22:13:20.%03dZ", told->at_ms);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i][1][0] != '\0')
            text_addf(out, ", %s %s", members[i][0], members[i][1]);
    }
    if (told->attempt > 0)
        text_addf(out, ", attempt %d", told->attempt);
}

/* Sends and answers, the turn, the parking, the resuming and the end of the troubled checkout are
   in the story, with their times. 1 = verdict. */
static int tells_all(struct check_run *run, const struct saga_log *log, cJSON *const *records)
{
    static const struct told told[] = {
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
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        int found = 0, near = -1;
        for (int r = 0; r < log->count && !found; r++) {
            const struct told then = {told[i].at_ms, "", "", "", 0, ""};
            found = says(records[r], &told[i]);
            near = says(records[r], &then) ? r : near;
        }
        if (!found) {
            struct text wanted = {0};
            write_told(&told[i], &wanted);
            run_fail(run, "wrong answer", text_str(&wanted), "none of %d records; %s: %s",
                     log->count, near < 0 ? "none is of that time; the first" : "of that time",
                     log->json[near < 0 ? 0 : near]);
            text_release(&wanted);
            return 1;
        }
    }
    return 0;
}

void saga_check_story(struct check_run *run)
{
    struct probe *probe = run_probe(run);
    struct saga_log *log = saga_fetch_log(run, probe);
    cJSON *records[SAGA_RECORDS_MAX] = {NULL};
    int ended = log == NULL;
    for (int i = 0; !ended && i < log->count; i++) {
        struct error err = {.text = "It is JSON, but no object."};
        records[i] = json_parse(log->json[i], strlen(log->json[i]), &err);
        if (!cJSON_IsObject(records[i]))
            ended = run_fail(run, "wrong answer", "each record as one JSON object",
                             "record %d: %s %s", i, err.text, log->json[i]);
    }
    if (!ended)
        tells_all(run, log, records);
    for (int i = 0; i < SAGA_RECORDS_MAX; i++)
        cJSON_Delete(records[i]);
    free(log);
    run_close(run, probe);
}
