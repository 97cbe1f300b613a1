/*
 * From a list of files to submissions.
 */
#include "grade/platform.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "grade/member_name.h"
#include "kit/error.h"

static const struct platform *const platforms[] = {
    &platform_canvas,      &platform_moodle,     &platform_blackboard,
    &platform_brightspace, &platform_sakai,      &platform_gradescope,
    &platform_autolab,     &platform_autograder, &platform_github,
};
enum { PLATFORMS = sizeof platforms / sizeof platforms[0] };

struct span span_of(const char *begin, const char *end)
{
    return (struct span){begin, (size_t)(end - begin)};
}

struct span span_all(const char *text)
{
    return (struct span){text, strlen(text)};
}

int span_is_number(struct span span)
{
    for (size_t i = 0; i < span.length; i++)
        if (!isdigit((unsigned char)span.at[i]))
            return 0;
    return span.length > 0;
}

void replace_string(char **field, const char *value, size_t length)
{
    struct text copy = {0};
    text_append(&copy, value == NULL ? "" : value, value == NULL ? 0 : length);
    free(*field);
    *field = text_detach(&copy);
}

/* --- which platform --------------------------------------------------------------------------- */

static int is_junk(const struct item *item)
{
    size_t length = 0;
    const char *junk = member_junk(item->name, &length);
    return junk != NULL && strcmp(junk, "build/") != 0 && strcmp(junk, ".git/") != 0 &&
           strcmp(junk, ".github/") != 0;
}

static const struct platform *recognise(const struct listing *all,
                                        const struct place_context *context)
{
    const struct platform *best = NULL;
    int most = 0, files = 0;
    for (int i = 0; i < all->count; i++)
        files += !is_junk(&all->items[i]);
    for (int p = 0; p < PLATFORMS; p++) {
        int count = 0, submissions = 0;
        for (int i = 0; i < all->count; i++) {
            struct placed placed = {.late = UNKNOWN, .attempt = UNKNOWN};
            if (is_junk(&all->items[i]) ||
                !platforms[p]->place(all->items[i].name, context, &placed))
                continue;
            count++;
            submissions += placed.role != ROLE_CLASS;
        }
        if (submissions > 0 && 2 * count > files && count > most) {
            best = platforms[p];
            most = count;
        }
    }
    return best == NULL ? &platform_folders : best;
}

/* --- submissions ------------------------------------------------------------------------------ */

static int span_equals(struct span span, const char *text)
{
    return strlen(text) == span.length && strncmp(span.at, text, span.length) == 0;
}

static struct submission *submission_of(struct handed_in *class, const struct placed *placed)
{
    const struct span person = placed->person.at == NULL ? placed->id : placed->person;
    for (int i = class->count - 1; i >= 0; i--) { /* files of one mostly stand side by side */
        struct submission *submission = &class->submissions[i];
        if (span_equals(person, submission->person) &&
            strcmp(submission->time, placed->time) == 0 && submission->attempt == placed->attempt)
            return submission;
    }
    if ((class->count & (class->count - 1)) == 0) { /* room for twice as many */
        const size_t room = class->count == 0 ? 1 : 2 * (size_t) class->count;
        class->submissions = realloc(class->submissions, room * sizeof *class->submissions);
        if (class->submissions == NULL)
            abort();
    }
    struct submission *submission = &class->submissions[class->count++];
    *submission = (struct submission){
        .kind = placed->kind, .late = placed->late, .attempt = placed->attempt, .counts = 1};
    submission->files = calloc(1, sizeof *submission->files);
    if (submission->files == NULL)
        abort();
    replace_string(&submission->id, placed->id.at, placed->id.length);
    replace_string(&submission->person, person.at, person.length);
    replace_string(&submission->name, placed->name.at, placed->name.length);
    replace_string(&submission->time, placed->time, strlen(placed->time));
    replace_string(&submission->why, "", 0);
    if (placed->group.at != NULL)
        replace_string(&submission->group, placed->group.at, placed->group.length);
    return submission;
}

/* What would name another folder is nobody's. */
static int has_bad_name(const struct item *item)
{
    return item->wrong == WRONG_LEAVES || item->wrong == WRONG_ABSOLUTE ||
           item->wrong == WRONG_LONG_NAME || item->wrong == WRONG_NAMELESS;
}

static void ignore(struct handed_in *class, const struct item *item)
{
    text_add(&class->lines, "not part of any submission, and passed over: ");
    if (item->wrong == WRONG_NOTHING)
        name_show(item->name, &class->lines);
    else
        wrong_sentence(item, &class->lines);
    text_add(&class->lines, "\n");
}

static void place_item(const struct item *item, const struct platform *platform,
                       const struct place_context *context, struct handed_in *class)
{
    struct placed placed = {.late = UNKNOWN, .attempt = UNKNOWN};
    if (is_junk(item))
        return;
    if (has_bad_name(item) || !platform->place(item->name, context, &placed) ||
        (placed.role == ROLE_CLASS && platform == &platform_folders)) {
        ignore(class, item);
        return;
    }
    if (placed.role == ROLE_CLASS)
        return;
    struct submission *submission = submission_of(class, &placed);
    if (placed.role == ROLE_ABOUT)
        return;
    struct item *added = listing_add(submission->files, placed.file.at, item->path, item->size);
    added->wrong = item->wrong;
    added->is_text = placed.role == ROLE_TEXT;
}

/* A folder around all of it: what was packed as one archive often has one. Its length, or 0. */
static size_t wrapping_folder(const struct listing *all)
{
    const char *first = NULL;
    size_t length = 0;
    int deeper = 0;
    for (int i = 0; i < all->count; i++) {
        const char *name = all->items[i].name, *slash = strchr(name, '/');
        if (is_junk(&all->items[i]))
            continue;
        if (slash == NULL || (first != NULL && strncmp(name, first, length) != 0))
            return 0;
        first = name;
        length = (size_t)(slash + 1 - name);
        deeper |= strchr(slash + 1, '/') != NULL || name_ends_with(name, ".zip") ||
                  name_ends_with(name, ".gz");
    }
    return deeper ? length : 0;
}

/* "lab01(1).zip" beside "lab01.zip": Google Drive's download, which says nowhere whose they are. */
static int is_drive(const struct listing *all)
{
    for (int i = 0; i < all->count; i++) {
        const char *name = all->items[i].name, *bracket = strstr(name, "(1).");
        if (bracket == NULL)
            continue;
        for (int k = 0; k < all->count; k++)
            if (strlen(all->items[k].name) + 3 == strlen(name) &&
                strncmp(all->items[k].name, name, (size_t)(bracket - name)) == 0 &&
                strcmp(all->items[k].name + (bracket - name), bracket + 3) == 0)
                return 1;
    }
    return 0;
}

int platform_sort(const struct listing *all, const char *container, struct handed_in *class,
                  struct error *err)
{
    const struct place_context context = {container, class};
    const struct platform *platform = recognise(all, &context);
    size_t skipped = 0;
    if (platform == &platform_folders && is_drive(all))
        return error_set(err, ERR_INVALID,
                         "%s is a download from Google Drive, which does not say whose files these "
                         "are: make a folder for each student, named as in the roster",
                         container);
    if (platform == &platform_folders && name_ends_with(container, ".zip"))
        skipped = wrapping_folder(all);
    class->platform = platform->name;
    for (int i = 0; i < all->count; i++) {
        struct item item = all->items[i];
        if (strlen(item.name) > skipped)
            item.name += skipped;
        place_item(&item, platform, &context, class);
    }
    if (class->count == 0)
        return error_set(err, ERR_INVALID,
                         "%s holds no submission: it should have a folder or an archive for each "
                         "student, or be what your platform delivers for the class",
                         container);
    if (platform->finish != NULL)
        platform->finish(all, class);
    return 0;
}

/* --- attempts --------------------------------------------------------------------------------- */

/* Below 0 when left is older. */
static int compare_attempts(const struct submission *left, const struct submission *right)
{
    if (left->attempt != right->attempt)
        return left->attempt < right->attempt ? -1 : 1;
    return strcmp(left->time, right->time);
}

static void say_why(struct submission *submission, const struct submission *newest, int attempts)
{
    struct text why = {0};
    if (submission == newest)
        text_addf(&why, "newest of %d attempts", attempts);
    else
        text_add(&why, "an older attempt");
    if (submission->attempt != UNKNOWN)
        text_addf(&why, " (number %d%s", submission->attempt,
                  submission == newest ? ")" : "; number ");
    else
        text_addf(&why, " (%s%s", submission->time, submission == newest ? ")" : "; that of ");
    if (submission != newest && newest->attempt != UNKNOWN)
        text_addf(&why, "%d counts)", newest->attempt);
    else if (submission != newest)
        text_addf(&why, "%s counts)", newest->time);
    replace_string(&submission->why, text_str(&why), why.length);
    text_release(&why);
}

void platform_choose(struct handed_in *class)
{
    for (int i = 0; i < class->count; i++) {
        const struct submission *newest = &class->submissions[i];
        int attempts = 0;
        for (int k = 0; k < class->count; k++) {
            const struct submission *other = &class->submissions[k];
            if (strcmp(other->person, class->submissions[i].person) != 0)
                continue;
            attempts++;
            newest = compare_attempts(newest, other) < 0 ? other : newest;
        }
        if (attempts > 1)
            say_why(&class->submissions[i], newest, attempts);
        if (newest != &class->submissions[i])
            class->submissions[i].counts = 0;
    }
}
