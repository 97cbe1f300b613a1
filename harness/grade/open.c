/*
 * Archives are opened only when no file of any lab lies beside them, and only NESTED deep. One
 * member that is refused refuses its archive: nobody is graded on part of what was handed in.
 */
#include "grade/open.h"

#include <stdlib.h>
#include <string.h>

#include "grade/kind.h"
#include "grade/limits.h"
#include "grade/member_name.h"
#include "grade/unpack.h"
#include "kit/error.h"

int take_wants(const struct take *take, const char *name)
{
    for (int i = 0; i < take->wanted_count; i++)
        if (wanted_matches(&take->wanted[i], name))
            return 1;
    return 0;
}

static int has_wanted(const struct take *take, const struct listing *files)
{
    for (int i = 0; i < files->count; i++) {
        const struct item *item = &files->items[i];
        size_t length = 0;
        if (item->path != NULL && !item->is_text && member_junk(item->name, &length) == NULL &&
            take_wants(take, item->name))
            return 1;
    }
    return 0;
}

static int keeps(const void *context, const char *name)
{
    size_t length = 0;
    return member_junk(name, &length) == NULL &&
           (take_wants(context, name) || kind_named_archive(name));
}

static int may_be_archive(const struct item *item)
{
    const char *base = member_base(item->name);
    size_t length = 0;
    return item->path != NULL && !item->is_text && member_junk(item->name, &length) == NULL &&
           (kind_named_archive(base) || strchr(base, '.') == NULL);
}

int refuse_wrong(const struct take *take, const struct listing *members,
                 struct submission *submission)
{
    const struct item *wrong = NULL;
    for (int i = 0; i < members->count; i++) {
        const struct item *item = &members->items[i];
        if (item->wrong != WRONG_NOTHING &&
            (wrong == NULL || (take_wants(take, item->name) && !take_wants(take, wrong->name))))
            wrong = item;
    }
    if (wrong == NULL)
        return 0;
    struct text sentence = {0};
    if (wrong->wrong == WRONG_LINK && take_wants(take, wrong->name)) {
        name_show(wrong->name, &sentence);
        text_add(&sentence, " is a link, not a file");
    } else if (wrong->wrong == WRONG_LOCKED) {
        name_show(wrong->name, &sentence);
        text_add(&sentence, " in this archive has a password; hand it in again without one");
    } else {
        wrong_sentence(wrong, &sentence);
    }
    submission_fail(submission, text_str(&sentence));
    text_release(&sentence);
    return 1;
}

static void note_opened(const struct item *item, enum kind kind, int level,
                        struct submission *submission)
{
    struct text note = {0};
    kind_note(kind, item->name, &note);
    if (note.length > 0)
        text_addf(&submission->notes, "%s\n", text_str(&note));
    if (level > 1) {
        text_add(&submission->notes, "your archive holds another archive (");
        name_show(item->name, &submission->notes);
        text_add(&submission->notes, "); it was opened\n");
    }
    text_release(&note);
}

/* Adds the archive's members to into; prefix: its name goes before theirs. */
static int open_archive(const struct take *take, struct submission *submission,
                        const struct item *item, int prefix, struct listing *into,
                        struct error *err)
{
    struct text shown = {0};
    struct listing members = {0};
    struct error why = {0};
    name_show(member_base(item->name), &shown);
    const struct unpack order = {.archive = item->path,
                                 .name = text_str(&shown),
                                 .folder = take->scratch,
                                 .again = "upload it again",
                                 .limits = &unpack_student,
                                 .keeps = keeps,
                                 .context = take};
    int code = unpack(&order, &members, &why);
    if (code == ERR_INVALID || code == ERR_LIMIT || code == ERR_UNAVAILABLE) {
        submission->needs_person |= code == ERR_UNAVAILABLE;
        submission_fail(submission, why.text);
        code = 0;
    } else if (code != 0) {
        error_set(err, code, "%s", why.text);
    } else if (!refuse_wrong(take, &members, submission)) {
        for (int i = 0; i < members.count; i++) {
            const struct item *member = &members.items[i];
            struct text name = {0};
            text_addf(&name, "%s%s%s", prefix ? item->name : "", prefix ? "/" : "", member->name);
            struct item *added = listing_add(into, text_str(&name), member->path, member->size);
            added->later_wins = member->later_wins;
            text_release(&name);
        }
    }
    listing_release(&members);
    text_release(&shown);
    return code;
}

/* Moves what is no archive from files to into, opens what is one. The number opened, or an error.
 */
static int open_level(const struct take *take, struct submission *submission, int level,
                      struct listing *into, struct error *err)
{
    struct listing *files = submission->files;
    struct text refusal = {0};
    int archives = 0, opened = 0, code = 0;
    for (int i = 0; i < files->count; i++)
        archives += may_be_archive(&files->items[i]);
    for (int i = 0; i < files->count && code == 0 && submission->problem == NULL; i++) {
        const struct item *item = &files->items[i];
        const enum kind kind = may_be_archive(item) ? kind_of(item->path) : KIND_OTHER;
        const int opens = may_be_archive(item) && kind_is_archive(kind, item->name);
        if (!opens) {
            struct item *moved = listing_add(into, item->name, item->path, item->size);
            moved->wrong = item->wrong;
            moved->is_text = item->is_text;
            moved->later_wins = item->later_wins;
            if (may_be_archive(item) && kind_named_archive(item->name) && refusal.length == 0)
                kind_refusal(kind, item->name, &refusal);
        } else if (level > ARCHIVES_NESTED_MAX) {
            submission_fail(submission, "archives inside archives, more than 2 deep");
        } else if (opened++ == ARCHIVES_OPENED_MAX) {
            submission_fail(submission, "more than 8 archives were handed in; pack one");
        } else {
            note_opened(item, kind, level, submission);
            code = open_archive(take, submission, item, archives > 1, into, err);
        }
    }
    if (refusal.length > 0 && opened > 0)
        text_addf(&submission->notes, "%s\n", text_str(&refusal));
    else if (refusal.length > 0)
        submission_fail(submission, text_str(&refusal));
    text_release(&refusal);
    _Static_assert(ARCHIVES_NESTED_MAX == 2 && ARCHIVES_OPENED_MAX == 8, "sentences say them");
    return code != 0 ? code : opened;
}

int open_archives(const struct take *take, struct submission *submission, struct error *err)
{
    for (int level = 1; level <= ARCHIVES_NESTED_MAX + 1; level++) {
        if (has_wanted(take, submission->files))
            return 0;
        struct listing next = {0};
        const int opened = open_level(take, submission, level, &next, err);
        listing_release(submission->files);
        *submission->files = next;
        if (opened <= 0 || submission->problem != NULL)
            return opened < 0 ? opened : 0;
    }
    return 0;
}
