/*
 * Pages of the course as tests read them: their tables row by row, and their code: lines of code
 * blocks, and what stands between backticks.
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

enum { PAGE_MAX = 1 << 20, CELLS_MAX = 8, CELL_MAX = 400, CODE_MAX = 600 };

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

/* Whether a cell of the table's column is just these words; *row is then that row. */
static inline int has_row(const char *page, const char *heading, int column, const char *words,
                          struct row *row)
{
    for (int state = 0; row_next(page, heading, &state, row);)
        if (strcmp(row->cells[column], words) == 0)
            return 1;
    return 0;
}

/* --- code ------------------------------------------------------------------------------------- */

struct code {
    const char *page;
    int line;
    int in_block;        /* 1: a line of a code block, 0: between backticks in a sentence */
    char text[CODE_MAX]; /* lines that go on are joined */
    char note[CELL_MAX]; /* what stands behind its # */
    const char *below;   /* the rest of the page */
};
typedef void code_visitor(const struct code *code, void *context);

/* Whether it is something to type: a known word, and no arrow of a picture behind it. */
static inline int is_command(const char *code)
{
    static const char *const begin[] = {"make ",   "build/svclab ", "build/trees/",
                                        "svclab ", "curl ",         "docker ",
                                        "git ",    "printf ",       "$EDITOR "};
    for (size_t i = 0; i < sizeof begin / sizeof begin[0]; i++)
        if (strncmp(code, begin[i], strlen(begin[i])) == 0)
            return strstr(code, " -> ") == NULL;
    return strcmp(code, "make") == 0;
}

/* Cuts a note ("make test   # what it is") off the code. */
static inline void code_cut_note(struct code *code)
{
    char *note = strstr(code->text, " #");
    if (note == NULL)
        return;
    snprintf(code->note, sizeof code->note, "%s", note + 2);
    while (note > code->text && note[-1] == ' ')
        note--;
    *note = '\0';
}

/* A line of a code block, with the lines that it goes on in. Returns how many those are. */
static inline int code_in_block(struct code *code, const char *line, code_visitor *visit,
                                void *context)
{
    int more = 0;
    size_t used = 0;
    for (;; more++) {
        line += strspn(line, " ");
        const size_t length = strcspn(line, "\n");
        const int goes_on = length > 0 && line[length - 1] == '\\' && line[length] != '\0';
        used += (size_t)snprintf(code->text + used, CODE_MAX - used, "%.*s",
                                 (int)(length - (size_t)goes_on), line);
        ck_assert_uint_lt(used, CODE_MAX);
        line += length;
        if (!goes_on)
            break;
        line++;
    }
    code->in_block = 1;
    code->note[0] = '\0';
    code->below = line;
    code_cut_note(code);
    visit(code, context);
    return more;
}

/* Code between backticks, which may go on in the next line of its paragraph. */
static inline void code_in_sentence(struct code *code, const char *open, code_visitor *visit,
                                    void *context)
{
    const char *close = strchr(open + 1, '`'), *end = strstr(open, "\n\n");
    if (close == NULL || (end != NULL && close > end) || close - open > CODE_MAX)
        return;
    size_t used = 0;
    for (const char *at = open + 1; at < close; at++)
        if (*at != '\n')
            code->text[used++] = *at;
        else /* as a blank, without the next line's margin */
            for (code->text[used++] = ' '; at[1] == ' ';)
                at++;
    code->text[used] = '\0';
    code->in_block = 0;
    code->note[0] = '\0';
    code->below = close + 1;
    visit(code, context);
}

/* A line of text: code opens and closes at backticks. open: it began in the line before. Returns
   whether it goes on in the next one. */
static inline int code_in_line(struct code *code, const char *line, const char *end, int open,
                               code_visitor *visit, void *context)
{
    for (const char *tick = line; tick < end; tick++)
        if (*tick == '`') {
            if (!open)
                code_in_sentence(code, tick, visit, context);
            open = !open;
        }
    return line < end && open; /* no code goes on behind an empty line */
}

enum block { BLOCK_NONE, BLOCK_CODE, BLOCK_PICTURE };

/* What begins, or ends, at a fence. */
static inline enum block block_at(const char *fence, enum block before)
{
    if (before != BLOCK_NONE)
        return BLOCK_NONE;
    return strncmp(fence, "```dot", 6) == 0 || strncmp(fence, "```seq", 6) == 0 ? BLOCK_PICTURE
                                                                                : BLOCK_CODE;
}

/* Visits each line of a page's code blocks, and all code in its sentences; not the sources of
   pictures. */
static inline void code_of_page(const char *path, code_visitor *visit, void *context)
{
    struct text page = page_read(path);
    struct code code = {.page = path};
    enum block block = BLOCK_NONE;
    int joined = 0, open = 0;
    for (const char *at = text_str(&page); *at != '\0'; at += *at == '\n') {
        code.line++;
        const char *end = at + strcspn(at, "\n");
        if (strncmp(at, "```", 3) == 0)
            block = block_at(at, block);
        else if (joined > 0)
            joined--;
        else if (block == BLOCK_CODE || (strncmp(at, "    ", 4) == 0 && !open))
            joined = code_in_block(&code, at, visit, context);
        else if (block == BLOCK_NONE)
            open = code_in_line(&code, at, end, open, visit, context);
        at = end;
    }
    text_release(&page);
}

/* --- words ------------------------------------------------------------------------------------ */

enum { WORDS_MAX = 24, WORD_MAX = 200 };

struct words {
    int count;
    char list[WORDS_MAX][WORD_MAX];
};

/* As a shell does, as far as pages need it: quotes go, and so do the brackets of what may be left
   out. Stops at > and at |. */
static inline void words_split(const char *text, struct words *words)
{
    size_t used = 0;
    char quote = '\0';
    words->count = 0;
    for (const char *at = text;; at++) {
        const int ends = *at == '\0' || (quote == '\0' && strchr(" >|", *at) != NULL);
        if (ends && used > 0) {
            words->list[words->count++][used] = '\0';
            used = 0;
        }
        if (*at == '\0' || (ends && *at != ' ') || words->count == WORDS_MAX)
            return;
        if (quote == '\0' && (*at == '\'' || *at == '"'))
            quote = *at;
        else if (*at == quote)
            quote = '\0';
        else if (!ends && (quote != '\0' || strchr("[]", *at) == NULL) && used < WORD_MAX - 1)
            words->list[words->count][used++] = *at;
    }
}

/* --- pages ------------------------------------------------------------------------------------ */

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
