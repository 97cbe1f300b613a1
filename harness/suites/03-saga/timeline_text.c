/*
 * Lab 03's failure block of one checkout: its story in a dozen lines.
 *
 * What went well is put together ("validate, discount: ok"), and so are attempts that failed alike
 * ("pay #2 to #5: unknown"). Blows are told of the checkout's own service and of those that failed
 * it. When that is still too long, lines of the least weight go first, the oldest before the
 * others, and it is said how many.
 */
#include "suites/03-saga/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 13, GOOD_WORDS = 44 };

/* What a row is worth to whoever looks for the mistake. */
enum weight { MENDED, BLOW, FAILED_ATTEMPT, OWN_BLOW, WENT_WELL, NEEDED };

struct row {
    int64_t at_ms;
    enum story_kind kind;
    enum weight weight;
    int from, to; /* lanes; to is -1 for what stands on one lane */
    struct text text;
    int is_good;                          /* commands that were answered OK, told together */
    const struct tale_line *first, *last; /* sends that failed alike, told together, or NULL */
    int left_out;
};

struct telling {
    const struct tale *tale;
    struct row *rows;
    int count;
    const struct tale_line *open; /* a command that was sent and not told yet */
};

static struct row *add(struct telling *t, const struct tale_line *line, enum story_kind kind,
                       enum weight weight)
{
    struct row *row = &t->rows[t->count++];
    *row = (struct row){.at_ms = line->at_ms, .kind = kind, .weight = weight, .to = -1};
    return row;
}

/* "undo pay #2" */
static void write_command(const struct tale_line *sent, struct text *out)
{
    char command[TALE_WORDS_SIZE];
    tale_command(sent, command);
    text_add(out, command);
    if (sent->attempt > 1)
        text_addf(out, " #%d", sent->attempt);
}

/* An arrow from the checkout to the step's service. */
static struct row *add_call(struct telling *t, const struct tale_line *sent)
{
    struct row *row = add(t, sent, STORY_CALL, sent->back ? NEEDED : WENT_WELL);
    row->to = sent->lane;
    write_command(sent, &row->text);
    return row;
}

/* A command that was not answered before something else happened. */
static void close_open(struct telling *t)
{
    if (t->open != NULL)
        add_call(t, t->open);
    t->open = NULL;
}

static void add_good(struct telling *t, const struct tale_line *sent)
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

static void add_failed(struct telling *t, const struct tale_line *sent,
                       const struct tale_line *answer)
{
    struct row *row = &t->rows[t->count - 1];
    int goes_on = row->last != NULL && row->last->lane == answer->lane &&
                  row->last->back == answer->back && strcmp(row->last->words, answer->words) == 0;
    if (goes_on) {
        char command[TALE_WORDS_SIZE];
        tale_command(sent, command);
        text_clear(&row->text);
        text_addf(&row->text, "%s #%d to #%d: %s", command, row->first->attempt, sent->attempt,
                  answer->words);
    } else {
        row = add_call(t, sent);
        row->first = sent;
        text_addf(&row->text, ": %s", answer->words);
    }
    int is_refused = strcmp(answer->words, saga_answer_name(SAGA_REJECTED)) == 0;
    row->weight = sent->back || is_refused ? NEEDED : FAILED_ATTEMPT;
    row->last = answer;
}

static void add_answer(struct telling *t, const struct tale_line *answer)
{
    const struct tale_line *sent = t->open;
    if (sent != NULL && sent->lane == answer->lane && sent->back == answer->back && !answer->late) {
        t->open = NULL;
        if (strcmp(answer->words, saga_answer_name(SAGA_OK)) == 0)
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
    text_addf(&row->text, ": %s", answer->words);
}

/* 1 when the service let the checkout down at any time: a blow on it may be why. */
static int has_failed(const struct tale *tale, int lane)
{
    int failed = lane == 0, waits = 0;
    for (int i = 0; i < tale->count && !failed; i++) {
        const struct tale_line *line = &tale->lines[i];
        if (line->lane != lane || (line->kind != TALE_SENT && line->kind != TALE_ANSWER))
            continue;
        waits = line->kind == TALE_SENT;
        failed = line->attempt > 1 || strcmp(line->words, saga_answer_name(SAGA_UNKNOWN)) == 0;
    }
    return failed || waits;
}

static void add_mark(struct telling *t, const struct tale_line *mark)
{
    int is_blow = mark->kind == TALE_BLOW;
    enum weight weight = mark->lane == 0 ? OWN_BLOW : is_blow ? BLOW : MENDED;
    if (!has_failed(t->tale, mark->lane))
        return;
    close_open(t);
    struct row *row = add(t, mark, is_blow ? STORY_FAULT : STORY_NOTE, weight);
    row->from = mark->lane;
    text_add(&row->text, mark->words);
}

static void gather(struct telling *t, const char *wrong)
{
    const struct tale_line begin = {.at_ms = 0}, *last = &begin;
    struct row *row = add(t, &begin, STORY_NOTE, NEEDED);
    text_add(&row->text, t->tale->bought);
    for (int i = 0; i < t->tale->count; i++) {
        last = &t->tale->lines[i];
        if (last->kind == TALE_SENT) {
            close_open(t);
            t->open = last;
        } else if (last->kind == TALE_ANSWER) {
            add_answer(t, last);
        } else if (last->kind != TALE_SAID) {
            add_mark(t, last);
        } else if (strcmp(last->words, "started") != 0) {
            close_open(t);
            row = add(t, last, STORY_NOTE, NEEDED);
            text_add(&row->text, last->words);
        }
    }
    close_open(t);
    for (int i = t->count - 1; i > 0; i--)
        if (t->rows[i].weight == WENT_WELL || t->rows[i].weight == FAILED_ATTEMPT) {
            t->rows[i].weight = NEEDED; /* how far forward it came */
            break;
        }
    row = add(t, last, STORY_WRONG, NEEDED);
    if (!t->tale->has_ended)
        row->at_ms = t->tale->read_ms;
    text_add(&row->text, wrong);
}

/* Rows that will be shown, a run that is left out being one. */
static int rows_shown(const struct telling *t)
{
    int shown = 0;
    for (int i = 0; i < t->count; i++)
        shown += !t->rows[i].left_out || i == 0 || !t->rows[i - 1].left_out;
    return shown;
}

static void shorten(struct telling *t)
{
    for (int weight = MENDED; weight <= NEEDED; weight++)
        for (int i = 1; i < t->count - 1 && rows_shown(t) > ROWS_SHOWN; i++)
            t->rows[i].left_out |= t->rows[i].weight == (enum weight)weight;
    for (int i = 1; i < t->count - 1; i++) /* the words would take as much room */
        if (!t->rows[i - 1].left_out && !t->rows[i + 1].left_out)
            t->rows[i].left_out = 0;
}

void tale_tell(struct check_run *run, const struct tale *tale, const char *wrong)
{
    struct telling t = {.tale = tale};
    struct story story = {0};
    t.rows = calloc(2 * (size_t)tale->count + 3, sizeof *t.rows);
    if (t.rows == NULL)
        abort();
    gather(&t, wrong);
    shorten(&t);
    for (int i = 0, more = 0; i < t.count; i++) {
        struct row *row = &t.rows[i];
        more = row->left_out ? more + 1 : 0;
        if (row->is_good)
            text_add(&row->text, ": ok");
        if (!row->left_out) {
            story_add(&story, row->at_ms, row->kind, tale_service(row->from),
                      row->to < 0 ? NULL : tale_service(row->to), text_str(&row->text));
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
