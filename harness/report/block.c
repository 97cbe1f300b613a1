#include "report/block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "course/lab.h"
#include "report/command.h"

enum {
    BESIDE_COLUMNS = 38, /* expected and got share a line when both are within this */
    WINDOW_BEFORE = 200  /* bytes shown before the first difference of texts that are too long */
};

static void head(struct lines *out, const struct lab_result *lab, const struct result *result)
{
    struct text name = {0}, points = {0};
    static const char marks[] = {[VERDICT_PASS] = '+',
                                 [VERDICT_FAIL] = 'x',
                                 [VERDICT_CRASH] = 'x',
                                 [VERDICT_WAITING] = '.',
                                 [VERDICT_ERROR] = '!'};

    text_addf(&name, "%c %s  %s", marks[result->verdict], lab->lab->name, result->check->id);
    text_addf(&points, "%d of %d points", result->points, result->check->points);
    int gap = LAYOUT_COLUMNS - layout_columns(text_str(&name)) - (int)points.length;
    lines_add(out, result->verdict == VERDICT_PASS ? TONE_GOOD : TONE_BAD, "%s%*s%s",
              text_str(&name), gap > 2 ? gap : 2, "", text_str(&points));
    text_release(&name);
    text_release(&points);
}

/* A labelled text, wrapped; max_lines 0 = all. */
static void part(struct lines *out, enum tone tone, const char *name, const char *clean,
                 int max_lines)
{
    char label[BLOCK_INDENT + 1];

    snprintf(label, sizeof label, "  %-*s", BLOCK_INDENT - 2, name);
    size_t left = lines_wrap(out, tone, label, BLOCK_INDENT, clean, max_lines);
    if (left > 0)
        lines_add(out, TONE_QUIET, "%*s(%zu bytes more)", BLOCK_INDENT, "", left);
}

/* Bytes at the start that a and b share, at a character's border. */
static size_t shared_bytes(const char *a, const char *b)
{
    size_t same = 0;
    while (a[same] != '\0' && a[same] == b[same])
        same++;
    while (same > 0 && ((unsigned char)a[same] & 0xc0) == 0x80)
        same--;
    return same;
}

/* A text too long for the block: what stands around the first difference, and where that is. */
static void window_part(struct lines *out, enum tone tone, const char *name, const char *clean,
                        size_t same, int max_lines)
{
    char label[BLOCK_INDENT + 1];
    size_t first = same > WINDOW_BEFORE ? same - WINDOW_BEFORE : 0;

    while (first > 0 && ((unsigned char)clean[first] & 0xc0) == 0x80)
        first--;
    snprintf(label, sizeof label, "  %-*s", BLOCK_INDENT - 2, name);
    lines_add(out, TONE_QUIET,
              "%s(%zu bytes; from byte %zu; first difference at byte %zu; whole in results.json)",
              label, strlen(clean), first, same);
    lines_wrap(out, tone, "            ", BLOCK_INDENT, clean + first, max_lines - 1);
}

/* Whole where whole_lines do, else each a window, together within window_lines. */
static void compare(struct lines *out, const struct result *result, int whole_lines,
                    int window_lines)
{
    char *expected = layout_clean_string(result->expected);
    char *got = layout_clean_string(result->got);
    struct lines whole = {0};

    if (result->expected != NULL && result->got != NULL &&
        layout_columns(expected) <= BESIDE_COLUMNS && layout_columns(got) <= BESIDE_COLUMNS) {
        lines_add(&whole, TONE_PLAIN, "  expected  %s%*sgot  %s", expected,
                  BESIDE_COLUMNS - layout_columns(expected) + 2, "", got);
    } else {
        if (result->expected != NULL)
            part(&whole, TONE_PLAIN, "expected", expected, 0);
        if (result->got != NULL)
            part(&whole, TONE_PLAIN, "got", got, 0);
    }
    if (whole.count > whole_lines) {
        size_t same = shared_bytes(expected, got);
        lines_cut(&whole, 0);
        window_part(&whole, TONE_PLAIN, "expected", expected, same, window_lines / 2);
        window_part(&whole, TONE_PLAIN, "got", got, same, window_lines / 2);
    }
    lines_move(out, &whole);
    free(expected);
    free(got);
}

/* Adds at most max_lines lines of text that may have many: its first ones, or its last ones. */
static void some_lines(struct lines *out, const char *name, const char *string, int max_lines,
                       int last_ones)
{
    struct lines all = {0};
    const char *at = string;

    while (at != NULL && *at != '\0') {
        size_t length = strcspn(at, "\n");
        struct text clean = {0};
        layout_clean(&clean, at, length);
        part(&all, TONE_QUIET, all.count == 0 && !last_ones ? name : "", text_str(&clean), 2);
        text_release(&clean);
        at += length + (at[length] == '\n');
    }
    int first = last_ones && all.count > max_lines ? all.count - max_lines : 0;
    for (int i = first; i < all.count && i < first + max_lines; i++)
        lines_add(out, TONE_QUIET, "  %-*s%s", BLOCK_INDENT - 2, i == first ? name : "",
                  all.lines[i].text + BLOCK_INDENT);
    lines_release(&all);
}

/* How it ended, when that is more than a wrong answer: reason, first frame, its own output. */
static void ending(struct lines *out, const struct result *result)
{
    if (result->verdict != VERDICT_FAIL || strcmp(result->reason, "wrong answer") != 0) {
        struct text words = {0};
        text_addf(&words, "%s%s%s",
                  result->verdict == VERDICT_FAIL ? "" : verdict_name(result->verdict),
                  result->verdict == VERDICT_FAIL || result->reason[0] == '\0' ? "" : ": ",
                  result->reason);
        if (result->verdict == VERDICT_ERROR)
            text_add(&words, " (the grader's own fault, nothing of yours; it scores nothing)");
        part(out, TONE_PLAIN, "reason", text_str(&words), 2);
        text_release(&words);
    }
    some_lines(out, "detail", result->detail, BLOCK_DETAIL_LINES, 0);
    some_lines(out, "printed", result->output, BLOCK_OUTPUT_LINES, 1);
}

/* Bytes of the command's first line: all, or what fits with a backslash up to an argument, and if
   none does up to the first one. */
static size_t command_piece(const char *command)
{
    static const char *const arguments[] = {" LABS=", " SEED="};
    const int room = LAYOUT_COLUMNS - BLOCK_INDENT;
    size_t piece = strlen(command);

    if (layout_columns(command) <= room)
        return piece;
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        const char *found = strstr(command, arguments[i]);
        if (found == NULL)
            continue;
        piece = (size_t)(found - command);
        if ((int)piece + (int)strlen(" \\") <= room)
            break;
    }
    return piece;
}

/* A command that does not fit goes on behind a backslash, so that it can still be copied; an
   argument is never broken, however long it is. */
static void command_part(struct lines *out, const char *name, const char *command)
{
    while (command[0] != '\0') {
        const size_t piece = command_piece(command);
        const int last = command[piece] == '\0';
        lines_add(out, TONE_PLAIN, "  %-*s%.*s%s", BLOCK_INDENT - 2, name, (int)piece, command,
                  last ? "" : " \\");
        command += piece + !last;
        name = "";
    }
}

static void tail(struct lines *out, const struct run_result *run, const struct lab_result *lab,
                 const struct result *result)
{
    struct text replay = {0}, read = {0}, hint = {0};

    replay_command(&replay, run, lab, result);
    command_part(out, "replay", text_str(&replay));
    read_place(&read, lab, result);
    hint_command(&hint, lab, result);
    if (BLOCK_INDENT + read.length + hint.length + 12 <= LAYOUT_COLUMNS) {
        lines_add(out, TONE_PLAIN, "  read      %s      hint: %s", text_str(&read),
                  text_str(&hint));
    } else {
        part(out, TONE_PLAIN, "read", text_str(&read), 0);
        command_part(out, "hint", text_str(&hint));
    }
    text_release(&replay);
    text_release(&read);
    text_release(&hint);
}

void block_lines(struct lines *out, const struct run_result *run, const struct lab_result *lab,
                 const struct result *result)
{
    struct lines end = {0}, last = {0}, compared = {0}, block = {0};
    char *rule = layout_clean_string(result->check->rule);

    head(&block, lab, result);
    part(&block, TONE_PLAIN, "rule", rule, BLOCK_RULE_LINES);
    ending(&end, result);
    tail(&last, run, lab, result);

    /* The compared texts are whole if that leaves a line for the story, else windows; the story
       gets what is left. */
    int room = BLOCK_LINES - block.count - end.count - last.count;
    compare(&compared, result, room - 1, room - BLOCK_STORY_LINES);
    if (compared.count > room - BLOCK_STORY_LINES && end.count > 2) {
        lines_cut(&end, 2);
        room = BLOCK_LINES - block.count - end.count - last.count;
    }
    if (room > compared.count)
        story_lines(&block, &result->story, room - compared.count);
    lines_move(&block, &compared);
    lines_move(&block, &end);
    lines_move(&block, &last);
    lines_move(out, &block);
    free(rule);
}
