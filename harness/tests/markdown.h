/*
 * Pages of the course as tests read them: tables row by row, and the commands that they name.
 */
#ifndef TESTS_MARKDOWN_H
#define TESTS_MARKDOWN_H

#include <check.h>
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "kit/text.h"

enum { PAGE_MAX = 1 << 20, CELLS_MAX = 8, CELL_MAX = 400, COMMAND_MAX = 600 };

/* Reads a file of the repository whole. The caller releases it. */
static inline struct text page_read(const char *path)
{
    struct text page = {0};
    ck_assert_msg(files_read(path, PAGE_MAX, &page, NULL) == 0,
                  "cannot read %s: run from the root of the repository", path);
    return page;
}

/* --- tables ----------------------------------------------------------------------------------- */

struct row {
    int line; /* in its page */
    int count;
    char cells[CELLS_MAX][CELL_MAX]; /* without the blanks around them */
};

static inline void row_cell(struct row *row, const char *begin, const char *end)
{
    while (begin < end && *begin == ' ')
        begin++;
    while (end > begin && end[-1] == ' ')
        end--;
    ck_assert_int_lt(row->count, CELLS_MAX);
    ck_assert_int_lt(end - begin, CELL_MAX);
    snprintf(row->cells[row->count++], CELL_MAX, "%.*s", (int)(end - begin), begin);
}

/* "| a | b |" as its cells; a bar behind a backslash is part of its cell. */
static inline void row_parse(struct row *row, const char *line)
{
    row->count = 0;
    const char *begin = line + 1;
    for (const char *at = begin; *at != '\0' && *at != '\n'; at++)
        if (*at == '|' && at[-1] != '\\') {
            row_cell(row, begin, at);
            begin = at + 1;
        }
}

/* Walks over the first table below a heading ("## Limits"); *state is 0 at first. 1 with the next
   row, its head and the line below that aside; 0 behind the last one. */
static inline int row_next(const char *page, const char *heading, int *state, struct row *row)
{
    int line = 0, below = 0, seen = 0;
    for (const char *at = page; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
        const size_t length = strcspn(at, "\n");
        line++;
        if (!below)
            below = strlen(heading) == length && strncmp(at, heading, length) == 0;
        else if (at[0] == '|' && ++seen > 2 + *state) {
            row_parse(row, at);
            row->line = line;
            ++*state;
            return 1;
        } else if (at[0] != '|' && seen > 0)
            return 0;
    }
    ck_assert_msg(below, "there is no heading '%s'", heading);
    return 0;
}

/* --- commands --------------------------------------------------------------------------------- */

struct command {
    const char *page;
    int line;
    char text[COMMAND_MAX]; /* lines that go on are joined */
    char note[CELL_MAX];    /* what stands behind a # */
};
typedef void command_visitor(const struct command *command, void *context);

/* Whether a line of code, or code in a sentence, is something to type. */
static inline int is_command(const char *code)
{
    static const char *const begin[] = {
        "make ",   "build/svclab ", "build/asan/", "svclab ",  "curl ",
        "docker ", "git ",          "printf ",     "$EDITOR ", NULL};
    for (int i = 0; begin[i] != NULL; i++)
        if (strncmp(code, begin[i], strlen(begin[i])) == 0)
            return 1;
    return strcmp(code, "make") == 0;
}

/* Cuts a note ("make test   # what it is") off the command. */
static inline void command_cut_note(struct command *command)
{
    char *note = strstr(command->text, " #");
    if (note == NULL)
        return;
    snprintf(command->note, sizeof command->note, "%s", note + 2);
    while (note > command->text && note[-1] == ' ')
        note--;
    *note = '\0';
}

/* A line of a code block, with the lines that it goes on in. Returns how many those are. */
static inline int command_in_block(struct command *command, const char *line,
                                   command_visitor *visit, void *context)
{
    int more = 0;
    size_t used = 0;
    line += strspn(line, " ");
    if (!is_command(line))
        return 0;
    for (;; more++) {
        const size_t length = strcspn(line, "\n");
        const int goes_on = length > 0 && line[length - 1] == '\\';
        used += (size_t)snprintf(command->text + used, COMMAND_MAX - used, "%.*s",
                                 (int)(length - (size_t)goes_on), line);
        ck_assert_uint_lt(used, COMMAND_MAX);
        if (!goes_on)
            break;
        line += length + 1;
        line += strspn(line, " ");
    }
    command->note[0] = '\0';
    command_cut_note(command);
    visit(command, context);
    return more;
}

/* Code between backticks, which may go on in the next line of its paragraph. */
static inline void command_in_sentence(struct command *command, const char *open,
                                       command_visitor *visit, void *context)
{
    const char *close = strchr(open + 1, '`'), *end = strstr(open, "\n\n");
    if (close == NULL || (end != NULL && close > end) || close - open > COMMAND_MAX)
        return;
    snprintf(command->text, COMMAND_MAX, "%.*s", (int)(close - open - 1), open + 1);
    for (char *at = command->text; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    command->note[0] = '\0';
    if (is_command(command->text))
        visit(command, context);
}

/* Visits each command of a page: lines of code blocks, and code in sentences. */
static inline void commands_of_page(const char *path, command_visitor *visit, void *context)
{
    struct text page = page_read(path);
    struct command command = {.page = path};
    int fenced = 0, goes_on = 0, open = 0; /* open: inside code that began in the line before */
    for (const char *at = text_str(&page); *at != '\0'; at += *at == '\n') {
        command.line++;
        const char *end = at + strcspn(at, "\n");
        const int fence = strncmp(at, "```", 3) == 0;
        fenced ^= fence;
        if (goes_on > 0)
            goes_on--;
        else if (fenced || (strncmp(at, "    ", 4) == 0 && !open))
            goes_on = command_in_block(&command, at, visit, context);
        else if (at == end || fence)
            open = 0;
        else
            for (const char *tick = at; tick < end; tick++)
                if (*tick == '`') {
                    if (!open)
                        command_in_sentence(&command, tick, visit, context);
                    open = !open;
                }
        at = end;
    }
    text_release(&page);
}

/* Every page that a student, an instructor or a maintainer reads. The caller calls globfree. */
static inline void pages_find(glob_t *pages)
{
    static const char *const patterns[] = {
        "README.md", "labs/*/README.md", "exercises/*.md",     "exercises/*/README.md",
        "docs/*.md", "docs/adr/*.md",    "harness/*/README.md"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        ck_assert_msg(glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, pages) == 0,
                      "there is no %s: run from the root of the repository", patterns[i]);
}

#endif
