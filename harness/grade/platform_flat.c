/*
 * Platforms that put it all into the names of files: Canvas, Moodle, Autolab.
 */
#include "grade/platform.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "grade/roster.h"

/* --- Canvas ----------------------------------------------------------------------------------- */

/* NAME[_LATE]_USER_FILE_ORIGINAL, NAME[_LATE]_USER_text.html for what was typed; NAME has no
   underscore. Anonymous: [LATE_]anon_ID_FILE_ORIGINAL. USER is the first of two numbers: ORIGINAL,
   which students choose, stands behind both. */

enum { CANVAS_PARTS = 5 };

/* Splits at the first underscores; the last part is all the rest. Their number. */
static int split(const char *name, struct span parts[CANVAS_PARTS])
{
    int count = 0;
    for (const char *at = name; count < CANVAS_PARTS; at += parts[count++].length + 1) {
        const char *end = strchr(at, '_');
        const int is_last = end == NULL || count == CANVAS_PARTS - 1;
        parts[count] = is_last ? span_all(at) : span_of(at, end);
        if (is_last)
            return count + 1;
    }
    return count;
}

static int span_is(struct span span, const char *text)
{
    return span.length == strlen(text) && strncmp(span.at, text, span.length) == 0;
}

/* What stands behind the user's number: FILE_ORIGINAL, or typed text. */
static int canvas_rest(const struct span *parts, int count, int at, struct placed *placed)
{
    if (at < count &&
        (strcmp(parts[at].at, "text.html") == 0 || strcmp(parts[at].at, "link.html") == 0)) {
        placed->role = ROLE_TEXT;
        placed->file = span_all(parts[at].at);
        return 1;
    }
    if (at + 1 >= count || !span_is_number(parts[at]))
        return 0;
    placed->role = ROLE_FILE;
    placed->file = span_all(parts[at + 1].at);
    return 1;
}

static int place_canvas(const char *name, const struct place_context *context,
                        struct placed *placed)
{
    struct span parts[CANVAS_PARTS];
    if (strchr(name, '/') != NULL)
        return 0;
    const int count = split(name, parts);
    int at = span_is(parts[0], "LATE");
    placed->late = at;
    if (at < count && span_is(parts[at], "anon") && at + 2 < count) {
        placed->kind = ID_CANVAS_ANONYMOUS;
        placed->id = parts[at + 1];
        return canvas_rest(parts, count, at + 2, placed);
    }
    at = count > 1 && span_is(parts[1], "LATE") ? 2 : 1;
    placed->late = at == 2;
    placed->kind = ID_CANVAS;
    placed->name = parts[0];
    if (at >= count || !span_is_number(parts[at]))
        return 0;
    placed->id = parts[at];
    (void)context;
    return canvas_rest(parts, count, at + 1, placed);
}

/* Canvas makes "onestudent" of "One, Student". Letters that are not ASCII are passed over: their
   lower case is not ours to know. */
static void fold(const char *first, const char *second, char *out, size_t size)
{
    size_t length = 0;
    for (const char *at = first; at != NULL; at = at == first ? second : NULL)
        for (const char *byte = at; *byte != '\0' && length < size - 1; byte++)
            if (isalnum((unsigned char)*byte))
                out[length++] = (char)tolower((unsigned char)*byte);
    out[length] = '\0';
}

/* Whether the words of the student's name, from any one of them on, make that of the file. */
static int is_name_of(const char *canvas, const char *student)
{
    char wanted[256], got[256];
    fold(canvas, NULL, wanted, sizeof wanted);
    for (const char *at = student;;) {
        char head[256] = {0};
        strncat(head, student, (size_t)(at - student) < sizeof head ? (size_t)(at - student) : 0);
        fold(at, head, got, sizeof got);
        if (strcmp(wanted, got) == 0)
            return 1;
        at += strcspn(at, " ");
        if (*at++ == '\0')
            return 0;
    }
}

/* A group's hand-in has the group's name and the number of one of its members. */
static void finish_canvas(const struct listing *all, struct handed_in *class)
{
    int anonymous = 0;
    (void)all;
    for (int i = 0; i < class->count; i++) {
        struct submission *submission = &class->submissions[i];
        anonymous += submission->kind == ID_CANVAS_ANONYMOUS;
        const int row = roster_find(class, ID_CANVAS, submission->id);
        if (submission->kind != ID_CANVAS || row < 0 ||
            is_name_of(submission->name, class->students[row].name))
            continue;
        replace_string(&submission->group, submission->name, strlen(submission->name));
        if (class->students[row].group[0] != '\0')
            continue;
        text_addf(&submission->notes,
                  "this was handed in as %s: if that is a group, only %s gets the result\n",
                  submission->group, class->students[row].name);
        text_addf(&class->lines,
                  "canvas id %s was handed in as %s: if that is a group, only %s gets the result "
                  "unless the roster has a column group\n",
                  submission->id, submission->group, class->students[row].name);
    }
    if (anonymous > 0)
        text_addf(&class->lines,
                  "%d submissions are anonymous: reveal the names in Canvas and download again, "
                  "before grades can be filled in\n",
                  anonymous);
}

const struct platform platform_canvas = {"Canvas", place_canvas, finish_canvas};

/* --- Moodle ----------------------------------------------------------------------------------- */

/* NAME_NUMBER_assignsubmission_file/FILE; Moodle before 4.1 "..._file_/FILE"; without folders
   "..._file_FILE". A group has its own number there, the default group none. The first
   "_assignsubmission_" counts: students' own names stand behind it. */

static int place_moodle(const char *name, const struct place_context *context,
                        struct placed *placed)
{
    static const char mark[] = "_assignsubmission_";
    const char *at = strstr(name, mark), *slash = strchr(name, '/');
    (void)context;
    if (at == NULL || (slash != NULL && slash < at))
        return 0;
    const char *rest = at + strlen(mark);
    const size_t kind = strcspn(rest, "_/");
    placed->role = strncmp(rest, "file", kind) == 0 && kind == 4 ? ROLE_FILE : ROLE_TEXT;
    rest += kind;
    rest += strncmp(rest, "_/", 2) == 0 ? 2 : *rest != '\0';
    placed->file = span_all(rest);
    const char *number = at;
    while (number > name && isdigit((unsigned char)number[-1]))
        number--;
    const int has_number = number < at && number > name && number[-1] == '_';
    placed->kind = has_number ? ID_MOODLE_PARTICIPANT : ID_MOODLE_GROUP;
    placed->id = has_number ? span_of(number, at) : span_of(name, at);
    placed->name = has_number ? span_of(name, number - 1) : span_of(name, at);
    return 1;
}

/* One without a number is a group, so then all are. And where the roster knows none of the numbers,
   they are those of groups. */
static void finish_moodle(const struct listing *all, struct handed_in *class)
{
    int groups = 0, known = 0;
    (void)all;
    for (int i = 0; i < class->count; i++) {
        groups += class->submissions[i].kind == ID_MOODLE_GROUP;
        known += roster_find(class, ID_MOODLE_PARTICIPANT, class->submissions[i].id) >= 0;
    }
    if (groups == 0 && (class->student_count == 0 || known > 0))
        return;
    for (int i = 0; i < class->count; i++) {
        struct submission *submission = &class->submissions[i];
        submission->kind = ID_MOODLE_GROUP;
        replace_string(&submission->group, submission->name, strlen(submission->name));
    }
    text_add(&class->lines,
             "these are submissions of groups: give the grading worksheet as roster, "
             "its column Group says who is in which\n");
}

const struct platform platform_moodle = {"Moodle", place_moodle, finish_moodle};

/* --- Autolab ---------------------------------------------------------------------------------- */

/* EMAIL_VERSION_HANDIN; where HANDIN has underscores, Autolab puts the address before the last two
   parts: VERSION_EMAIL_lab_01.tar, VERSION_my_EMAIL_lab_01.tar. Addresses may have underscores too:
   the roster decides where the address begins, else it is all that stands before the @, but for a
   number in front. */

static const char *address_begin(const char *name, const char *at,
                                 const struct place_context *context, int skips_version)
{
    const char *first = name;
    if (skips_version)
        first += strspn(name, "0123456789") + 1;
    const char *end = at + strcspn(at, "_");
    for (const char *begin = first; begin < at; begin++) {
        char address[256];
        if (begin != first && begin[-1] != '_')
            continue;
        if ((size_t)(end - begin) >= sizeof address)
            continue;
        memcpy(address, begin, (size_t)(end - begin));
        address[end - begin] = '\0';
        if (roster_find(context->class, ID_AUTOLAB_EMAIL, address) >= 0)
            return begin;
    }
    return first;
}

static int place_autolab(const char *name, const struct place_context *context,
                         struct placed *placed)
{
    const char *at = strchr(name, '@');
    if (at == NULL || at == name || strchr(name, '/') != NULL)
        return 0;
    const char *end = at + strcspn(at, "_");
    if (*end == '\0')
        return 0;
    const size_t digits = strspn(name, "0123456789"), behind = strspn(end + 1, "0123456789");
    const int version_first = digits > 0 && name[digits] == '_';
    if (!version_first && (behind == 0 || end[1 + behind] != '_'))
        return 0;
    const char *begin = address_begin(name, at, context, version_first);
    const char *version = version_first ? name : end + 1;
    int number = 0;
    for (const char *digit = version; isdigit((unsigned char)*digit) && number < 100000; digit++)
        number = number * 10 + (*digit - '0');
    placed->role = ROLE_FILE;
    placed->kind = ID_AUTOLAB_EMAIL;
    placed->id = span_of(begin, end);
    placed->attempt = number;
    placed->file = span_all(version_first ? end + 1 : end + 1 + behind + 1);
    return 1;
}

const struct platform platform_autolab = {"Autolab", place_autolab, NULL};
