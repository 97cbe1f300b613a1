/*
 * Reading rubrics and marks.
 */
#include "course/rationale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/json_read.h"
#include "course/lab.h"
#include "kit/error.h"
#include "kit/json.h"
#include "kit/text.h"

/* One file while it is read; its root borrows from the tree. */
struct source {
    struct text path;
    cJSON *tree;
    struct json_errors errors;
    struct json_reader root;
};

static char *copy(const char *string)
{
    char *made = strdup(string);
    if (made == NULL)
        abort();
    return made;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Keeps the first fault. */
static void fail(struct rationale *rationale, const struct source *source, const char *words)
{
    struct text fault = {0};
    if (rationale->state == RATIONALE_VOID)
        return;
    rationale->state = RATIONALE_VOID;
    text_addf(&fault, "%s: %s", text_str(&source->path), words);
    rationale->fault = text_detach(&fault);
}

/* What the reader has found wrong, as a sentence. 1 when there was something. */
static int has_failed(struct rationale *rationale, const struct source *source)
{
    const struct json_field_error *first = &source->errors.fields[0];
    struct text words = {0};
    if (source->errors.count == 0)
        return rationale->state == RATIONALE_VOID;
    text_addf(&words, "%s%s%s.", first->path, first->path[0] != '\0' ? " " : "the file ",
              first->reason);
    fail(rationale, source, text_str(&words));
    text_release(&words);
    return 1;
}

/* Parses the file and what both have: version and lab. ERR_NOT_FOUND without one; else 0, and a
   fault stands when the root is not to be read. */
static int open_source(struct source *source, struct rationale *rationale, const struct lab *lab)
{
    struct text bytes = {0};
    struct error err = {0};
    const int code = files_read(text_str(&source->path), RATIONALE_FILE_MAX, &bytes, &err);
    if (code == ERR_NOT_FOUND)
        return code;
    if (code == 0)
        source->tree = json_parse(text_str(&bytes), bytes.length, &err);
    text_release(&bytes);
    if (source->tree == NULL) {
        fail(rationale, source, err.text);
        return 0;
    }
    source->root = json_reader(source->tree, &source->errors);
    const int64_t version = json_int64(&source->root, "version", 1, INT32_MAX);
    char words[80];
    snprintf(words, sizeof words, "version is %lld, and this course reads version %d.",
             (long long)version, RATIONALE_VERSION);
    if (source->errors.count == 0 && version != RATIONALE_VERSION)
        fail(rationale, source, words);
    const char *of = json_string(&source->root, "lab", 1, RATIONALE_NAME_MAX);
    if (source->errors.count == 0 && strcmp(of, lab->name) != 0)
        json_wrong(&source->root, "lab", "is another lab");
    has_failed(rationale, source);
    return 0;
}

static void close_source(struct source *source)
{
    cJSON_Delete(source->tree);
    text_release(&source->path);
}

/* --- the rubric ------------------------------------------------------------------------------- */

static void add_criterion(struct rationale *rationale, struct json_reader *reader)
{
    static const char *const members[] = {"id", "title", "max", "levels", NULL};
    struct criterion *criterion = &rationale->criteria[rationale->count];
    const char *id = json_string(reader, "id", 1, RATIONALE_NAME_MAX);
    const char *title = json_string(reader, "title", 1, CRITERION_WORDS_MAX);
    json_int64(reader, "max", CRITERION_LEVEL_MAX, CRITERION_LEVEL_MAX);
    json_no_other_fields(reader, members);
    const cJSON *levels = json_member(reader->object, "levels");
    if (!cJSON_IsArray(levels) || cJSON_GetArraySize(levels) != CRITERION_LEVEL_MAX + 1)
        json_wrong(reader, "levels", "must be a list of 5 sentences");
    const cJSON *level = NULL;
    cJSON_ArrayForEach(level, levels)
    {
        const size_t length = cJSON_IsString(level) ? strlen(level->valuestring) : 0;
        if (length < 1 || length > CRITERION_WORDS_MAX)
            json_wrong(reader, "levels", "must be sentences of 1 to 400 bytes");
    }
    for (int i = 0; i < rationale->count; i++)
        if (strcmp(rationale->criteria[i].id, id) == 0)
            json_wrong(reader, "id", "is there twice");
    criterion->id = copy(id);
    criterion->title = copy(title);
    rationale->count++;
    rationale->points_max += CRITERION_LEVEL_MAX;
}

/* 1 when the lab has a rubric. */
static int read_rubric(struct source *source, struct rationale *rationale, const struct lab *lab)
{
    static const char *const members[] = {"version", "lab", "criteria", NULL};
    text_addf(&source->path, "%s/%s/rubric.json", lab_home(lab), lab->name);
    if (open_source(source, rationale, lab) != 0)
        return 0;
    if (rationale->state == RATIONALE_VOID)
        return 1;
    json_no_other_fields(&source->root, members);
    const int count = json_array(&source->root, "criteria", 1, CRITERIA_MAX);
    for (int i = 0; i < count; i++) {
        struct json_reader reader = json_element(&source->root, "criteria", i);
        add_criterion(rationale, &reader);
    }
    has_failed(rationale, source);
    return 1;
}

/* --- the marks -------------------------------------------------------------------------------- */

static int is_date(const char *text)
{
    int year = 0, month = 0, day = 0, length = 0;
    return strlen(text) == 10 && sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &length) == 3 &&
           length == 10 && strspn(text, "0123456789-") == 10 && year > 0 && month >= 1 &&
           month <= 12 && day >= 1 && day <= 31;
}

static const char *sentence_of(const struct source *rubric, int criterion, int level)
{
    const cJSON *criteria = json_member(rubric->tree, "criteria");
    const cJSON *levels = json_member(cJSON_GetArrayItem(criteria, criterion), "levels");
    return cJSON_GetStringValue(cJSON_GetArrayItem(levels, level));
}

static void take_mark(struct rationale *rationale, const struct source *rubric,
                      struct json_reader *reader)
{
    static const char *const members[] = {"id", "level", "note", NULL};
    const char *id = json_string(reader, "id", 1, RATIONALE_NAME_MAX);
    const int level = (int)json_int64(reader, "level", 0, CRITERION_LEVEL_MAX);
    const char *note = json_string_or(reader, "note", RATIONALE_NOTE_MAX, "");
    int at = 0;
    json_no_other_fields(reader, members);
    while (at < rationale->count && strcmp(rationale->criteria[at].id, id) != 0)
        at++;
    if (reader->errors->count > 0)
        return;
    if (at == rationale->count) {
        json_wrong(reader, "id", "is no criterion of the rubric");
    } else if (rationale->criteria[at].sentence != NULL) {
        json_wrong(reader, "id", "is there twice");
    } else {
        rationale->criteria[at].level = level;
        rationale->criteria[at].note = copy(note);
        rationale->criteria[at].sentence = copy(sentence_of(rubric, at, level));
        rationale->points += level;
    }
}

/* Of the criteria, which has no mark yet: its place, or the count. */
static int unmarked(const struct rationale *rationale)
{
    int at = 0;
    while (at < rationale->count && rationale->criteria[at].sentence != NULL)
        at++;
    return at;
}

static void read_marks(struct source *source, struct rationale *rationale,
                       const struct source *rubric, const struct lab *lab, const char *tree)
{
    static const char *const members[] = {"version", "lab",   "student", "reader",
                                          "date",    "marks", NULL};
    text_addf(&source->path, "%s/%s/rationale-marks.json", tree, lab->name);
    if (open_source(source, rationale, lab) != 0 || rationale->state == RATIONALE_VOID)
        return;
    rationale->student = copy(json_string(&source->root, "student", 1, RATIONALE_NAME_MAX));
    rationale->reader = copy(json_string(&source->root, "reader", 1, RATIONALE_NAME_MAX));
    rationale->date = copy(json_string(&source->root, "date", 10, 10));
    if (source->errors.count == 0 && !is_date(rationale->date))
        json_wrong(&source->root, "date", "must be a day such as 2026-12-01");
    json_no_other_fields(&source->root, members);
    const int count = json_array(&source->root, "marks", 0, CRITERIA_MAX);
    for (int i = 0; i < count; i++) {
        struct json_reader reader = json_element(&source->root, "marks", i);
        take_mark(rationale, rubric, &reader);
    }
    const int missing = unmarked(rationale);
    if (source->errors.count == 0 && missing < rationale->count) {
        char reason[96];
        snprintf(reason, sizeof reason, "lacks a mark for %.60s", rationale->criteria[missing].id);
        json_wrong(&source->root, "marks", reason);
    }
    if (!has_failed(rationale, source))
        rationale->state = RATIONALE_READ;
}

/* What was read before the fault is not shown. */
static void forget_marks(struct rationale *rationale)
{
    rationale->points = 0;
    for (int i = 0; i < rationale->count; i++) {
        free(rationale->criteria[i].sentence);
        free(rationale->criteria[i].note);
        rationale->criteria[i].sentence = NULL;
        rationale->criteria[i].note = NULL;
        rationale->criteria[i].level = 0;
    }
    free(rationale->student);
    free(rationale->reader);
    free(rationale->date);
    rationale->student = rationale->reader = rationale->date = NULL;
}

struct rationale *rationale_read(const struct lab *lab, const char *tree)
{
    struct rationale *rationale = calloc(1, sizeof *rationale);
    struct source rubric = {0}, marks = {0};
    if (rationale == NULL)
        abort();
    const int has_rubric = read_rubric(&rubric, rationale, lab);
    if (has_rubric && rationale->state != RATIONALE_VOID)
        read_marks(&marks, rationale, &rubric, lab, tree);
    if (rationale->state == RATIONALE_VOID)
        forget_marks(rationale);
    close_source(&rubric);
    close_source(&marks);
    if (has_rubric)
        return rationale;
    rationale_free(rationale);
    return NULL;
}

void rationale_free(struct rationale *rationale)
{
    if (rationale == NULL)
        return;
    forget_marks(rationale);
    for (int i = 0; i < rationale->count; i++) {
        free(rationale->criteria[i].id);
        free(rationale->criteria[i].title);
    }
    free(rationale->fault);
    free(rationale);
}

const char *rationale_state_name(enum rationale_state state)
{
    static const char *const names[] = {"not yet read", "read", "cannot be read"};
    return names[state];
}

void rationale_words(const struct rationale *rationale, char *words, int size)
{
    if (rationale->state == RATIONALE_READ)
        snprintf(words, (size_t)size, "%d of %d", rationale->points, rationale->points_max);
    else
        snprintf(words, (size_t)size, "%s", rationale_state_name(rationale->state));
}
