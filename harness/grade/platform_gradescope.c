/*
 * Gradescope's export: [assignment_N_export/]submission_ID/FILE, unpacked already, and
 * submission_metadata.yml, which says whose they are.
 *
 * The file is YAML as one Ruby library writes it, in forms that other readers refuse. What is
 * needed stands in the first levels, so it is read by its indentation:
 *
 *     submission_423401501:
 *       :submitters:
 *       - :name: Student One          a dash begins a submitter
 *         :sid: S00001
 *         :email: student-01@example.edu
 *       :created_at: 2026-11-06 17:41:05.861687000 Z
 *       :results: ...                 and all below it is passed over
 *
 * Deeper lines are text of checks and of students, which may look like keys. So may the lines of a
 * quoted text, which go on in the first column.
 */
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "grade/limits.h"
#include "grade/platform.h"
#include "grade/roster.h"

static const char metadata_name[] = "submission_metadata.yml";
static const char folder_word[] = "submission_";

static int place_gradescope(const char *name, const struct place_context *context,
                            struct placed *placed)
{
    static const char export_word[] = "assignment_";
    const char *slash = strchr(name, '/');
    (void)context;
    if (strncmp(name, export_word, strlen(export_word)) == 0 && slash != NULL)
        name = slash + 1;
    if (strcmp(name, metadata_name) == 0) {
        placed->role = ROLE_CLASS;
        return 1;
    }
    slash = strchr(name, '/');
    if (slash == NULL || strncmp(name, folder_word, strlen(folder_word)) != 0)
        return 0;
    placed->role = ROLE_FILE;
    placed->kind = ID_GRADESCOPE_SUBMISSION;
    placed->id = span_of(name + strlen(folder_word), slash);
    placed->file = span_all(slash + 1);
    return span_is_number(placed->id);
}

/* --- the metadata ----------------------------------------------------------------------------- */

struct metadata {
    struct handed_in *class;
    struct submission *submission; /* whose block is read; NULL = not one of ours */
    int in_submitters;
    char quote;            /* of the text that goes on in the next line; 0 = none does */
    int submitters, found; /* of the submission; those that the roster knows, or without one */
    struct text name, sid, email; /* of the submitter that is read */
};

static struct submission *find(struct handed_in *class, const char *id, size_t length)
{
    for (int i = 0; i < class->count; i++)
        if (strlen(class->submissions[i].id) == length &&
            strncmp(class->submissions[i].id, id, length) == 0)
            return &class->submissions[i];
    return NULL;
}

static void end_submitter(struct metadata *metadata)
{
    struct submission *submission = metadata->submission;
    if (submission == NULL ||
        metadata->name.length + metadata->sid.length + metadata->email.length == 0)
        return;
    int row = roster_find(metadata->class, ID_NAME, text_str(&metadata->email));
    if (row < 0)
        row = roster_find(metadata->class, ID_NAME, text_str(&metadata->sid));
    if (row >= 0)
        roster_join(submission, row);
    else if (metadata->class->student_count > 0)
        text_addf(&metadata->class->lines,
                  "submission %s: its submitter %s (%s) is not in the "
                  "roster\n",
                  submission->id, text_str(&metadata->name), text_str(&metadata->sid));
    struct text names = {0};
    text_addf(&names, "%s%s%s", submission->name, submission->name[0] != '\0' ? ", " : "",
              text_str(&metadata->name));
    replace_string(&submission->name, text_str(&names), names.length);
    text_release(&names);
    metadata->submitters++;
    text_clear(&metadata->name);
    text_clear(&metadata->sid);
    text_clear(&metadata->email);
}

static void end_submission(struct metadata *metadata)
{
    struct submission *submission = metadata->submission;
    end_submitter(metadata);
    if (submission != NULL && metadata->submitters == 0) {
        submission->counts = 0;
        submission->needs_person = 1;
        replace_string(&submission->problem, "Gradescope names no submitter: look whose this is",
                       strlen("Gradescope names no submitter: look whose this is"));
    }
    if (submission != NULL && metadata->submitters > 1)
        replace_string(&submission->group, submission->name, strlen(submission->name));
    metadata->submission = NULL;
    metadata->submitters = 0;
    metadata->in_submitters = 0;
}

/* The value behind "key: " without its quotes. */
static void take_value(const char *line, size_t length, const char *key, struct text *value)
{
    const size_t prefix = strlen(key);
    if (length < prefix || strncmp(line, key, prefix) != 0)
        return;
    line += prefix;
    length -= prefix;
    while (length > 0 && *line == ' ') {
        line++;
        length--;
    }
    if (length >= 2 && (*line == '"' || *line == '\'') && line[length - 1] == *line) {
        line++;
        length -= 2;
    }
    text_clear(value);
    text_append(value, line, length);
}

/* "2026-11-06 17:41:05.861687000 Z" as "2026-11-06T17:41:05.861687Z". */
static void take_time(struct submission *submission, const char *line, size_t length)
{
    struct text raw = {0}, time = {0};
    take_value(line, length, ":created_at:", &raw);
    const char *at = text_str(&raw), *space = strchr(at, ' ');
    if (space != NULL) {
        const size_t digits = strspn(space + 1, "0123456789:.");
        const char *point = memchr(space + 1, '.', digits);
        size_t kept = digits;
        while (point != NULL && kept > 0 && strchr("0.", space[kept]) != NULL &&
               space + kept >= point)
            kept--;
        text_addf(&time, "%.*sT%.*s%s", (int)(space - at), at, (int)kept, space + 1,
                  strchr(space + 1, 'Z') != NULL ? "Z" : "");
        replace_string(&submission->time, text_str(&time), time.length);
    }
    text_release(&raw);
    text_release(&time);
}

/* Behind the quote that ends the text; NULL when it goes on. '' and \" end nothing. */
static const char *behind_quote(const char *at, const char *end, char quote)
{
    for (; at < end; at++) {
        const int is_pair = at + 1 < end && ((quote == '"' && *at == '\\') ||
                                             (quote == '\'' && *at == quote && at[1] == quote));
        if (!is_pair && *at == quote)
            return at + 1;
        at += is_pair;
    }
    return NULL;
}

/* The quote of a text that the line begins and does not end; 0 = none. */
static char open_quote(const char *line, const char *end)
{
    while (line < end && (*line == ' ' || strncmp(line, "- ", 2) == 0))
        line++;
    for (const char *at = line; *line != '\'' && *line != '"' && at + 1 < end; at++)
        if (at[0] == ':' && at[1] == ' ') {
            line = at + 2;
            break;
        }
    if (line >= end || (*line != '\'' && *line != '"'))
        return 0;
    return behind_quote(line + 1, end, *line) == NULL ? *line : 0;
}

/* Whether the line is of a text that began before it. */
static int goes_on(struct metadata *metadata, const char *line, size_t length)
{
    const char quote = metadata->quote;
    if (quote == 0) {
        metadata->quote = open_quote(line, line + length);
        return 0;
    }
    if (behind_quote(line, line + length, quote) != NULL)
        metadata->quote = 0;
    return 1;
}

static void read_line(struct metadata *metadata, const char *line, size_t length)
{
    const size_t indent = strspn(line, " ");
    if (indent >= length)
        return;
    const char *text = line + indent;
    const size_t left = length - indent;
    if (indent == 0 && strncmp(text, folder_word, strlen(folder_word)) == 0 &&
        text[left - 1] == ':') {
        end_submission(metadata);
        metadata->submission =
            find(metadata->class, text + strlen(folder_word), left - 1 - strlen(folder_word));
        return;
    }
    if (metadata->submission == NULL || indent > 4)
        return;
    if (indent == 2 && *text == ':') {
        metadata->in_submitters = left >= 12 && strncmp(text, ":submitters:", 12) == 0;
        if (strncmp(text, ":created_at:", 12) == 0)
            take_time(metadata->submission, text, left);
        return;
    }
    if (!metadata->in_submitters)
        return;
    const int begins = indent == 2 && strncmp(text, "- ", 2) == 0;
    if (begins)
        end_submitter(metadata);
    const char *key = begins ? text + 2 : text;
    const size_t rest = begins ? left - 2 : left;
    take_value(key, rest, ":name:", &metadata->name);
    take_value(key, rest, ":sid:", &metadata->sid);
    take_value(key, rest, ":email:", &metadata->email);
}

static void finish_gradescope(const struct listing *all, struct handed_in *class)
{
    struct text text = {0};
    struct metadata metadata = {.class = class};
    for (int i = 0; i < all->count && text.length == 0; i++) {
        struct placed placed = {0};
        if (all->items[i].path != NULL && place_gradescope(all->items[i].name, NULL, &placed) &&
            placed.role == ROLE_CLASS)
            files_read(all->items[i].path, CSV_BYTES_MAX, &text, NULL);
    }
    for (const char *line = text_str(&text); *line != '\0';) {
        const size_t length = strcspn(line, "\r\n");
        if (!goes_on(&metadata, line, length))
            read_line(&metadata, line, length);
        line += length;
        line += strspn(line, "\r\n");
    }
    end_submission(&metadata);
    if (text.length == 0)
        text_addf(&class->lines, "%s is not there: whose submissions these are is not known\n",
                  metadata_name);
    text_release(&text);
    text_release(&metadata.name);
    text_release(&metadata.sid);
    text_release(&metadata.email);
}

const struct platform platform_gradescope = {"Gradescope", place_gradescope, finish_gradescope};
