/*
 * The house: which folder may include which (docs/adr/0007-the-house.md).
 *
 * A folder is listed once, below all that it may include; so an include that is not listed, and any
 * circle, fails here with the file that makes it.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/files.h"
#include "kit/text.h"
#include "tests/run_tests.h"

enum { SOURCE_MAX = 1 << 20, PATH_SIZE = 512 };

static const struct folder {
    const char *path;     /* its files, those of folders below it too */
    const char *name;     /* as it stands before the slash in an #include */
    const char *includes; /* the folders it may include, its own aside: " a b " */
} folders[] = {
    {"labs/kit", "kit", " "},
    {"labs/probe", "probe", " kit "},
    {"labs/00-tour", "00-tour", " kit probe "},
    {"labs/01-order", "01-order", " kit probe "},
    {"labs/02-breaker", "02-breaker", " kit probe "},
    {"labs/03-saga", "03-saga", " kit probe "},
    {"labs/04-chat", "04-chat", " kit probe "},
    {"solutions/00-tour", "00-tour", " kit "},
    {"solutions/01-order", "01-order", " kit "},
    {"solutions/02-breaker", "02-breaker", " kit "},
    {"solutions/03-saga", "03-saga", " kit "},
    {"solutions/04-chat", "04-chat", " kit "},
    {"exercises", "", " kit probe "},
    {"harness/peers", "peers", " kit probe "},
    {"harness/base", "base", " kit "},
    {"harness/course", "course", " kit base "},
    {"harness/refuse", "refuse", " kit base "},
    {"harness/compile", "compile", " kit base course refuse "},
    {"harness/process", "process", " kit probe base course "},
    {"harness/cluster", "cluster", " kit probe base course process peers "},
    {"harness/report", "report", " kit base course "},
    {"harness/load", "load", " kit base course "},
    {"harness/judge", "judge", " kit probe base course refuse compile process cluster load "},
    {"harness/suites", "suites",
     " kit probe base course process cluster report load judge 03-saga 04-chat "},
    {"harness/matrix", "matrix", " kit probe base course compile process judge "},
    {"harness/grade", "grade",
     " kit probe base course refuse compile process cluster report judge "},
    {"harness/commands", "commands",
     " kit probe base course refuse compile process cluster report judge suites matrix grade "},
    {"harness/bench", "bench", " kit base process cluster load judge suites 02-breaker 04-chat "},
};
enum { FOLDERS = sizeof folders / sizeof folders[0] };

/* Fails for the first include of the file that its folder may not have. */
static void look_into(const struct folder *folder, const char *path)
{
    struct text source = {0};
    ck_assert_int_eq(files_read(path, SOURCE_MAX, &source, NULL), 0);
    static const char include[] = "\n#include \"";
    for (const char *at = text_str(&source); (at = strstr(at, include)) != NULL;) {
        at += strlen(include);
        const size_t length = strcspn(at, "/\"\n");
        if (at[length] != '/')
            continue; /* beside it */
        char name[64], listed[66];
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        snprintf(listed, sizeof listed, " %s ", name);
        ck_assert_msg(strcmp(name, folder->name) == 0 || strstr(folder->includes, listed) != NULL,
                      "%s includes \"%.*s\": %s may include%s", path, (int)strcspn(at, "\"\n"), at,
                      folder->path, folder->includes);
    }
    text_release(&source);
}

static int is_source(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0);
}

/* The number of files looked into. */
static int look_below(const struct folder *folder, const char *path)
{
    int count = 0;
    DIR *entries = opendir(path);
    ck_assert_msg(entries != NULL, "%s is not there", path);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char below[PATH_SIZE];
        struct stat info;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || stat(below, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode)) {
            count += look_below(folder, below);
        } else if (is_source(entry->d_name)) {
            look_into(folder, below);
            count++;
        }
    }
    closedir(entries);
    return count;
}

START_TEST(folders_include_only_what_stands_below_them)
{
    for (int i = 0; i < FOLDERS; i++)
        ck_assert_msg(look_below(&folders[i], folders[i].path) > 0, "%s has no sources",
                      folders[i].path);
}
END_TEST

/* Whether the table names that folder before row `end`. */
static int stands_before(const char *name, size_t length, int end)
{
    for (int i = 0; i < end; i++)
        if (strlen(folders[i].name) == length && strncmp(folders[i].name, name, length) == 0)
            return 1;
    return 0;
}

START_TEST(the_table_has_no_circle)
{
    for (int i = 0; i < FOLDERS; i++) {
        const char *at = folders[i].includes;
        while (*(at += strspn(at, " ")) != '\0') {
            const size_t length = strcspn(at, " ");
            ck_assert_msg(stands_before(at, length, i), "%s may include %.*s, which stands later",
                          folders[i].path, (int)length, at);
            at += length;
        }
    }
}
END_TEST

/* A checkout with core.autocrlf must work: scripts, makefiles and patches break with CRLF. */
START_TEST(every_file_is_checked_out_with_line_feeds)
{
    struct text attributes = {0};
    ck_assert_int_eq(files_read(".gitattributes", SOURCE_MAX, &attributes, NULL), 0);
    ck_assert_ptr_nonnull(strstr(text_str(&attributes), "\n* text=auto eol=lf\n"));
    text_release(&attributes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {folders_include_only_what_stands_below_them,
                                  the_table_has_no_circle,
                                  every_file_is_checked_out_with_line_feeds, NULL};
    return run_tests("house", tests);
}
