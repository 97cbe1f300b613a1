/*
 * Who is in the class: a CSV file, as any platform exports it or as somebody typed it.
 *
 * Its first rows are looked through for a header. Known are the columns that name a student
 * (login, email, SIS User ID, Identifier, github_username ...), those of names and of groups; all
 * others are passed over. Autolab's file has no header and is known by its shape; a column in which
 * every cell is an address is one, in whatever language its header is. Rows in which no column
 * names a student are none: Canvas' points possible.
 */
#ifndef GRADE_ROSTER_H
#define GRADE_ROSTER_H

#include "grade/intake.h"

enum { NOBODY = -1, SEVERAL = -2 };

/* Fills students and columns of the class. ERR_NOT_FOUND, ERR_IO; ERR_INVALID when it names
   nobody. */
int roster_read(const char *path, struct handed_in *class, struct error *err);

/* The student's place, NOBODY or SEVERAL. Without regard to the case of A to Z. An id of some kind
   is looked for in the columns that hold that kind, in all where the roster has no such column. */
int roster_find(const struct handed_in *class, enum id_kind kind, const char *id);
int roster_find_name(const struct handed_in *class, const char *name);

/* Whether two names of a group are one: platforms take signs out of them, and change their case. */
int roster_same_group(const char *left, const char *right);

/* The submission is the student's too; once, however often it is said. */
void roster_join(struct submission *submission, int student);

/* Appends "Student Ten (student-10)". */
void roster_show(const struct handed_in *class, int student, struct text *out);

#endif
