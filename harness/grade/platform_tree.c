/*
 * Platforms that deliver a folder for each submission: Sakai, GitHub Classroom; and what anybody
 * makes by hand.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/files.h"
#include "grade/csv.h"
#include "grade/kind.h"
#include "grade/limits.h"
#include "grade/member_name.h"
#include "grade/platform.h"
#include "grade/roster.h"

enum { SMALL_FILE_MAX = 256, GITHUB_PAGE = 30 };

static int ends_with(struct span span, const char *text)
{
    const size_t length = strlen(text);
    return span.length >= length && strncmp(span.at + span.length - length, text, length) == 0;
}

/* --- Sakai ------------------------------------------------------------------------------------ */

/* TITLE/LAST, FIRST(EID)/WORDS/FILE; of the platform: timestamp.txt, grades.csv, texts and comments
   beside WORDS. WORDS are in the site's language, "Submission attachment(s)" in English; the folder
   of what teachers gave back begins with "Feedback". Letters outside ASCII vanish from names: the
   last brackets decide. */

static int place_sakai(const char *name, const struct place_context *context, struct placed *placed)
{
    const char *first = strchr(name, '/');
    (void)context;
    if (first == NULL)
        return 0;
    if (strcmp(first, "/grades.csv") == 0) {
        placed->role = ROLE_CLASS;
        return 1;
    }
    const char *begin = first + 1, *end = strchr(begin, '/');
    if (end == NULL || end[-1] != ')')
        return 0;
    const char *bracket = end;
    while (bracket > begin && *bracket != '(')
        bracket--;
    if (*bracket != '(' || bracket + 1 == end - 1)
        return 0;
    const char *below = strchr(end + 1, '/');
    const int is_file = below != NULL && strncmp(end + 1, "Feedback", strlen("Feedback")) != 0;
    placed->role = is_file ? ROLE_FILE : ROLE_ABOUT;
    placed->kind = ID_SAKAI_EID;
    placed->id = span_of(bracket + 1, end - 1);
    placed->name = span_of(begin, end);
    placed->file = span_all(is_file ? below + 1 : end + 1);
    return 1;
}

static struct submission *sakai_find(struct handed_in *class, struct span id)
{
    for (int i = 0; i < class->count; i++)
        if (strlen(class->submissions[i].id) == id.length &&
            strncmp(class->submissions[i].id, id.at, id.length) == 0)
            return &class->submissions[i];
    return NULL;
}

static void sakai_time(const struct item *item, struct handed_in *class)
{
    const struct place_context context = {.class = class};
    struct placed placed = {0};
    struct text time = {0};
    if (!place_sakai(item->name, &context, &placed) || placed.role != ROLE_ABOUT)
        return;
    struct submission *submission = sakai_find(class, placed.id);
    if (submission != NULL && files_read(item->path, SMALL_FILE_MAX, &time, NULL) == 0)
        replace_string(&submission->time, text_str(&time), strcspn(text_str(&time), "\r\n"));
    text_release(&time);
}

/* The row "Display ID,ID,...,Late submission" and those below it. */
static void sakai_late(const struct item *item, struct handed_in *class)
{
    struct text text = {0};
    struct csv csv = {0};
    int header = -1, column = -1;
    if (files_read(item->path, CSV_BYTES_MAX, &text, NULL) == 0)
        csv_read(&csv, text_str(&text));
    for (int row = 0; row < csv.count; row++) {
        for (int i = 0; header < 0 && i < csv.rows[row].count; i++)
            column = strcmp(csv_cell(&csv, row, i), "Late submission") == 0 ? i : column;
        if (header < 0 && column >= 0) {
            header = row;
            continue;
        }
        struct submission *submission = sakai_find(class, span_all(csv_cell(&csv, row, 0)));
        const char *late = csv_cell(&csv, row, column);
        if (column >= 0 && submission != NULL)
            submission->late = strcmp(late, "Late") == 0      ? 1
                               : strcmp(late, "On time") == 0 ? 0
                                                              : UNKNOWN;
    }
    csv_release(&csv);
    text_release(&text);
}

static void finish_sakai(const struct listing *all, struct handed_in *class)
{
    for (int i = 0; i < all->count; i++) {
        const struct item *item = &all->items[i];
        const struct span name = span_all(item->name);
        if (item->path != NULL && ends_with(name, "/timestamp.txt"))
            sakai_time(item, class);
        else if (item->path != NULL && ends_with(name, "/grades.csv"))
            sakai_late(item, class);
    }
}

const struct platform platform_sakai = {"Sakai", place_sakai, finish_sakai};

/* --- GitHub Classroom ------------------------------------------------------------------------- */

/* SLUG-submissions/SLUG-LOGIN/FILE, as `gh classroom clone student-repos` writes it; LOGIN holds
   hyphens, SLUG too: exactly SLUG and one hyphen are taken off. */

static int place_github(const char *name, const struct place_context *context,
                        struct placed *placed)
{
    static const char suffix[] = "-submissions";
    const char *slash = strchr(name, '/');
    if (slash == NULL)
        return 0;
    struct span container = span_of(name, slash);
    const char *begin = slash + 1;
    if (!ends_with(container, suffix)) {
        container = span_all(context->container);
        begin = name;
    }
    const char *end = strchr(begin, '/');
    if (!ends_with(container, suffix) || end == NULL)
        return 0;
    const size_t slug = container.length - strlen(suffix);
    if ((size_t)(end - begin) <= slug + 1 || strncmp(begin, container.at, slug) != 0 ||
        begin[slug] != '-')
        return 0;
    placed->role = ROLE_FILE;
    placed->kind = ID_GITHUB_LOGIN;
    placed->id = span_of(begin + slug + 1, end);
    placed->file = span_all(end + 1);
    return 1;
}

static void finish_github(const struct listing *all, struct handed_in *class)
{
    (void)all;
    if (class->count > 0 && class->count % GITHUB_PAGE == 0)
        text_addf(&class->lines,
                  "there are exactly %d repositories, and gh classroom clones %d a page: look at "
                  "--per-page and --page, the rest of the class may be missing\n",
                  class->count, GITHUB_PAGE);
}

const struct platform platform_github = {"GitHub Classroom", place_github, finish_github};

/* --- folders and archives --------------------------------------------------------------------- */

/* NAME/FILE, NAME.zip: a folder or an archive for each submission, named as the student is. */

/* Handed in as it is, though it is no archive: it gets a report that says so. */
static int is_lone_hand_in(const char *name)
{
    static const char *const endings[] = {".pdf", ".doc", ".docx", ".odt",
                                          ".rtf", ".c",   ".h",    ".c.txt"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (name_ends_with(name, endings[i]))
            return 1;
    return kind_named_archive(name);
}

/* "lab.tar.gz" without its ending; a name that begins with a dot keeps all. */
static struct span without_ending(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name)
        return span_all(name);
    const struct span stem = span_of(name, dot);
    static const char *const inner[] = {".tar", ".c"};
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++)
        if (ends_with(stem, inner[i]) && stem.length > strlen(inner[i]))
            return (struct span){name, stem.length - strlen(inner[i])};
    return stem;
}

static int place_folders(const char *name, const struct place_context *context,
                         struct placed *placed)
{
    const char *slash = strchr(name, '/');
    (void)context;
    placed->kind = ID_NAME;
    if (slash != NULL) {
        placed->id = span_of(name, slash);
        placed->file = span_all(slash + 1);
    } else {
        placed->id = without_ending(name);
        placed->file = span_all(name);
    }
    placed->person = slash != NULL ? placed->id : span_all(name);
    placed->role = slash != NULL || is_lone_hand_in(name) ? ROLE_FILE : ROLE_CLASS;
    return name[0] != '.';
}

const struct platform platform_folders = {"folders and archives", place_folders, NULL};
