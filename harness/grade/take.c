/*
 * One submission taken in.
 *
 * Archives are opened only when no file of any lab lies beside them, and only NESTED deep. One
 * member that is refused refuses its archive: nobody is graded on part of what was handed in.
 */
#include "grade/take.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "course/lab.h"
#include "grade/ignored.h"
#include "grade/kind.h"
#include "grade/limits.h"
#include "grade/member_name.h"
#include "grade/unpack.h"
#include "kit/error.h"

void submission_fail(struct submission *submission, const char *sentence)
{
    submission->counts = 0;
    if (submission->problem == NULL && (submission->problem = strdup(sentence)) == NULL)
        abort();
}

/* --- archives --------------------------------------------------------------------------------- */

static int is_wanted(const struct take *take, const char *name)
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
            is_wanted(take, item->name))
            return 1;
    }
    return 0;
}

static int keeps(const void *context, const char *name)
{
    size_t length = 0;
    return member_junk(name, &length) == NULL &&
           (is_wanted(context, name) || kind_named_archive(name));
}

static int may_be_archive(const struct item *item)
{
    const char *base = member_base(item->name);
    size_t length = 0;
    return item->path != NULL && !item->is_text && member_junk(item->name, &length) == NULL &&
           (kind_named_archive(base) || strchr(base, '.') == NULL);
}

/* A member that refuses the archive. 1 when there was one. */
static int refuse_wrong(const struct take *take, const struct listing *members,
                        struct submission *submission)
{
    const struct item *wrong = NULL;
    for (int i = 0; i < members->count; i++) {
        const struct item *item = &members->items[i];
        if (item->wrong != WRONG_NOTHING &&
            (wrong == NULL || (is_wanted(take, item->name) && !is_wanted(take, wrong->name))))
            wrong = item;
    }
    if (wrong == NULL)
        return 0;
    struct text sentence = {0};
    if (wrong->wrong == WRONG_LINK && is_wanted(take, wrong->name)) {
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

static int open_archives(const struct take *take, struct submission *submission, struct error *err)
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

/* --- laying aside ----------------------------------------------------------------------------- */

static void note_encoding(const struct text *bytes, const char *name, int *marks,
                          struct text *notes)
{
    const char *start = text_str(bytes);
    if (bytes->length >= 2 &&
        (memcmp(start, "\xff\xfe", 2) == 0 || memcmp(start, "\xfe\xff", 2) == 0))
        text_addf(notes, "%s is UTF-16; a C compiler reads UTF-8: save it again as UTF-8\n", name);
    *marks += bytes->length >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0;
}

static int write_new(const char *path, const struct text *bytes, struct error *err)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    size_t done = 0;
    while (fd >= 0 && done < bytes->length) {
        const ssize_t written = write(fd, bytes->bytes + done, bytes->length - done);
        if (written < 0 && errno != EINTR)
            break;
        done += written > 0 ? (size_t)written : 0;
    }
    const int reason = errno;
    if (fd >= 0 && close(fd) == 0 && done == bytes->length)
        return 0;
    return error_set(err, ERR_IO,
                     "cannot write %s: %s. Free some space there, or name another OUT, and run it "
                     "again",
                     path, strerror(reason));
}

static int lay_aside(const struct take *take, struct submission *submission,
                     const struct wanted *wanted, const struct picked *picked,
                     struct handed_lab *lab, struct error *err)
{
    struct text folder = {0}, path = {0};
    int code = 0, marks = 0;
    text_addf(&folder, "%s/%s/%s", take->out, submission->key, wanted->lab->name);
    for (int i = 0; i < wanted->count && code == 0; i++) {
        struct text bytes = {0};
        struct error why = {0};
        const char *name = wanted->names[i];
        const int item = picked->items[i];
        const int read =
            item < 0 ? ERR_NOT_FOUND : handed_read(&submission->files->items[item], &bytes, &why);
        text_clear(&path);
        text_addf(&path, "%s/%s", text_str(&folder), name);
        if (read == ERR_IO)
            code = error_set(err, ERR_IO, "%s", why.text);
        else if (read != 0)
            text_addf(read == ERR_LIMIT ? &submission->notes : &lab->missing, "%s\n",
                      read == ERR_LIMIT ? why.text : name);
        if (read == 0) {
            char *slash = strrchr(path.bytes, '/');
            *slash = '\0';
            code = files_make(path.bytes, err);
            *slash = '/';
            code = code == 0 ? write_new(text_str(&path), &bytes, err) : code;
            text_addf(&lab->taken, "%s\n", name);
            note_encoding(&bytes, name, &marks, &submission->notes);
        }
        text_release(&bytes);
    }
    if (marks > 0)
        text_add(&submission->notes, "a byte order mark was at the start of your files\n");
    lab->lab = wanted->lab;
    lab->folder = text_detach(&folder);
    lab->found_in = strdup(picked->folder);
    text_release(&path);
    return code;
}

/* --- what was found --------------------------------------------------------------------------- */

/* Why there is nothing: what was looked for, and what there is. */
static void fail_empty_handed(const struct take *take, struct submission *submission)
{
    enum { SHOWN = 3 };
    struct text sentence = {0};
    const struct listing *files = submission->files;
    int sources = 0, typed = 0, shown = 0;
    for (int i = 0; i < files->count; i++) {
        typed += files->items[i].is_text;
        sources += name_ends_with(files->items[i].name, ".c");
        if (strcmp(files->items[i].name, "[Content_Types].xml") == 0)
            text_add(&sentence, "this is a Word document, not an archive of C files");
    }
    if (sentence.length > 0)
        goto out;
    if (files->count == typed) {
        text_add(&sentence, typed > 0 ? "only text was typed into the platform, no file handed in: "
                                        "there is nothing to compile"
                                      : "no file was handed in");
        goto out;
    }
    text_add(&sentence, sources > 0 ? "none of the files looked for is there" : "no C files");
    for (int i = 0; i < files->count && shown < SHOWN; i++) {
        size_t length = 0;
        if (files->items[i].is_text || member_junk(files->items[i].name, &length) != NULL)
            continue;
        text_add(&sentence, shown++ == 0 ? ": only " : ", ");
        name_show(files->items[i].name, &sentence);
    }
    text_add(&sentence, files->count > shown && shown == SHOWN ? " and others" : "");
out:
    text_add(&sentence, ". Looked for");
    for (int i = 0; i < take->wanted_count; i++) {
        text_addf(&sentence, "%s %s (", i > 0 ? ";" : "", take->wanted[i].lab->name);
        for (int k = 0; k < take->wanted[i].count; k++)
            text_addf(&sentence, "%s%s", k > 0 ? ", " : "", take->wanted[i].names[k]);
        text_add(&sentence, ")");
    }
    submission_fail(submission, text_str(&sentence));
    text_release(&sentence);
}

/* Whether the submission cannot be taken without this file, which cannot be taken. */
static int is_missed(const struct take *take, const struct item *item)
{
    const int is_part = is_wanted(take, item->name) || kind_named_archive(item->name);
    switch (item->wrong) {
    case WRONG_NOTHING:
        return 0;
    case WRONG_LOCKED:
    case WRONG_CHECKSUM:
    case WRONG_SIZE:
    case WRONG_METHOD:
    case WRONG_UNREADABLE:
        return 1;
    default:
        return is_part;
    }
}

/* What was delivered for the class may have lost a part of this submission, or on the disk a link
   stands where a file of the lab should. */
static void fail_damaged(const struct take *take, struct submission *submission)
{
    struct listing missed = {0};
    for (int i = 0; i < submission->files->count; i++) {
        const struct item *item = &submission->files->items[i];
        if (is_missed(take, item))
            listing_add(&missed, item->name, NULL, item->size)->wrong = item->wrong;
    }
    refuse_wrong(take, &missed, submission);
    listing_release(&missed);
}

/* Fills trouble with the first sentence on why a lab's files were not taken. */
static int take_labs(const struct take *take, struct submission *submission, char *taken,
                     struct text *trouble, struct error *err)
{
    int code = 0;
    submission->labs = calloc((size_t)take->wanted_count + 1, sizeof *submission->labs);
    if (submission->labs == NULL)
        abort();
    for (int i = 0; i < take->wanted_count && code == 0; i++) {
        struct picked picked = {0};
        pick(submission->files, &take->wanted[i], &picked);
        if (picked.trouble.length > 0) {
            text_addf(trouble, "%s\n", text_str(&picked.trouble));
        } else if (picked.count > 0) {
            text_add(&submission->notes, text_str(&picked.notes));
            code = lay_aside(take, submission, &take->wanted[i], &picked,
                             &submission->labs[submission->lab_count++], err);
            for (int k = 0; k < take->wanted[i].count; k++)
                if (picked.items[k] >= 0)
                    taken[picked.items[k]] = 1;
        }
        picked_release(&picked);
    }
    return code;
}

/* Leaves the first line, without its end. */
static void cut_line(struct text *text)
{
    text->length = strcspn(text_str(text), "\n");
    text->bytes[text->length] = '\0';
}

static int take_files(const struct take *take, struct submission *submission, struct error *err)
{
    char *taken = calloc((size_t)submission->files->count + 1, 1);
    struct text trouble = {0};
    listing_sort(submission->files);
    if (taken == NULL)
        abort();
    const int code = take_labs(take, submission, taken, &trouble, err);
    submission->needs_person |= trouble.length > 0;
    if (code != 0)
        goto out;
    if (submission->lab_count > 0) {
        text_add(&submission->notes, text_str(&trouble));
    } else if (trouble.length > 0) {
        cut_line(&trouble);
        submission_fail(submission, text_str(&trouble));
    } else {
        fail_empty_handed(take, submission);
    }
    ignored_list(submission, taken);
out:
    free(taken);
    text_release(&trouble);
    return code;
}

int take_submission(const struct take *take, struct submission *submission, struct error *err)
{
    fail_damaged(take, submission);
    int code = submission->problem == NULL ? open_archives(take, submission, err) : 0;
    if (code == 0 && submission->problem == NULL)
        code = take_files(take, submission, err);
    listing_release(submission->files);
    free(submission->files);
    submission->files = NULL;
    return code;
}
