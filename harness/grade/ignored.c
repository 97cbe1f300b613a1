/*
 * What of a submission was not looked at: build/ (3 files); con.c, aux.h: names that Windows
 * reserves.
 */
#include "grade/ignored.h"

#include <stdlib.h>
#include <string.h>

#include "grade/limits.h"
#include "grade/listing.h"
#include "grade/member_name.h"
#include "grade/platform.h"

enum { NAMES_SHOWN = 3 };

static const char not_edited[] = "not among the files that students edit";

/* A new line, or NULL when there are too many. */
static struct ignored *new_line(struct submission *submission, const char *name, const char *why)
{
    if (submission->ignored_count == IGNORED_LINES_MAX) {
        submission->ignored_more++;
        return NULL;
    }
    submission->ignored = realloc(submission->ignored, (size_t)(submission->ignored_count + 1) *
                                                           sizeof *submission->ignored);
    if (submission->ignored == NULL)
        abort();
    struct ignored *line = &submission->ignored[submission->ignored_count++];
    *line = (struct ignored){.why = why, .files = 1};
    replace_string(&line->name, name, strlen(name));
    return line;
}

static void add_by_name(struct submission *submission, const char *name, const char *why)
{
    for (int i = 0; i < submission->ignored_count; i++)
        if (submission->ignored[i].why == why && strcmp(submission->ignored[i].name, name) == 0) {
            submission->ignored[i].files++;
            return;
        }
    new_line(submission, name, why);
}

/* Files with one reason share a line, which shows the first of them. */
static void add_by_reason(struct submission *submission, const char *name, const char *why)
{
    struct text shown = {0};
    for (int i = 0; i < submission->ignored_count; i++) {
        struct ignored *line = &submission->ignored[i];
        if (strcmp(line->why, why) != 0)
            continue;
        if (line->files++ < NAMES_SHOWN) {
            text_addf(&shown, "%s, ", line->name);
            name_show(name, &shown);
            replace_string(&line->name, text_str(&shown), shown.length);
        }
        goto out;
    }
    name_show(name, &shown);
    new_line(submission, text_str(&shown), why);
out:
    text_release(&shown);
}

/* "labs/01-order/" for what lies there, the name itself at the top. */
static void add_other(struct submission *submission, const char *name)
{
    struct text shown = {0};
    const char *base = member_base(name);
    char *folder = strndup(name, (size_t)(base - name));
    if (folder == NULL)
        abort();
    name_show(folder[0] == '\0' ? name : folder, &shown);
    add_by_name(submission, text_str(&shown), not_edited);
    free(folder);
    text_release(&shown);
}

static void ignore(struct submission *submission, const struct item *item)
{
    static const char *const wrong_words[] = {[WRONG_NOTHING] = "",
                                              [WRONG_LINK] = "a link",
                                              [WRONG_SPECIAL] = "a special file",
                                              [WRONG_LEAVES] = "its name leaves the hand-in",
                                              [WRONG_ABSOLUTE] = "its name is absolute",
                                              [WRONG_LONG_NAME] = "its name is too long",
                                              [WRONG_DEEP] = "too many folders around it",
                                              [WRONG_NAMELESS] = "it has no name",
                                              [WRONG_LOCKED] = "it has a password",
                                              [WRONG_CHECKSUM] = "it is damaged",
                                              [WRONG_SIZE] = "it is damaged",
                                              [WRONG_METHOD] =
                                                  "it is packed in a way that is not read",
                                              [WRONG_LARGE] = "it is too large",
                                              [WRONG_UNREADABLE] = "it cannot be read here"};
    size_t length = 0;
    const char *junk = member_junk(item->name, &length), *odd = member_odd(item->name);
    if (item->is_text)
        add_by_reason(submission, item->name, "typed into the platform");
    else if (junk != NULL)
        add_by_name(submission, junk, "made by tools, not by students");
    else if (item->wrong != WRONG_NOTHING)
        add_by_reason(submission, item->name, wrong_words[item->wrong]);
    else if (odd != NULL)
        add_by_reason(submission, item->name, odd);
    else
        add_other(submission, item->name);
}

void ignored_list(struct submission *submission, const char *taken)
{
    const struct listing *files = submission->files;
    for (int i = 0; i < files->count; i++) {
        const struct item *item = &files->items[i];
        if (!taken[i])
            ignore(submission, item);
    }
    /* Two accents that look the same arrive as one name (libarchive composes them). */
    for (int i = 1; i < files->count; i++) {
        const struct item *item = &files->items[i], *before = &files->items[i - 1];
        if (taken[i] || taken[i - 1] || strcmp(item->name, before->name) != 0)
            continue;
        text_add(&submission->notes, "two files whose names look the same (");
        name_show(item->name, &submission->notes);
        text_add(&submission->notes, ")\n");
    }
}
