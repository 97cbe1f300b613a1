#define _GNU_SOURCE /* realpath */
/*
 * What a class has handed in: the files listed, sorted by submission, each submission taken in, the
 * roster joined.
 */
#include "grade/intake.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "grade/join.h"
#include "grade/kind.h"
#include "grade/limits.h"
#include "grade/listing.h"
#include "grade/pick.h"
#include "grade/platform.h"
#include "grade/roster.h"
#include "grade/take.h"
#include "grade/unpack.h"
#include "kit/error.h"
#include "kit/sha256.h"

enum { KEY_HASH = 8, KEY_MAX = 80 };

const char *id_kind_name(enum id_kind kind)
{
    static const char *const names[] = {
        [ID_NAME] = "name",
        [ID_CANVAS] = "canvas id",
        [ID_CANVAS_ANONYMOUS] = "canvas anonymous id",
        [ID_MOODLE_PARTICIPANT] = "moodle participant",
        [ID_MOODLE_GROUP] = "moodle group",
        [ID_BLACKBOARD_USER] = "blackboard username",
        [ID_BRIGHTSPACE_PAIR] = "brightspace submission",
        [ID_SAKAI_EID] = "sakai eid",
        [ID_GRADESCOPE_SUBMISSION] = "gradescope submission",
        [ID_AUTOLAB_EMAIL] = "email",
        [ID_AUTOGRADER_USERS] = "autograder.io users",
        [ID_GITHUB_LOGIN] = "github login",
    };
    return names[kind];
}

/* --- the places ------------------------------------------------------------------------------- */

static int is_empty_folder(const char *path)
{
    DIR *entries = opendir(path);
    int count = 0;
    for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (entries != NULL)
        closedir(entries);
    return entries != NULL && count == 0;
}

/* OUT inside SUBMISSIONS would be read as a student's. */
static int look_at_places(const struct intake *order, struct error *err)
{
    char submissions[PATH_MAX], out[PATH_MAX];
    if (realpath(order->submissions, submissions) == NULL)
        return error_set(err, ERR_NOT_FOUND,
                         "there is no %s: SUBMISSIONS is a folder, or the file "
                         "that your platform delivers",
                         order->submissions);
    const int was_there = files_exist(order->out);
    if (was_there && !is_empty_folder(order->out))
        return error_set(err, ERR_INVALID, "%s is not an empty folder: name another OUT",
                         order->out);
    int code = was_there ? 0 : files_make(order->out, err);
    if (code != 0)
        return code;
    const size_t length = strlen(submissions);
    const int is_inside = realpath(order->out, out) != NULL &&
                          strncmp(out, submissions, length) == 0 &&
                          (out[length] == '/' || out[length] == '\0');
    if (!is_inside)
        return 0;
    if (!was_there)
        rmdir(order->out);
    return error_set(err, ERR_INVALID, "OUT (%s) lies in SUBMISSIONS: name a folder elsewhere",
                     order->out);
}

/* The last part of a path, whatever slashes are behind it. The caller's to free. */
static char *last_part(const char *path)
{
    size_t length = strlen(path), begin = 0;
    while (length > 1 && path[length - 1] == '/')
        length--;
    for (size_t i = 0; i < length; i++)
        begin = path[i] == '/' ? i + 1 : begin;
    char *part = strndup(path + begin, length - begin);
    if (part == NULL)
        abort();
    return part;
}

static int list_all(const struct intake *order, const char *scratch, struct listing *all,
                    struct error *err)
{
    struct stat status;
    if (stat(order->submissions, &status) == 0 && S_ISDIR(status.st_mode))
        return listing_of_folder(all, order->submissions, CLASS_MEMBERS_MAX, err);
    char *name = last_part(order->submissions), *real = realpath(order->submissions, NULL);
    const struct unpack archive = {
        .archive = real == NULL ? order->submissions : real,
        .name = name,
        .folder = scratch,
        .limits = &unpack_class,
        .again = "download it again",
    };
    struct error why = {0};
    int code = unpack(&archive, all, &why);
    if (code != 0)
        error_set(err, code, code == ERR_IO ? "%.0s%s" : "%s: %s", name, why.text);
    listing_sort(all);
    free(name);
    free(real);
    return code;
}

/* --- keys ------------------------------------------------------------------------------------- */

static int has_key(const struct handed_in *class, const struct submission *except, const char *key)
{
    for (int i = 0; i < class->count; i++)
        if (&class->submissions[i] != except && class->submissions[i].key != NULL &&
            strcasecmp(class->submissions[i].key, key) == 0)
            return 1;
    return 0;
}

/* "s-70001"; what a path cannot have becomes '_', and then, or when another has the key, some of
   the hash of all that tells them apart goes behind it. */
static void make_key(struct handed_in *class, struct submission *submission)
{
    struct text key = {0}, all = {0};
    char hash[SHA256_TEXT_SIZE];
    int changed = strlen(submission->id) > KEY_MAX;
    text_add(&key, "s-");
    for (const char *at = submission->id; *at != '\0' && key.length < KEY_MAX; at++) {
        const int plain = isalnum((unsigned char)*at) || strchr("_.@-", *at) != NULL;
        text_append(&key, plain ? at : "_", 1);
        changed |= !plain;
    }
    text_addf(&all, "%s\n%s\n%s\n%d", submission->id, submission->person, submission->time,
              submission->attempt);
    sha256_text(text_str(&all), all.length, hash);
    for (int length = KEY_HASH; changed || has_key(class, submission, text_str(&key)); length++) {
        text_addf(&key, "-%.*s", length, hash);
        changed = 0;
    }
    submission->key = text_detach(&key);
    text_release(&all);
}

/* What counts comes first, so that an older attempt never takes its key. */
static void make_keys(struct handed_in *class)
{
    for (int counts = 1; counts >= 0; counts--)
        for (int i = 0; i < class->count; i++)
            if (class->submissions[i].counts == counts)
                make_key(class, &class->submissions[i]);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void empty_folder(const char *path)
{
    files_remove(path);
    files_make(path, NULL);
}

static int take_all(const struct intake *order, struct take *take, struct handed_in *class,
                    struct error *err)
{
    struct text scratch = {0};
    int code = 0;
    text_addf(&scratch, "%s/.unpacked", order->out);
    take->scratch = text_str(&scratch);
    for (int i = 0; i < class->count && code == 0; i++) {
        struct submission *submission = &class->submissions[i];
        if (!submission->counts) /* an older attempt is listed, not looked at */
            continue;
        empty_folder(take->scratch);
        code = take_submission(take, submission, err);
    }
    files_remove(take->scratch);
    text_release(&scratch);
    return code;
}

static int read_labs(const struct intake *order, struct take *take, struct wanted *wanted,
                     struct error *err)
{
    int code = 0;
    for (; order->labs[take->wanted_count] != NULL && code == 0; take->wanted_count++)
        code = wanted_read(&wanted[take->wanted_count], order->labs[take->wanted_count], err);
    return code;
}

static int by_id(const void *left, const void *right)
{
    const struct submission *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    order = order != 0 ? order : strcmp(a->time, b->time);
    order = order != 0 ? order : (a->attempt > b->attempt) - (a->attempt < b->attempt);
    return order != 0 ? order : strcmp(a->person, b->person);
}

int intake(const struct intake *order, struct handed_in *class, struct error *err)
{
    struct listing all = {0};
    struct text scratch = {0};
    int labs = 0;
    while (order->labs[labs] != NULL)
        labs++;
    struct wanted *wanted = calloc((size_t)labs + 1, sizeof *wanted);
    if (wanted == NULL)
        abort();
    struct take take = {.wanted = wanted, .out = order->out};
    char *container = last_part(order->submissions);
    text_addf(&scratch, "%s/.delivered", order->out);
    int code = look_at_places(order, err);
    const int may_write = code == 0;
    code = code == 0 ? read_labs(order, &take, wanted, err) : code;
    code = code == 0 ? files_make(text_str(&scratch), err) : code;
    code = code == 0 && order->roster != NULL ? roster_read(order->roster, class, err) : code;
    code = code == 0 ? list_all(order, text_str(&scratch), &all, err) : code;
    code = code == 0 ? platform_sort(&all, container, class, err) : code;
    if (code == 0) {
        qsort(class->submissions, (size_t) class->count, sizeof *class->submissions, by_id);
        platform_choose(class);
        make_keys(class);
        code = take_all(order, &take, class, err);
    }
    if (code == 0)
        join_roster(class);
    if (may_write)
        files_remove(code == 0 ? text_str(&scratch) : order->out); /* half a class is none */
    for (int i = 0; i < labs; i++)
        wanted_release(&wanted[i]);
    free(wanted);
    free(container);
    listing_release(&all);
    text_release(&scratch);
    return code;
}

/* --- release ---------------------------------------------------------------------------------- */

void handed_lab_release(struct handed_lab *lab)
{
    free(lab->folder);
    free(lab->found_in);
    text_release(&lab->taken);
    text_release(&lab->missing);
    *lab = (struct handed_lab){0};
}

static void submission_release(struct submission *submission)
{
    char *const strings[] = {submission->key,  submission->id,     submission->person,
                             submission->name, submission->time,   submission->group,
                             submission->why,  submission->problem};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        free(strings[i]);
    for (int i = 0; i < submission->lab_count; i++)
        handed_lab_release(&submission->labs[i]);
    for (int i = 0; i < submission->ignored_count; i++)
        free(submission->ignored[i].name);
    if (submission->files != NULL)
        listing_release(submission->files);
    free(submission->files);
    free(submission->labs);
    free(submission->ignored);
    free(submission->rows);
    text_release(&submission->notes);
}

void handed_in_release(struct handed_in *class)
{
    for (int i = 0; i < class->count; i++)
        submission_release(&class->submissions[i]);
    for (int i = 0; i < class->student_count; i++) {
        for (int k = 0; k < class->column_count; k++)
            free(class->students[i].ids[k]);
        free(class->students[i].ids);
        free(class->students[i].name);
        free(class->students[i].group);
    }
    for (int i = 0; i < class->column_count; i++)
        free(class->columns[i]);
    free(class->submissions);
    free(class->students);
    free(class->columns);
    text_release(&class->missing);
    text_release(&class->lines);
    *class = (struct handed_in){0};
}
