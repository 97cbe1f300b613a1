/*
 * Platforms whose names say when: Blackboard, Brightspace, Autograder.io.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "grade/limits.h"
#include "grade/platform.h"
#include "grade/roster.h"

enum { RECEIPT_BYTES_MAX = 1 << 20 };

/* 1 when text begins as the shape says, where 0 stands for any digit. */
static int has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; shape++, text++)
        if (*shape == '0' ? !isdigit((unsigned char)*text) : *text != *shape)
            return 0;
    return 1;
}

/* --- Blackboard ------------------------------------------------------------------------------- */

/* ASSIGNMENT_USER_attempt_2026-11-06-17-41-05[_FILE], and the same with ".txt" for the receipt. The
   first such date counts: the student's FILE stands behind it and may imitate one. The receipt's
   first line is "Name: DISPLAY (USER)"; its pairs "Original filename", "Filename" behind the last
   "Files:" say what files were called. All before that may be the student's own words. */

static int place_blackboard(const char *name, const struct place_context *context,
                            struct placed *placed)
{
    static const char mark[] = "_attempt_", date[] = "0000-00-00-00-00-00";
    const char *at = strstr(name, mark);
    (void)context;
    while (at != NULL && !has_shape(at + strlen(mark), date))
        at = strstr(at + 1, mark);
    if (at == NULL || strchr(name, '/') != NULL)
        return 0;
    const char *time = at + strlen(mark), *rest = time + strlen(date), *user = at;
    while (user > name && user[-1] != '_')
        user--;
    if (*rest != '_' && strcmp(rest, ".txt") != 0)
        return 0;
    placed->role = *rest == '_' ? ROLE_FILE : ROLE_ABOUT;
    placed->kind = ID_BLACKBOARD_USER;
    placed->id = span_of(user, at);
    placed->person = span_of(name, at); /* users may hold underscores: the receipt says */
    placed->file = span_all(rest + (*rest == '_'));
    snprintf(placed->time, sizeof placed->time, "%.*s", (int)strlen(date), time);
    return 1;
}

/* The user and the name of the receipt's first line. */
static void read_receipt_head(const char *receipt, struct submission *submission)
{
    static const char word[] = "Name: ";
    const char *end = receipt + strcspn(receipt, "\r\n");
    if (strncmp(receipt, word, strlen(word)) != 0 || end == receipt || end[-1] != ')')
        return;
    const char *bracket = end;
    while (bracket > receipt && *bracket != '(')
        bracket--;
    if (bracket <= receipt + strlen(word) + 1)
        return;
    receipt += strlen(word);
    replace_string(&submission->name, receipt, (size_t)(bracket - 1 - receipt));
    replace_string(&submission->id, bracket + 1, (size_t)(end - 1 - bracket - 1));
}

/* The line behind the word, from *at on; *at moves behind it. */
static struct span line_behind(const char **at, const char *word)
{
    const char *found = strstr(*at, word);
    if (found == NULL)
        return (struct span){0};
    found += strlen(word);
    *at = found + strcspn(found, "\r\n");
    return span_of(found, *at);
}

/* Files get the names they had on the student's machine. */
static void read_receipt_files(const char *receipt, struct submission *submission)
{
    const char *at = NULL;
    for (const char *next = receipt; (next = strstr(next, "\nFiles:")) != NULL; next++)
        at = next;
    while (at != NULL && *at != '\0') {
        const struct span original = line_behind(&at, "Original filename: ");
        const struct span stored = line_behind(&at, "Filename: ");
        if (stored.at == NULL)
            return;
        for (int i = 0; i < submission->files->count; i++) {
            struct item *item = &submission->files->items[i];
            const size_t length = strlen(item->name);
            if (length <= stored.length &&
                strncmp(stored.at + stored.length - length, item->name, length) == 0 &&
                original.length > 0)
                replace_string(&item->name, original.at, original.length);
        }
    }
}

static void finish_blackboard(const struct listing *all, struct handed_in *class)
{
    for (int i = 0; i < all->count; i++) {
        const struct place_context context = {.class = class};
        struct placed placed = {0};
        struct text receipt = {0};
        const struct item *item = &all->items[i];
        if (item->path == NULL || !place_blackboard(item->name, &context, &placed) ||
            placed.role != ROLE_ABOUT ||
            files_read(item->path, RECEIPT_BYTES_MAX, &receipt, NULL) != 0)
            continue;
        for (int k = 0; k < class->count; k++) {
            struct submission *submission = &class->submissions[k];
            if (strcmp(submission->time, placed.time) != 0 ||
                strlen(submission->person) != placed.person.length ||
                strncmp(submission->person, placed.person.at, placed.person.length) != 0)
                continue;
            read_receipt_files(text_str(&receipt), submission);
            read_receipt_head(text_str(&receipt), submission);
            break;
        }
        text_release(&receipt);
    }
}

const struct platform platform_blackboard = {"Blackboard", place_blackboard, finish_blackboard};

/* --- Brightspace ------------------------------------------------------------------------------ */

/* "39701-640693 - DISPLAY - Nov 6, 2026 541 PM/FILE": no colon, no leading zero, 12 hours. The
   first number is one student's in every attempt; no number is in any file that grades go back by,
   so DISPLAY is what joins the roster. */

/* "Nov 6, 2026 541 PM" as "2026-11-06T17:41". */
static int brightspace_time(struct span words, char time[PLATFORM_TIME_SIZE])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char copy[PLATFORM_TIME_SIZE], month[4], half[3];
    int day = 0, year = 0, clock = 0, used = 0;
    snprintf(copy, sizeof copy, "%.*s", (int)words.length, words.at);
    if (sscanf(copy, "%3s %2d, %4d %4d %2s%n", month, &day, &year, &clock, half, &used) != 5 ||
        copy[used] != '\0' || strlen(month) != 3)
        return 0;
    const char *found = strstr(months, month);
    if (found == NULL || (found - months) % 3 != 0 || clock < 100 || clock > 1259)
        return 0;
    const int hour = clock / 100 % 12 + (strcmp(half, "PM") == 0 ? 12 : 0);
    snprintf(time, PLATFORM_TIME_SIZE, "%04d-%02d-%02dT%02d:%02d", year,
             (int)(found - months) / 3 + 1, day, hour, clock % 100);
    return 1;
}

static int place_brightspace(const char *name, const struct place_context *context,
                             struct placed *placed)
{
    static const char between[] = " - ";
    const char *slash = strchr(name, '/');
    (void)context;
    if (slash == NULL && (strcmp(name, "index.html") == 0 || strcmp(name, "index.htm") == 0)) {
        placed->role = ROLE_CLASS;
        return 1;
    }
    if (slash == NULL)
        return 0;
    const char *first = strstr(name, between), *last = NULL;
    for (const char *at = first; at != NULL && at < slash; at = strstr(at + 1, between))
        last = at;
    const size_t left = strspn(name, "0123456789"), right = strspn(name + left + 1, "0123456789");
    if (last == NULL || first == last || left == 0 || name[left] != '-' || right == 0 ||
        name + left + 1 + right != first ||
        !brightspace_time(span_of(last + strlen(between), slash), placed->time))
        return 0;
    placed->role = ROLE_FILE;
    placed->kind = ID_BRIGHTSPACE_PAIR;
    placed->id = span_of(name, first);
    placed->person = span_of(name, name + left);
    placed->name = span_of(first + strlen(between), last);
    placed->file = span_all(slash + 1);
    return 1;
}

const struct platform platform_brightspace = {"Brightspace", place_brightspace, NULL};

/* --- Autograder.io ---------------------------------------------------------------------------- */

/* COURSE_PROJECT/USER[_USER...]-2026-11-06T17:41:05[.861687]+00:00/FILE. User names hold hyphens
   and underscores: the last date counts, and the roster says where one user ends. */

static int place_autograder(const char *name, const struct place_context *context,
                            struct placed *placed)
{
    static const char shape[] = "-0000-00-00T00:00:00";
    const char *top = strchr(name, '/'), *date = NULL;
    (void)context;
    const char *begin = top == NULL ? name : top + 1;
    const char *slash = strchr(begin, '/');
    if (slash == NULL || slash - begin < 6 || !has_shape(slash - 6, "+00:00")) {
        begin = name; /* unpacked: the folder of the course is SUBMISSIONS itself */
        slash = top;
    }
    if (slash == NULL)
        return 0;
    for (const char *at = begin; at < slash; at++)
        date = has_shape(at, shape) ? at : date;
    if (date == NULL || date == begin || (size_t)(slash - date) >= PLATFORM_TIME_SIZE)
        return 0;
    placed->role = ROLE_FILE;
    placed->kind = ID_AUTOGRADER_USERS;
    placed->id = span_of(begin, date);
    placed->file = span_all(slash + 1);
    snprintf(placed->time, sizeof placed->time, "%.*s", (int)(slash - date - 1), date + 1);
    return 1;
}

const struct platform platform_autograder = {"Autograder.io", place_autograder, NULL};
