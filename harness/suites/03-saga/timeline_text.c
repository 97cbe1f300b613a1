/*
 * Lab 03's failure block of one checkout: its story in a dozen lines.
 *
 * What went well is put together ("validate, discount: ok"), and so are attempts that failed alike
 * ("pay #2 to #5: unknown"). Faults are shown of the checkout's own service and of those that
 * failed it. When that is still too long, rows of the least weight go first, the oldest before the
 * others, and a row says how many.
 */
#include "suites/03-saga/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 13, GOOD_WORDS = 44 };

/* What a row is worth to whoever looks for the mistake. */
enum weight { REPAIR, PEER_FAULT, FAILED_ATTEMPT, OWN_FAULT, WENT_WELL, NEEDED };

struct row {
    int64_t at_ms;
    enum story_kind kind;
    enum weight weight;
    int from, to; /* lanes; to is -1 for what stands on one lane */
    struct text text;
    int is_good;                               /* commands that were answered OK, in one row */
    const struct timeline_entry *first, *last; /* sends that failed alike, in one row, or NULL */
    int left_out;
};

struct story_rows {
    const struct timeline *timeline;
    struct row *rows;
    int count;
    const struct timeline_entry *open; /* a command that was sent and has no row yet */
};

static struct row *add(struct story_rows *t, const struct timeline_entry *entry,
                       enum story_kind kind, enum weight weight)
{
    struct row *row = &t->rows[t->count++];
    *row = (struct row){.at_ms = entry->at_ms, .kind = kind, .weight = weight, .to = -1};
    return row;
}

/* "undo pay #2" */
static void write_command(const struct timeline_entry *sent, struct text *out)
{
    char command[TIMELINE_TEXT_SIZE];
    timeline_command(sent, command);
    text_add(out, command);
    if (sent->attempt > 1)
        text_addf(out, " #%d", sent->attempt);
}

/* An arrow from the checkout to the step's service. */
static struct row *add_call(struct story_rows *t, const struct timeline_entry *sent)
{
    struct row *row = add(t, sent, STORY_CALL, sent->back ? NEEDED : WENT_WELL);
    row->to = sent->lane;
    write_command(sent, &row->text);
    return row;
}

/* A command that was not answered before something else happened. */
static void close_open(struct story_rows *t)
{
    if (t->open != NULL)
        add_call(t, t->open);
    t->open = NULL;
}

static void add_good(struct story_rows *t, const struct timeline_entry *sent)
{
    struct row *row = &t->rows[t->count - 1]; /* there is always the first */
    enum weight weight = sent->back ? NEEDED : WENT_WELL;
    if (!row->is_good || row->weight != weight || row->text.length > GOOD_WORDS)
        row = add(t, sent, STORY_NOTE, weight);
    else
        text_add(&row->text, ", ");
    row->is_good = 1;
    write_command(sent, &row->text);
}

static void add_failed(struct story_rows *t, const struct timeline_entry *sent,
                       const struct timeline_entry *answer)
{
    struct row *row = &t->rows[t->count - 1];
    int goes_on = row->last != NULL && row->last->lane == answer->lane &&
                  row->last->back == answer->back && strcmp(row->last->text, answer->text) == 0;
    if (goes_on) {
        char command[TIMELINE_TEXT_SIZE];
        timeline_command(sent, command);
        text_clear(&row->text);
        text_addf(&row->text, "%s #%d to #%d: %s", command, row->first->attempt, sent->attempt,
                  answer->text);
    } else {
        row = add_call(t, sent);
        row->first = sent;
        text_addf(&row->text, ": %s", answer->text);
    }
    int is_refused = strcmp(answer->text, saga_answer_name(SAGA_REJECTED)) == 0;
    row->weight = sent->back || is_refused ? NEEDED : FAILED_ATTEMPT;
    row->last = answer;
}

static void add_answer(struct story_rows *t, const struct timeline_entry *answer)
{
    const struct timeline_entry *sent = t->open;
    if (sent != NULL && sent->lane == answer->lane && sent->back == answer->back && !answer->late) {
        t->open = NULL;
        if (strcmp(answer->text, saga_answer_name(SAGA_OK)) == 0)
            add_good(t, sent);
        else
            add_failed(t, sent, answer);
        return;
    }
    close_open(t);
    struct row *row = add(t, answer, STORY_REPLY, answer->back ? NEEDED : WENT_WELL);
    row->from = answer->lane;
    row->to = 0;
    text_add(&row->text, answer->late ? "late: " : "");
    write_command(answer, &row->text);
    text_addf(&row->text, ": %s", answer->text);
}

/* 1 when the service failed the checkout at any time: a fault in it may be why. */
static int has_failed(const struct timeline *timeline, int lane)
{
    int failed = lane == 0, waits = 0;
    for (int i = 0; i < timeline->count && !failed; i++) {
        const struct timeline_entry *entry = &timeline->entries[i];
        if (entry->lane != lane || (entry->kind != TIMELINE_SENT && entry->kind != TIMELINE_ANSWER))
            continue;
        waits = entry->kind == TIMELINE_SENT;
        failed = entry->attempt > 1 || strcmp(entry->text, saga_answer_name(SAGA_UNKNOWN)) == 0;
    }
    return failed || waits;
}

static void add_mark(struct story_rows *t, const struct timeline_entry *mark)
{
    int is_fault = mark->kind == TIMELINE_FAULT;
    enum weight weight = mark->lane == 0 ? OWN_FAULT : is_fault ? PEER_FAULT : REPAIR;
    if (!has_failed(t->timeline, mark->lane))
        return;
    close_open(t);
    struct row *row = add(t, mark, is_fault ? STORY_FAULT : STORY_NOTE, weight);
    row->from = mark->lane;
    text_add(&row->text, mark->text);
}

static void fill_rows(struct story_rows *t, const char *wrong)
{
    const struct timeline_entry begin = {0}, *last = &begin;
    struct row *row = add(t, &begin, STORY_NOTE, NEEDED);
    text_add(&row->text, t->timeline->bought);
    for (int i = 0; i < t->timeline->count; i++) {
        last = &t->timeline->entries[i];
        if (last->kind == TIMELINE_SENT) {
            close_open(t);
            t->open = last;
        } else if (last->kind == TIMELINE_ANSWER) {
            add_answer(t, last);
        } else if (last->kind != TIMELINE_NOTE) {
            add_mark(t, last);
        } else if (strcmp(last->text, "started") != 0) {
            close_open(t);
            row = add(t, last, STORY_NOTE, NEEDED);
            text_add(&row->text, last->text);
        }
    }
    close_open(t);
    for (int i = t->count - 1; i > 0; i--)
        if (t->rows[i].weight == WENT_WELL || t->rows[i].weight == FAILED_ATTEMPT) {
            t->rows[i].weight = NEEDED; /* how far forward it came */
            break;
        }
    row = add(t, last, STORY_WRONG, NEEDED);
    if (!t->timeline->has_ended)
        row->at_ms = t->timeline->read_ms;
    text_add(&row->text, wrong);
}

/* Rows that will be shown, a run that is left out being one. */
static int rows_shown(const struct story_rows *t)
{
    int shown = 0;
    for (int i = 0; i < t->count; i++)
        shown += !t->rows[i].left_out || i == 0 || !t->rows[i - 1].left_out;
    return shown;
}

static void shorten(struct story_rows *t)
{
    for (int weight = REPAIR; weight <= NEEDED; weight++)
        for (int i = 1; i < t->count - 1 && rows_shown(t) > ROWS_SHOWN; i++)
            t->rows[i].left_out |= t->rows[i].weight == (enum weight)weight;
    for (int i = 1; i < t->count - 1; i++) /* the words would take as much room */
        if (!t->rows[i - 1].left_out && !t->rows[i + 1].left_out)
            t->rows[i].left_out = 0;
}

void timeline_write_story(struct check_run *run, const struct timeline *timeline, const char *wrong)
{
    struct story_rows t = {.timeline = timeline};
    struct story story = {0};
    t.rows = calloc(2 * (size_t)timeline->count + 3, sizeof *t.rows);
    if (t.rows == NULL)
        abort();
    fill_rows(&t, wrong);
    shorten(&t);
    for (int i = 0, more = 0; i < t.count; i++) {
        struct row *row = &t.rows[i];
        more = row->left_out ? more + 1 : 0;
        if (row->is_good)
            text_add(&row->text, ": ok");
        if (!row->left_out) {
            story_add(&story, row->at_ms, row->kind, timeline_service(row->from),
                      row->to < 0 ? NULL : timeline_service(row->to), text_str(&row->text));
        } else if (!t.rows[i + 1].left_out) {
            text_clear(&row->text);
            text_addf(&row->text, "... %d more ...", more);
            story_add(&story, row->at_ms, STORY_NOTE, CHECKOUT, NULL, text_str(&row->text));
        }
        text_release(&row->text);
    }
    run_story_instead(run, &story);
    free(t.rows);
}
