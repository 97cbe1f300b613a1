/*
 * One submission taken in.
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
#include "grade/member_name.h"
#include "grade/open.h"
#include "kit/error.h"

void submission_fail(struct submission *submission, const char *sentence)
{
    submission->counts = 0;
    if (submission->problem == NULL && (submission->problem = strdup(sentence)) == NULL)
        abort();
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
                     struct handed_lab *lab, struct text *refused, struct error *err)
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
            text_addf(&lab->missing, "%s\n", name);
        if (read == ERR_LIMIT)
            text_addf(refused, "%s\n", why.text);
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
    const int is_part = take_wants(take, item->name) || kind_named_archive(item->name);
    switch (item->wrong) {
    case WRONG_NOTHING:
        return 0;
    case WRONG_LOCKED:
    case WRONG_CHECKSUM:
    case WRONG_SIZE:
    case WRONG_METHOD:
        return 1;
    case WRONG_UNREADABLE:
        return is_part || name_ends_with(item->name, "/");
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
    for (int i = 0; i < missed.count; i++)
        submission->needs_person |= missed.items[i].wrong == WRONG_UNREADABLE;
    refuse_wrong(take, &missed, submission);
    listing_release(&missed);
}

/* A lab of which some files were found. What is too large is not taken. */
static int take_lab(const struct take *take, struct submission *submission,
                    const struct wanted *wanted, const struct picked *picked, struct text *trouble,
                    struct error *err)
{
    struct handed_lab lab = {0};
    struct text refused = {0};
    const int code = lay_aside(take, submission, wanted, picked, &lab, &refused, err);
    text_add(lab.taken.length > 0 ? &submission->notes : trouble, text_str(&refused));
    if (lab.taken.length > 0)
        submission->labs[submission->lab_count++] = lab;
    else
        handed_lab_release(&lab);
    text_release(&refused);
    return code;
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
            code = take_lab(take, submission, &take->wanted[i], &picked, trouble, err);
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
