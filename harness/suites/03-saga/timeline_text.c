/*
 * Lab 03's failure block of one checkout: its story in a dozen lines.
 *
 * What went well is put together ("validate, discount: ok"), and so are attempts that failed alike
 * ("pay #2 to #5: unknown"). Faults are shown of the checkout's own service and of those that
 * failed it. When that is still too long, lines of the least weight go first, the oldest before the
 * others, and it is said how many.
 */
#include "suites/03-saga/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 13, GOOD_WORDS = 44 };

/* What a row is worth to whoever looks for the mistake. */
enum weight { REPAIR, FAULT, FAILED_ATTEMPT, OWN_FAULT, WENT_WELL, NEEDED };

struct row {
    int64_t at_ms;
    enum story_kind kind;
    enum weight weight;
    int from, to; /* lanes; to is -1 for what stands on one lane */
    struct text text;
    int is_good;                              /* commands that were answered OK, in one row */
    const struct timeline_line *first, *last; /* sends that failed alike, in one row, or NULL */
    int left_out;
};

struct summary {
    const struct timeline *timeline;
    struct row *rows;
    int count;
    const struct timeline_line *open; /* a command that was sent and is in no row yet */
};

static struct row *add(struct summary *s, const struct timeline_line *line, enum story_kind kind,
                       enum weight weight)
{
    struct row *row = &s->rows[s->count++];
    *row = (struct row){.at_ms = line->at_ms, .kind = kind, .weight = weight, .to = -1};
    return row;
}

/* "undo pay #2"; newest: of how many attempts up to then this is one. */
static void write_command(const struct timeline_line *line, int newest, struct text *out)
{
    char command[TIMELINE_WORDS_SIZE];
    timeline_command(line, command);
    text_add(out, command);
    if (line->attempt > 1 || newest > 1)
        text_addf(out, " #%d", line->attempt);
}

/* An arrow from the checkout to the step's service. */
static struct row *add_call(struct summary *s, const struct timeline_line *sent)
{
    struct row *row = add(s, sent, STORY_CALL, sent->back ? NEEDED : WENT_WELL);
    row->to = sent->lane;
    write_command(sent, 1, &row->text);
    return row;
}

/* A command that was not answered before something else happened. */
static void close_open(struct summary *s)
{
    if (s->open != NULL)
        add_call(s, s->open);
    s->open = NULL;
}

static void add_good(struct summary *s, const struct timeline_line *sent)
{
    struct row *row = &s->rows[s->count - 1]; /* there is always the first */
    enum weight weight = sent->back ? NEEDED : WENT_WELL;
    if (!row->is_good || row->weight != weight || row->text.length > GOOD_WORDS)
        row = add(s, sent, STORY_NOTE, weight);
    else
        text_add(&row->text, ", ");
    row->is_good = 1;
    write_command(sent, 1, &row->text);
}

static void add_failed(struct summary *s, const struct timeline_line *sent,
                       const struct timeline_line *answer)
{
    struct row *row = &s->rows[s->count - 1];
    int goes_on = row->last != NULL && row->last->lane == answer->lane &&
                  row->last->back == answer->back && strcmp(row->last->words, answer->words) == 0;
    if (goes_on) {
        char command[TIMELINE_WORDS_SIZE];
        timeline_command(sent, command);
        text_clear(&row->text);
        text_addf(&row->text, "%s #%d to #%d: %s", command, row->first->attempt, sent->attempt,
                  answer->words);
    } else {
        row = add_call(s, sent);
        row->first = sent;
        text_addf(&row->text, ": %s", answer->words);
    }
    int is_refused = strcmp(answer->words, saga_answer_name(SAGA_REJECTED)) == 0;
    row->weight = sent->back || is_refused ? NEEDED : FAILED_ATTEMPT;
    row->last = answer;
}

static void add_answer(struct summary *s, const struct timeline_line *answer)
{
    const struct timeline_line *sent = s->open;
    int is_to_open = sent != NULL && sent->lane == answer->lane && sent->back == answer->back &&
                     sent->attempt == answer->attempt;
    if (is_to_open && !answer->late) {
        s->open = NULL;
        if (strcmp(answer->words, saga_answer_name(SAGA_OK)) == 0)
            add_good(s, sent);
        else
            add_failed(s, sent, answer);
        return;
    }
    close_open(s);
    struct row *row = add(s, answer, STORY_REPLY, answer->back ? NEEDED : WENT_WELL);
    row->from = answer->lane;
    row->to = 0;
    text_add(&row->text, answer->late ? "late: " : "");
    write_command(answer, timeline_newest_attempt(s->timeline, answer), &row->text);
    text_addf(&row->text, ": %s", answer->words);
}

/* 1 when the service let the checkout down at any time: a fault of it may be why. */
static int has_failed(const struct timeline *timeline, int lane)
{
    int failed = lane == 0, waits = 0;
    for (int i = 0; i < timeline->count && !failed; i++) {
        const struct timeline_line *line = &timeline->lines[i];
        if (line->lane != lane || (line->kind != TIMELINE_SENT && line->kind != TIMELINE_ANSWER))
            continue;
        waits = line->kind == TIMELINE_SENT;
        failed = line->attempt > 1 || strcmp(line->words, saga_answer_name(SAGA_UNKNOWN)) == 0;
    }
    return failed || waits;
}

static void add_mark(struct summary *s, const struct timeline_line *mark)
{
    int is_fault = mark->kind == TIMELINE_FAULT;
    enum weight weight = mark->lane == 0 ? OWN_FAULT : is_fault ? FAULT : REPAIR;
    if (!has_failed(s->timeline, mark->lane))
        return;
    close_open(s);
    struct row *row = add(s, mark, is_fault ? STORY_FAULT : STORY_NOTE, weight);
    row->from = mark->lane;
    text_add(&row->text, mark->words);
}

static void gather(struct summary *s, const char *wrong)
{
    const struct timeline_line begin = {0}, *last = &begin;
    struct row *row = add(s, &begin, STORY_NOTE, NEEDED);
    text_add(&row->text, s->timeline->bought);
    for (int i = 0; i < s->timeline->count; i++) {
        last = &s->timeline->lines[i];
        if (last->kind == TIMELINE_SENT) {
            close_open(s);
            s->open = last;
        } else if (last->kind == TIMELINE_ANSWER) {
            add_answer(s, last);
        } else if (last->kind != TIMELINE_NOTE) {
            add_mark(s, last);
        } else if (strcmp(last->words, "started") != 0) {
            close_open(s);
            row = add(s, last, STORY_NOTE, NEEDED);
            text_add(&row->text, last->words);
        }
    }
    close_open(s);
    for (int i = s->count - 1; i > 0; i--)
        if (s->rows[i].weight == WENT_WELL || s->rows[i].weight == FAILED_ATTEMPT) {
            s->rows[i].weight = NEEDED; /* how far forward it came */
            break;
        }
    row = add(s, last, STORY_WRONG, NEEDED);
    if (!s->timeline->has_ended)
        row->at_ms = s->timeline->read_ms;
    text_add(&row->text, wrong);
}

/* Rows that will be shown, a run that is left out being one. */
static int rows_shown(const struct summary *s)
{
    int shown = 0;
    for (int i = 0; i < s->count; i++)
        shown += !s->rows[i].left_out || i == 0 || !s->rows[i - 1].left_out;
    return shown;
}

static void shorten(struct summary *s)
{
    for (int weight = REPAIR; weight <= NEEDED; weight++)
        for (int i = 1; i < s->count - 1 && rows_shown(s) > ROWS_SHOWN; i++)
            s->rows[i].left_out |= s->rows[i].weight == (enum weight)weight;
    for (int i = 1; i < s->count - 1; i++) /* the words would take as much room */
        if (!s->rows[i - 1].left_out && !s->rows[i + 1].left_out)
            s->rows[i].left_out = 0;
}

void timeline_write_story(struct check_run *run, const struct timeline *timeline, const char *wrong)
{
    struct summary summary = {.timeline = timeline};
    struct story story = {0};
    summary.rows = calloc(2 * (size_t)timeline->count + 3, sizeof *summary.rows);
    if (summary.rows == NULL)
        abort();
    gather(&summary, wrong);
    shorten(&summary);
    for (int i = 0, more = 0; i < summary.count; i++) {
        struct row *row = &summary.rows[i];
        more = row->left_out ? more + 1 : 0;
        if (row->is_good)
            text_add(&row->text, ": ok");
        if (!row->left_out) {
            story_add(&story, row->at_ms, row->kind, timeline_service(row->from),
                      row->to < 0 ? NULL : timeline_service(row->to), text_str(&row->text));
        } else if (!summary.rows[i + 1].left_out) {
            text_clear(&row->text);
            text_addf(&row->text, "... %d more ...", more);
            story_add(&story, row->at_ms, STORY_NOTE, CHECKOUT, NULL, text_str(&row->text));
        }
        text_release(&row->text);
    }
    run_story_instead(run, &story);
    free(summary.rows);
}
