/*
 * Reading CSV (RFC 4180, and what is written in its name).
 */
#include "grade/csv.h"

#include <stdlib.h>
#include <string.h>

#include "kit/text.h"

static const char *const byte_order_mark = "\xef\xbb\xbf";

static void *grown(void *array, int count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return array; /* it grows at powers of two */
    void *more = realloc(array, (count == 0 ? 1 : 2 * (size_t)count) * size);
    if (more == NULL)
        abort();
    return more;
}

/* The one that most often stands outside of quotes in the first line; ',' when none does. */
static char separator_of(const char *text)
{
    static const char candidates[] = ",;\t";
    int counts[3] = {0}, quoted = 0, best = 0;
    for (; *text != '\0' && (quoted || (*text != '\n' && *text != '\r')); text++) {
        quoted ^= *text == '"';
        const char *which = quoted ? NULL : strchr(candidates, *text);
        if (which != NULL)
            counts[which - candidates]++;
    }
    for (int i = 1; i < 3; i++)
        best = counts[i] > counts[best] ? i : best;
    return candidates[best];
}

/* The text of the cell at *at, the caller's to free; moves *at to what ends it. */
static char *read_cell(const char **at, char separator)
{
    struct text cell = {0};
    text_add(&cell, "");
    if (**at == '"') {
        for (++*at; **at != '\0'; ++*at) {
            if (**at == '"' && *++*at != '"')
                break;
            text_append(&cell, *at, 1);
        }
    }
    const char ends[] = {separator, '\r', '\n', '\0'};
    const size_t length = strcspn(*at, ends);
    text_append(&cell, *at, length);
    *at += length;
    return text_detach(&cell);
}

static void release_row(struct csv_row *row)
{
    for (int i = 0; i < row->count; i++)
        free(row->cells[i]);
    free(row->cells);
    *row = (struct csv_row){0};
}

void csv_read(struct csv *csv, const char *text)
{
    if (strncmp(text, byte_order_mark, strlen(byte_order_mark)) == 0)
        text += strlen(byte_order_mark);
    const char separator = separator_of(text);
    while (*text != '\0') {
        struct csv_row row = {0};
        int has_text = 0;
        for (;; text++) {
            row.cells = grown(row.cells, row.count, sizeof *row.cells);
            row.cells[row.count] = read_cell(&text, separator);
            has_text |= row.cells[row.count++][0] != '\0';
            if (*text != separator)
                break;
        }
        text += strspn(text, "\r\n");
        if (!has_text) {
            release_row(&row);
            continue;
        }
        csv->rows = grown(csv->rows, csv->count, sizeof *csv->rows);
        csv->rows[csv->count++] = row;
    }
}

const char *csv_cell(const struct csv *csv, int row, int column)
{
    if (row < 0 || row >= csv->count || column < 0 || column >= csv->rows[row].count)
        return "";
    return csv->rows[row].cells[column];
}

void csv_release(struct csv *csv)
{
    for (int i = 0; i < csv->count; i++)
        release_row(&csv->rows[i]);
    free(csv->rows);
    *csv = (struct csv){0};
}
