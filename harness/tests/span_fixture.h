/*
 * A file of spans in a folder of its own, and a story as text.
 */
#ifndef TESTS_SPAN_FIXTURE_H
#define TESTS_SPAN_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/files.h"
#include "course/result.h"
#include "tests/run_tests.h"

struct span_folder {
    char *dir;
    char path[256];
};

static inline void span_folder_open(struct span_folder *folder)
{
    ck_assert_int_eq(files_make_temporary(&folder->dir, NULL), 0);
    snprintf(folder->path, sizeof folder->path, "%s/spans.jsonl", folder->dir);
}

static inline void span_folder_close(struct span_folder *folder)
{
    files_remove(folder->dir);
    free(folder->dir);
}

static inline void span_folder_write(const struct span_folder *folder, const struct text *bytes)
{
    ck_assert_int_eq(files_write(folder->path, text_str(bytes), bytes->length, NULL), 0);
}

/* One line each: "kind from to: text", without "-service"; asserts that no time goes back. */
static inline void story_text(const struct story *story, struct text *out)
{
    static const char kinds[] = "crfnw";
    text_add(out, "");
    for (int i = 0; i < story->count; i++) {
        const struct story_line *line = &story->lines[i];
        const char *to = line->to != NULL ? line->to : "";
        text_addf(out, "%c %.*s %.*s: %s\n", kinds[line->kind], (int)strcspn(line->from, "-"),
                  line->from, (int)strcspn(to, "-"), to, line->text);
        if (i > 0)
            ck_assert_msg(line->at_ms >= story->lines[i - 1].at_ms, "%s: %lld after %lld",
                          line->text, (long long)line->at_ms, (long long)story->lines[i - 1].at_ms);
    }
}

#endif
