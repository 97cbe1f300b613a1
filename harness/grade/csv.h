/*
 * Reading CSV as platforms and spreadsheets write it: separated by commas, semicolons or tabs (the
 * first line decides), cells quoted or not, with quotes doubled inside, perhaps a byte order mark,
 * any line end.
 */
#ifndef GRADE_CSV_H
#define GRADE_CSV_H

#include <stddef.h>

struct csv_row {
    char **cells;
    int count;
};

struct csv { /* {0} is an empty one; rows without any text are left out */
    struct csv_row *rows;
    int count;
};

/* Reads the text, which is cut at a NUL. */
void csv_read(struct csv *csv, const char *text);
const char *csv_cell(const struct csv *csv, int row, int column); /* "" where there is none */
void csv_release(struct csv *csv);

#endif
