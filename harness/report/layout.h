/*
 * Laying text out for a terminal: escaped, measured in columns, wrapped into lines.
 *
 * What students' code printed or answered may hold any byte. layout_clean makes it harmless;
 * everything below it measures and wraps clean text only.
 */
#ifndef REPORT_LAYOUT_H
#define REPORT_LAYOUT_H

#include <stddef.h>
#include "kit/text.h"

enum { LAYOUT_COLUMNS = 100 }; /* the width of everything printed */

/* What a line is, for colour; its words say the same without. */
enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_FAULT, TONE_QUIET };

struct line {
    char *text;
    enum tone tone;
};

struct lines {
    struct line *lines;
    int count, capacity;
};

void lines_add(struct lines *lines, enum tone tone, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds an empty line, unless the last one is. */
void lines_gap(struct lines *lines);
/* Moves all lines of `from` to the end of `to`. */
void lines_move(struct lines *to, struct lines *from);
/* Frees the lines from `count` on. */
void lines_cut(struct lines *lines, int count);
void lines_release(struct lines *lines);

/* Adds clean text after label, wrapped at spaces where it can be, so that label and every further
   line, indented by `indent` columns, stay within LAYOUT_COLUMNS. No byte is lost: the pieces,
   joined, are the text. Wraps at most max_lines; 0 = all. Returns the bytes left out. */
size_t lines_wrap(struct lines *lines, enum tone tone, const char *label, int indent,
                  const char *clean, int max_lines);

/* Appends bytes with control, bidirectional and invalid ones escaped (\n, \x1b, \u202e). */
void layout_clean(struct text *out, const char *bytes, size_t length);
/* The same, with ids of 36 characters as their ends, 0193..68b2: for stories, where they are met
   again and again. What must be compared is never shortened. */
void layout_clean_short(struct text *out, const char *bytes, size_t length);
char *layout_clean_string(const char *string); /* the caller's to free; NULL is "" */

/* Columns that clean text takes: East Asian wide characters two, combining marks none. */
int layout_columns(const char *clean);

/* The longest piece of clean text within `columns`, in bytes; at least one character. When the text
   goes on it ends behind a space, if there is one in its second half. */
size_t layout_piece(const char *clean, int columns);

#endif
