/*
 * Who the submissions are of.
 */
#include "grade/join.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "grade/member_name.h"
#include "grade/platform.h"
#include "grade/roster.h"

/* "a_b_c" as users that the roster has, each as long as it can be; 1 when all of it was one. */
static int join_users(const struct handed_in *class, struct submission *submission)
{
    const char *at = submission->id;
    while (*at != '\0') {
        size_t length = strlen(at);
        int row = NOBODY;
        for (; length > 0 && row < 0; length--) {
            if (at[length] != '\0' && at[length] != '_')
                continue;
            char *user = strndup(at, length);
            if (user == NULL)
                abort();
            row = roster_find(class, ID_AUTOGRADER_USERS, user);
            free(user);
            if (row >= 0)
                break;
        }
        if (row < 0)
            return 0;
        roster_join(submission, row);
        at += length + (at[length] == '_');
    }
    if (submission->row_count > 1)
        replace_string(&submission->group, submission->id, strlen(submission->id));
    return submission->row_count > 0;
}

/* All students of the group; 1 when there are any. */
static int join_group(const struct handed_in *class, struct submission *submission,
                      const char *group)
{
    for (int row = 0; row < class->student_count; row++)
        if (roster_same_group(class->students[row].group, group))
            roster_join(submission, row);
    return submission->row_count > 0;
}

static void say_unknown(struct handed_in *class, struct submission *submission, int row)
{
    const char *why =
        row == SEVERAL ? "fits several students of the roster" : "is not in the roster";
    submission->needs_person |= row == SEVERAL;
    if (!submission->counts && submission->problem == NULL) /* an older attempt */
        return;
    text_addf(&class->lines, "%s ", id_kind_name(submission->kind));
    name_show(submission->id, &class->lines);
    if (submission->name[0] != '\0' && strcmp(submission->name, submission->id) != 0) {
        text_add(&class->lines, " (");
        name_show(submission->name, &class->lines);
        text_add(&class->lines, ")");
    }
    text_addf(&class->lines, " %s: it is graded under that id\n", why);
    if (row == SEVERAL)
        text_addf(&submission->notes, "whose this is must be decided by hand: the name %s\n", why);
}

static void join(struct handed_in *class, struct submission *submission)
{
    int row = NOBODY;
    switch (submission->kind) {
    case ID_GRADESCOPE_SUBMISSION: /* its own file has said so */
    case ID_CANVAS_ANONYMOUS:
        return;
    case ID_MOODLE_GROUP:
        if (!join_group(class, submission, submission->name))
            say_unknown(class, submission, NOBODY);
        return;
    case ID_GITHUB_LOGIN: /* or a team */
        row = roster_find(class, ID_GITHUB_LOGIN, submission->id);
        if (row == NOBODY && join_group(class, submission, submission->id))
            replace_string(&submission->group, submission->id, strlen(submission->id));
        if (submission->row_count > 0)
            return;
        break;
    case ID_AUTOGRADER_USERS:
        if (join_users(class, submission))
            return;
        submission->row_count = 0;
        break;
    case ID_BRIGHTSPACE_PAIR:
        row = roster_find_name(class, submission->name);
        break;
    case ID_NAME:
        row = roster_find(class, ID_NAME, submission->id);
        row = row == NOBODY ? roster_find_name(class, submission->id) : row;
        break;
    default:
        row = roster_find(class, submission->kind, submission->id);
    }
    if (row >= 0)
        roster_join(submission, row);
    else
        say_unknown(class, submission, row);
    if (row >= 0 && submission->group != NULL) /* handed in by one for all */
        join_group(class, submission, class->students[row].group);
}

static void take_names(const struct handed_in *class, struct submission *submission)
{
    struct text names = {0};
    for (int i = 0; i < submission->row_count; i++) {
        const struct student *student = &class->students[submission->rows[i]];
        text_addf(&names, "%s%s", i > 0 ? ", " : "",
                  student->name[0] != '\0' ? student->name : student->ids[0]);
    }
    if (submission->row_count > 0)
        replace_string(&submission->name, text_str(&names), names.length);
    text_release(&names);
}

static int is_of(const struct submission *submission, int row)
{
    for (int i = 0; i < submission->row_count; i++)
        if (submission->rows[i] == row)
            return 1;
    return 0;
}

/* One student whom two submissions name, which are no attempts of each other. */
static void say_twice(struct handed_in *class, int row)
{
    struct submission *first = NULL;
    for (int i = 0; i < class->count; i++) {
        struct submission *submission = &class->submissions[i];
        if (!is_of(submission, row))
            continue;
        if (first == NULL || strcmp(first->person, submission->person) == 0) {
            first = submission;
            continue;
        }
        roster_show(class, row, &class->lines);
        text_addf(&class->lines, " has two submissions (%s, %s): decide which one counts\n",
                  first->key, submission->key);
        first->needs_person = submission->needs_person = 1;
        return;
    }
}

/* It waits for a person to say which of several students of that name it is of. */
static int may_be_of(const struct submission *submission, const struct student *student)
{
    const char *name = submission->name[0] != '\0' ? submission->name : submission->id;
    return submission->row_count == 0 && submission->needs_person && student->name[0] != '\0' &&
           strcasecmp(name, student->name) == 0;
}

/* Nothing was handed in that names the student. Where submissions are anonymous, or of groups that
   the roster does not have, nobody can be said to be missing. */
static void say_missing(struct handed_in *class)
{
    for (int i = 0; i < class->count; i++)
        if (class->submissions[i].kind == ID_CANVAS_ANONYMOUS ||
            (class->submissions[i].kind == ID_MOODLE_GROUP && class->submissions[i].row_count == 0))
            return;
    for (int row = 0; row < class->student_count; row++) {
        int found = 0;
        for (int i = 0; i < class->count; i++)
            found |= is_of(&class->submissions[i], row) ||
                     may_be_of(&class->submissions[i], &class->students[row]);
        if (found)
            continue;
        roster_show(class, row, &class->missing);
        text_add(&class->missing, "\n");
    }
}

void join_roster(struct handed_in *class)
{
    if (class->student_count == 0)
        return;
    for (int i = 0; i < class->count; i++) {
        join(class, &class->submissions[i]);
        take_names(class, &class->submissions[i]);
    }
    for (int row = 0; row < class->student_count; row++)
        say_twice(class, row);
    say_missing(class);
}
