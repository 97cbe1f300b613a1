/*
 * A story as lines for the terminal: time, one lifeline a participant, and what was said.
 *
 *     (virtual ms)  judge       order       user
 *                0    |---------->|           |       POST /orders
 *                4    |           |---------->|       GET /users/u-1
 *                4    |           |           !       FAULT hang
 *             3004    |< - - - - -|           |       500
 *
 * Names lose "-service" and, at last, their ends when the texts would get too little room.
 */
#include "report/block.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/participants.h"

enum {
    NAMES_MAX = 5, /* lifelines; a participant beyond them is named in the text */
    TIME_DIGITS = 24,
    NAME_BYTES = 128,
    NAME_COLUMNS = 24,
    NAME_SHORT = 8, /* columns of a name when room is short */
    GAP_MIN = 8,    /* columns between lifelines, for an arrow */
    TEXT_GOOD = 56, /* columns for the texts; with less, names lose "-service" */
    TEXT_MIN = 26   /* with less, names lose their ends */
};

struct table {
    const char *full[NAMES_MAX];       /* as the story has them; borrowed */
    char names[NAMES_MAX][NAME_BYTES]; /* as they are printed, clean */
    int at[NAMES_MAX];                 /* column of each lifeline */
    int count;
    int time_width;
    const char *unit;
    int text_at; /* column where texts start */
};

static int find_name(const struct table *table, const char *name)
{
    return find_participant(table->full, table->count, name);
}

static void clean_name(const char *name, char out[NAME_BYTES])
{
    struct text clean = {0};
    layout_clean(&clean, name, strlen(name));
    size_t size = layout_piece(text_str(&clean), NAME_COLUMNS);
    snprintf(out, NAME_BYTES, "%.*s", (int)size, text_str(&clean));
    text_release(&clean);
}

/* Sets the lifelines' columns, each in the middle of its name. */
static void place(struct table *table)
{
    int at = BLOCK_INDENT + table->time_width + 2;
    int right = at; /* first free column */

    for (int i = 0; i < table->count; i++) {
        int wide = layout_columns(table->names[i]);
        int middle = right + wide / 2;
        if (i > 0 && middle < table->at[i - 1] + GAP_MIN)
            middle = table->at[i - 1] + GAP_MIN;
        table->at[i] = middle;
        right = middle - wide / 2 + wide + 2;
    }
    table->text_at = right + 1;
}

static void shorten(struct table *table)
{
    static const char suffix[] = "-service";
    for (int i = 0; i < table->count; i++) {
        size_t length = strlen(table->names[i]), tail = sizeof suffix - 1;
        if (length > tail && strcmp(table->names[i] + length - tail, suffix) == 0)
            table->names[i][length - tail] = '\0';
    }
    place(table);
    if (LAYOUT_COLUMNS - table->text_at >= TEXT_MIN)
        return;
    for (int i = 0; i < table->count; i++) {
        size_t keep = layout_piece(table->names[i], NAME_SHORT - 1);
        if (table->names[i][keep] != '\0')
            snprintf(table->names[i] + keep, NAME_BYTES - keep, "~");
    }
    place(table);
}

static struct table make_table(const struct story *story)
{
    struct table table = {.unit = story->virtual_time ? "(virtual ms)" : "(ms)"};

    table.time_width = (int)strlen(table.unit);
    table.count = story_participants(story, table.full, NAMES_MAX);
    for (int i = 0; i < table.count; i++)
        clean_name(table.full[i], table.names[i]);
    for (int i = 0; i < story->count; i++) {
        int digits = snprintf(NULL, 0, "%" PRId64, story->lines[i].at_ms);
        if (digits > table.time_width)
            table.time_width = digits;
    }
    place(&table);
    if (LAYOUT_COLUMNS - table.text_at < TEXT_GOOD)
        shorten(&table);
    return table;
}

static void header(struct lines *out, const struct table *table)
{
    struct text line = {0};
    text_addf(&line, "  %-*s%*s", BLOCK_INDENT - 2, "story", table->time_width, table->unit);
    for (int i = 0; i < table->count; i++) {
        int start = table->at[i] - layout_columns(table->names[i]) / 2;
        int pad = start - layout_columns(text_str(&line));
        text_addf(&line, "%*s%s", pad > 0 ? pad : 0, "", table->names[i]);
    }
    lines_add(out, TONE_PLAIN, "%s", text_str(&line));
    text_release(&line);
}

/* The arrow between two lifelines, columns from..to of row. */
static void arrow(char *row, int from, int to, enum story_kind kind)
{
    int left = from < to ? from : to, right = from < to ? to : from;

    for (int i = left + 1; i < right; i++)
        row[i] = kind == STORY_REPLY ? (i % 2 == 0 ? '-' : ' ') : kind == STORY_WRONG ? '=' : '-';
    if (kind == STORY_FAULT)
        row[(left + right) / 2] = '!';
    row[from < to ? right - 1 : left + 1] = from < to ? '>' : '<';
}

/* The lifelines beside one line of text; step is NULL below a step's first line. */
static void draw(char *row, const struct table *table, const struct story_line *step)
{
    memset(row, ' ', (size_t)table->text_at);
    row[table->text_at] = '\0';
    for (int i = 0; i < table->count; i++)
        row[table->at[i]] = '|';
    if (step == NULL)
        return;

    int from = find_name(table, step->from), to = find_name(table, step->to);
    char mark = step->kind == STORY_FAULT ? '!' : step->kind == STORY_WRONG ? 'x' : 'o';
    if (from >= 0 && to >= 0 && from != to)
        arrow(row, table->at[from], table->at[to], step->kind);
    else if (from >= 0 || to >= 0)
        row[table->at[from >= 0 ? from : to]] = mark;
    if (step->kind == STORY_WRONG)
        row[BLOCK_INDENT - 2] = 'x';

    char time[TIME_DIGITS];
    int digits = snprintf(time, sizeof time, "%*" PRId64, table->time_width, step->at_ms);
    memcpy(row + BLOCK_INDENT, time, (size_t)digits);
}

/* What a step says: its kind as a word where it matters, who spoke if no lifeline shows it. */
static char *step_words(const struct table *table, const struct story_line *step)
{
    struct text words = {0};

    text_add(&words, step->kind == STORY_FAULT ? "FAULT " : "");
    text_add(&words, step->kind == STORY_WRONG ? "WRONG " : "");
    if (step->from != NULL && find_name(table, step->from) < 0)
        text_addf(&words, "%s: ", step->from);
    if (step->to != NULL && find_name(table, step->to) < 0)
        text_addf(&words, "to %s: ", step->to);
    text_add(&words, step->text == NULL ? "" : step->text);
    struct text clean = {0};
    text_add(&clean, "");
    layout_clean_short(&clean, text_str(&words), words.length);
    text_release(&words);
    return text_detach(&clean);
}

/* Adds one step, its text wrapped beside its lifelines; returns its height. out may be NULL. */
static int step_lines(struct lines *out, const struct table *table, const struct story_line *step)
{
    enum tone tone = step->kind == STORY_FAULT   ? TONE_FAULT
                     : step->kind == STORY_WRONG ? TONE_BAD
                                                 : TONE_PLAIN;
    char row[LAYOUT_COLUMNS];
    char *words = step_words(table, step);
    const char *rest = words;
    int height = 0;

    for (; height == 0 || (*rest != '\0' && height < STORY_TEXT_LINES); height++) {
        size_t piece = layout_piece(rest, LAYOUT_COLUMNS - table->text_at);
        draw(row, table, height == 0 ? step : NULL);
        if (out != NULL)
            lines_add(out, tone, "%s%.*s", row, (int)piece, rest);
        rest += piece;
    }
    if (*rest != '\0') {
        draw(row, table, NULL);
        if (out != NULL)
            lines_add(out, tone, "%s(%zu bytes more)", row, strlen(rest));
        height++;
    }
    free(words);
    return height;
}

static void left_out(struct lines *out, int steps)
{
    if (steps > 0)
        lines_add(out, TONE_QUIET, "%*s... %d %s left out here; the report page has all",
                  BLOCK_INDENT, "", steps, steps == 1 ? "step" : "steps");
}

/* The steps first..last that are shown. */
struct window {
    int first, last, height;
};

/* From the step where the rule broke the window grows backwards, then forwards, while it fits. */
static struct window choose(const struct table *table, const struct story *story, int max_lines)
{
    const int end = story->count - 1;
    int wrong = end;

    for (int i = end; i >= 0; i--)
        if (story->lines[i].kind == STORY_WRONG)
            wrong = i;
    struct window w = {wrong, wrong, 1 + step_lines(NULL, table, &story->lines[wrong])};
    while (w.first > 0) {
        int height = w.height + step_lines(NULL, table, &story->lines[w.first - 1]);
        if (height + (w.first > 1) + (w.last < end) > max_lines)
            break;
        w.height = height;
        w.first--;
    }
    while (w.last < end) {
        int height = w.height + step_lines(NULL, table, &story->lines[w.last + 1]);
        if (height + (w.first > 0) + (w.last < end - 1) > max_lines)
            break;
        w.height = height;
        w.last++;
    }
    w.height += (w.first > 0) + (w.last < end);
    return w;
}

void story_lines(struct lines *out, const struct story *story, int max_lines)
{
    if (story->count == 0)
        return;
    struct table table = make_table(story);
    struct window window = choose(&table, story, max_lines);
    if (window.height > max_lines) {
        lines_add(out, TONE_QUIET, "  story     %d steps; the report page has them", story->count);
        return;
    }
    header(out, &table);
    left_out(out, window.first);
    for (int i = window.first; i <= window.last; i++)
        step_lines(out, &table, &story->lines[i]);
    left_out(out, story->count - 1 - window.last);
}
