#include "suites/03-saga/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "kit/error.h"

/* A step's service has the step's number and one more. -1 for others. */
static int lane_of_service(const char *service)
{
    for (int i = 0; i < SAGA_STEPS; i++)
        if (strcmp(service, service_of_step((enum saga_step)i)) == 0)
            return i + 1;
    return strcmp(service, CHECKOUT) == 0 ? 0 : -1;
}

const char *timeline_service(int lane)
{
    return lane == 0 ? CHECKOUT : service_of_step((enum saga_step)(lane - 1));
}

void timeline_command(const struct timeline_line *line, char out[TIMELINE_WORDS_SIZE])
{
    snprintf(out, TIMELINE_WORDS_SIZE, "%s%s", line->back ? "undo " : "",
             saga_step_name((enum saga_step)(line->lane - 1)));
}

/* A service of a record's step; 0 when it names none. */
static int lane_of_step(const cJSON *record)
{
    for (int i = 0; i < SAGA_STEPS; i++)
        if (strcmp(json_member_text(record, "step"), saga_step_name((enum saga_step)i)) == 0)
            return i + 1;
    return 0;
}

static struct timeline_line *add(struct timeline *timeline, int64_t at_wall_ms,
                                 enum timeline_kind kind, int lane)
{
    if (timeline->count == timeline->capacity) {
        timeline->capacity = timeline->capacity == 0 ? 64 : 2 * timeline->capacity;
        timeline->lines =
            realloc(timeline->lines, (size_t)timeline->capacity * sizeof *timeline->lines);
        if (timeline->lines == NULL)
            abort();
    }
    struct timeline_line *line = &timeline->lines[timeline->count++];
    *line = (struct timeline_line){
        .at_ms = at_wall_ms - timeline->begun_wall_ms, .kind = kind, .lane = lane, .attempt = 1};
    return line;
}

/* --- what was done from outside --------------------------------------------------------------- */

/* What reading one checkout works on. */
struct reading {
    struct timeline *timeline;
    const struct story *marks; /* the run's story */
    int next_mark;
    int64_t zero_wall_ms; /* the story's zero, as wall time */
    int64_t at_wall_ms;   /* of the newest record that has a time */
};

/* 1 when this was done to a service, or said of it, by the check. */
static int is_mark(const struct story_line *line)
{
    return line->from != NULL && line->to == NULL && line->text != NULL &&
           (line->kind == STORY_FAULT || line->kind == STORY_NOTE) &&
           lane_of_service(line->from) >= 0;
}

/* 1 when a mark from before the checkout began still holds at its beginning. */
static int still_stands(const struct reading *r, int at)
{
    const struct story_line *mark = &r->marks->lines[at];
    for (int i = at + 1; i < r->marks->count; i++) {
        const struct story_line *later = &r->marks->lines[i];
        if (r->zero_wall_ms + later->at_ms < r->timeline->begun_wall_ms && is_mark(later) &&
            strcmp(later->from, mark->from) == 0)
            return 0;
    }
    return mark->kind == STORY_FAULT;
}

/* All marks until at_wall_ms. What is done to the checkout's own service within the same
   millisecond comes after what it wrote: a killed process writes nothing. */
static void add_marks(struct reading *r, int64_t at_wall_ms)
{
    for (; r->next_mark < r->marks->count; r->next_mark++) {
        const struct story_line *mark = &r->marks->lines[r->next_mark];
        int64_t wall_ms = r->zero_wall_ms + mark->at_ms;
        int is_before = wall_ms < r->timeline->begun_wall_ms;
        int is_own = mark->from != NULL && strcmp(mark->from, CHECKOUT) == 0;
        if (wall_ms > at_wall_ms - is_own)
            return;
        if (!is_mark(mark) || (is_before && !still_stands(r, r->next_mark)))
            continue;
        enum timeline_kind kind = mark->kind == STORY_FAULT ? TIMELINE_FAULT : TIMELINE_REPAIR;
        struct timeline_line *line =
            add(r->timeline, is_before ? r->timeline->begun_wall_ms : wall_ms, kind,
                lane_of_service(mark->from));
        snprintf(line->words, sizeof line->words, "%.30s%s", mark->text,
                 is_before ? ", before it began" : "");
    }
}

/* --- what the checkout says ------------------------------------------------------------------- */

static void add_record(struct reading *r, const cJSON *record)
{
    const char *what = json_member_text(record, "what"),
               *answer = json_member_text(record, "answer");
    const cJSON *attempt = json_member(record, "attempt");
    int lane = lane_of_step(record), is_sent = strcmp(what, "sent") == 0;
    r->at_wall_ms = json_member_time_ms(record, "at", r->at_wall_ms);
    add_marks(r, r->at_wall_ms);
    enum timeline_kind kind = lane > 0 && is_sent             ? TIMELINE_SENT
                              : lane > 0 && answer[0] != '\0' ? TIMELINE_ANSWER
                                                              : TIMELINE_NOTE;
    struct timeline_line *line =
        add(r->timeline, r->at_wall_ms, kind, kind == TIMELINE_NOTE ? 0 : lane);
    line->back = strcmp(json_member_text(record, "direction"), "back") == 0;
    line->late = strcmp(what, "noted") == 0;
    if (cJSON_IsNumber(attempt))
        line->attempt = attempt->valueint;
    if (kind == TIMELINE_ANSWER) {
        snprintf(line->words, sizeof line->words, "%.20s", answer);
        r->timeline->unknown += strcmp(answer, saga_answer_name(SAGA_UNKNOWN)) == 0;
    } else if (kind == TIMELINE_NOTE) {
        const char *more = json_member_text(record, strcmp(what, "parked") == 0 ? "step" : "phase");
        snprintf(line->words, sizeof line->words, "%.20s%s%.20s", what, more[0] != '\0' ? ": " : "",
                 more);
    }
}

int timeline_read(struct check_run *run, const cJSON *body, struct timeline *timeline)
{
    const struct clock clock = clock_system();
    const cJSON *records = json_member(body, "records"), *record = NULL;
    *timeline = (struct timeline){0};
    struct reading r = {.timeline = timeline,
                        .marks = &run->result->story,
                        .zero_wall_ms = clock_now(&clock).wall_ms - run_story_ms(run)};
    snprintf(timeline->id, sizeof timeline->id, "%s", json_member_text(body, "id"));
    snprintf(timeline->phase, sizeof timeline->phase, "%s", json_member_text(body, "phase"));
    snprintf(timeline->bought, sizeof timeline->bought, "%.20s for %.20s",
             json_member_text(body, "cartId"), json_member_text(body, "customerId"));
    timeline->begun_wall_ms =
        json_member_time_ms(cJSON_GetArrayItem(records, 0), "at", r.zero_wall_ms);
    r.at_wall_ms = timeline->begun_wall_ms;
    cJSON_ArrayForEach(record, records)
    {
        const cJSON *more = NULL;
        add_record(&r, record);
        cJSON_ArrayForEach(more, json_member(record, "then"))
        {
            add_record(&r, more);
        }
    }
    const int64_t now_wall_ms = r.zero_wall_ms + run_story_ms(run);
    timeline->read_ms = now_wall_ms - timeline->begun_wall_ms;
    timeline->has_ended = strcmp(timeline->phase, saga_phase_name(SAGA_COMPLETED)) == 0 ||
                          strcmp(timeline->phase, saga_phase_name(SAGA_ROLLED_BACK)) == 0;
    if (!timeline->has_ended)
        add_marks(&r, now_wall_ms);
    return cJSON_GetArraySize(records);
}

int timeline_newest_attempt(const struct timeline *timeline, const struct timeline_line *answer)
{
    int attempt = 0;
    for (const struct timeline_line *line = timeline->lines; line < answer; line++)
        if (line->kind == TIMELINE_SENT && line->lane == answer->lane && line->back == answer->back)
            attempt = line->attempt;
    return attempt;
}

void timeline_release(struct timeline *timeline)
{
    free(timeline->lines);
    *timeline = (struct timeline){0};
}
