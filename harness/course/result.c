/*
 * Building and releasing results. Memory that runs out ends the judge, as in kit/text.h.
 */
#include "course/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "course/rationale.h"
#include "kit/error.h"

static const char *const verdict_names[] = {
    [VERDICT_PASS] = "pass",       [VERDICT_FAIL] = "fail",   [VERDICT_CRASH] = "crash",
    [VERDICT_WAITING] = "waiting", [VERDICT_ERROR] = "error",
};

const char *verdict_name(enum verdict verdict)
{
    return verdict_names[verdict];
}

int verdict_from_name(const char *name, enum verdict *verdict)
{
    for (size_t i = 0; i < sizeof verdict_names / sizeof verdict_names[0]; i++) {
        if (strcmp(name, verdict_names[i]) == 0) {
            *verdict = (enum verdict)i;
            return 0;
        }
    }
    return ERR_INVALID;
}

static void *need(void *memory)
{
    if (memory == NULL) {
        fputs("svclab: out of memory\n", stderr);
        abort();
    }
    return memory;
}

static char *copy(const char *string)
{
    return string == NULL ? NULL : need(strdup(string));
}

int lab_result_has(const struct lab_result *lab, const struct check *check)
{
    for (int i = 0; i < lab->count; i++)
        if (lab->results[i].check == check)
            return 1;
    return 0;
}

void result_set_string(char **field, const char *value)
{
    char *fresh = copy(value); /* value may lie in *field */
    free(*field);
    *field = fresh;
}

void story_add(struct story *story, int64_t at_ms, enum story_kind kind, const char *from,
               const char *to, const char *text)
{
    if (story->count == story->capacity) {
        story->capacity = story->capacity == 0 ? 16 : 2 * story->capacity;
        size_t bytes = (size_t)story->capacity * sizeof story->lines[0];
        story->lines = need(realloc(story->lines, bytes));
    }
    story->lines[story->count++] = (struct story_line){
        .at_ms = at_ms, .kind = kind, .from = copy(from), .to = copy(to), .text = copy(text)};
}

static void picture_add(struct picture **pictures, int *count, const char *title, const char *alt,
                        const char *source)
{
    size_t bytes = (size_t)(*count + 1) * sizeof **pictures;
    *pictures = need(realloc(*pictures, bytes));
    (*pictures)[(*count)++] =
        (struct picture){.title = copy(title), .alt = copy(alt), .source = copy(source)};
}

void result_add_picture(struct result *result, const char *title, const char *alt,
                        const char *source)
{
    picture_add(&result->pictures, &result->picture_count, title, alt, source);
}

void lab_result_add_picture(struct lab_result *lab, const char *title, const char *alt,
                            const char *source)
{
    picture_add(&lab->pictures, &lab->picture_count, title, alt, source);
}

void result_add_figure(struct result *result, const char *name, double value)
{
    size_t bytes = (size_t)(result->figure_count + 1) * sizeof result->figures[0];
    result->figures = need(realloc(result->figures, bytes));
    result->figures[result->figure_count++] = (struct figure){.name = copy(name), .value = value};
}

void story_release(struct story *story)
{
    for (int i = 0; i < story->count; i++) {
        free(story->lines[i].from);
        free(story->lines[i].to);
        free(story->lines[i].text);
    }
    free(story->lines);
    *story = (struct story){0};
}

static void pictures_release(struct picture *pictures, int count)
{
    for (int i = 0; i < count; i++) {
        free(pictures[i].title);
        free(pictures[i].alt);
        free(pictures[i].source);
    }
    free(pictures);
}

void result_release(struct result *result)
{
    free(result->expected);
    free(result->got);
    free(result->detail);
    free(result->output);
    free(result->script);
    story_release(&result->story);
    pictures_release(result->pictures, result->picture_count);
    for (int i = 0; i < result->figure_count; i++)
        free(result->figures[i].name);
    free(result->figures);
    *result = (struct result){0};
}

void lab_result_release(struct lab_result *lab)
{
    for (int i = 0; i < lab->count; i++)
        result_release(&lab->results[i]);
    free(lab->results);
    free(lab->compiler);
    pictures_release(lab->pictures, lab->picture_count);
    rationale_free(lab->rationale);
    *lab = (struct lab_result){0};
}

void run_result_release(struct run_result *run)
{
    for (int i = 0; i < run->lab_count; i++)
        lab_result_release(&run->labs[i]);
    free(run->labs);
    *run = (struct run_result){0};
}
