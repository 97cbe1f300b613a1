#include "suites/03-saga/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"

/* A step's service has the step's number and one more. -1 for others. */
static int lane_of_service(const char *service)
{
    for (int i = 0; i < SAGA_STEPS; i++)
        if (strcmp(service, shop_service((enum saga_step)i)) == 0)
            return i + 1;
    return strcmp(service, CHECKOUT) == 0 ? 0 : -1;
}

const char *tale_service(int lane)
{
    return lane == 0 ? CHECKOUT : shop_service((enum saga_step)(lane - 1));
}

void tale_command(const struct tale_line *line, char out[TALE_WORDS_SIZE])
{
    snprintf(out, TALE_WORDS_SIZE, "%s%s", line->back ? "undo " : "",
             saga_step_name((enum saga_step)(line->lane - 1)));
}

static const char *word(const cJSON *record, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(record, name);
    return cJSON_IsString(value) ? value->valuestring : "";
}

/* A service of a record's step; 0 when it names none. */
static int lane_of_step(const cJSON *record)
{
    for (int i = 0; i < SAGA_STEPS; i++)
        if (strcmp(word(record, "step"), saga_step_name((enum saga_step)i)) == 0)
            return i + 1;
    return 0;
}

static struct tale_line *add(struct tale *tale, int64_t at_wall_ms, enum tale_kind kind, int lane)
{
    if (tale->count == tale->capacity) {
        tale->capacity = tale->capacity == 0 ? 64 : 2 * tale->capacity;
        tale->lines = realloc(tale->lines, (size_t)tale->capacity * sizeof *tale->lines);
        if (tale->lines == NULL)
            abort();
    }
    struct tale_line *line = &tale->lines[tale->count++];
    *line = (struct tale_line){
        .at_ms = at_wall_ms - tale->begun_wall_ms, .kind = kind, .lane = lane, .attempt = 1};
    return line;
}

/* --- what was done from outside --------------------------------------------------------------- */

/* What reading one checkout works on. */
struct reading {
    struct tale *tale;
    const struct story *marks; /* the run's story */
    int next_mark;
    int64_t zero_wall_ms; /* the story's zero, as wall time */
    int64_t at_wall_ms;   /* of the newest record that told its time */
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
        if (r->zero_wall_ms + later->at_ms < r->tale->begun_wall_ms && is_mark(later) &&
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
        int is_before = wall_ms < r->tale->begun_wall_ms;
        int is_own = mark->from != NULL && strcmp(mark->from, CHECKOUT) == 0;
        if (wall_ms > at_wall_ms - is_own)
            return;
        if (!is_mark(mark) || (is_before && !still_stands(r, r->next_mark)))
            continue;
        enum tale_kind kind = mark->kind == STORY_FAULT ? TALE_BLOW : TALE_MENDED;
        struct tale_line *line = add(r->tale, is_before ? r->tale->begun_wall_ms : wall_ms, kind,
                                     lane_of_service(mark->from));
        snprintf(line->words, sizeof line->words, "%.30s%s", mark->text,
                 is_before ? ", before it began" : "");
    }
}

/* --- what the checkout says ------------------------------------------------------------------- */

static void add_record(struct reading *r, const cJSON *record)
{
    const char *what = word(record, "what"), *answer = word(record, "answer");
    const cJSON *attempt = cJSON_GetObjectItemCaseSensitive(record, "attempt");
    int lane = lane_of_step(record), is_sent = strcmp(what, "sent") == 0;
    struct error err;
    (void)time_parse(word(record, "at"), &r->at_wall_ms, &err);
    add_marks(r, r->at_wall_ms);
    enum tale_kind kind = lane > 0 && is_sent             ? TALE_SENT
                          : lane > 0 && answer[0] != '\0' ? TALE_ANSWER
                                                          : TALE_SAID;
    struct tale_line *line = add(r->tale, r->at_wall_ms, kind, kind == TALE_SAID ? 0 : lane);
    line->back = strcmp(word(record, "direction"), "back") == 0;
    line->late = strcmp(what, "noted") == 0;
    if (cJSON_IsNumber(attempt))
        line->attempt = attempt->valueint;
    if (kind == TALE_ANSWER) {
        snprintf(line->words, sizeof line->words, "%.20s", answer);
        r->tale->unknown += strcmp(answer, saga_answer_name(SAGA_UNKNOWN)) == 0;
    } else if (kind == TALE_SAID) {
        const char *more = word(record, strcmp(what, "parked") == 0 ? "step" : "phase");
        snprintf(line->words, sizeof line->words, "%.20s%s%.20s", what, more[0] != '\0' ? ": " : "",
                 more);
    }
}

int tale_read(struct check_run *run, const cJSON *body, struct tale *tale)
{
    const struct clock clock = clock_system();
    const cJSON *records = cJSON_GetObjectItemCaseSensitive(body, "records"), *record = NULL;
    *tale = (struct tale){.count = 0};
    struct reading r = {.tale = tale,
                        .marks = &run->result->story,
                        .zero_wall_ms = clock_now(&clock).wall_ms - run_story_ms(run)};
    struct error err;
    snprintf(tale->id, sizeof tale->id, "%s", word(body, "id"));
    snprintf(tale->phase, sizeof tale->phase, "%s", word(body, "phase"));
    snprintf(tale->bought, sizeof tale->bought, "%.20s for %.20s", word(body, "cartId"),
             word(body, "customerId"));
    tale->begun_wall_ms = r.zero_wall_ms;
    (void)time_parse(word(cJSON_GetArrayItem(records, 0), "at"), &tale->begun_wall_ms, &err);
    r.at_wall_ms = tale->begun_wall_ms;
    cJSON_ArrayForEach(record, records)
    {
        const cJSON *more = NULL;
        add_record(&r, record);
        cJSON_ArrayForEach(more, cJSON_GetObjectItemCaseSensitive(record, "then"))
        {
            add_record(&r, more);
        }
    }
    const int64_t now_wall_ms = r.zero_wall_ms + run_story_ms(run);
    tale->read_ms = now_wall_ms - tale->begun_wall_ms;
    tale->has_ended = strcmp(tale->phase, saga_phase_name(SAGA_COMPLETED)) == 0 ||
                      strcmp(tale->phase, saga_phase_name(SAGA_ROLLED_BACK)) == 0;
    if (!tale->has_ended)
        add_marks(&r, now_wall_ms);
    return cJSON_GetArraySize(records);
}

void tale_release(struct tale *tale)
{
    free(tale->lines);
    *tale = (struct tale){.count = 0};
}
