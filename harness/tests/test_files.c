/*
 * Writing a file: the new one whole, or the old one as it was and one sentence.
 */
#define _GNU_SOURCE
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "kit/error.h"
#include "tests/run_tests.h"

enum { NOBODY = 65534, FULL_DISK_BYTES = 100, LARGE = 100000 };

static char *make_folder(void)
{
    struct error err = {0};
    char *folder = NULL;
    ck_assert_msg(files_make_temporary(&folder, &err) == 0, "%s", err.text);
    return folder;
}

/* Removes the folder; fails when anything but the file is in it. */
static void remove_folder(char *folder, const char *file)
{
    unlink(file);
    ck_assert_msg(rmdir(folder) == 0, "something was left beside %s", file);
    free(folder);
}

static void assert_holds(const char *path, const char *expected)
{
    struct text got = {0};
    ck_assert_int_eq(files_read(path, LARGE, &got, NULL), 0);
    ck_assert_str_eq(text_str(&got), expected);
    text_release(&got);
}

static void write_whole(const char *path, const char *bytes)
{
    struct error err = {0};
    ck_assert_msg(files_write(path, bytes, strlen(bytes), &err) == 0, "%s", err.text);
}

/* In a process of its own, as a user who owns nothing and on a disk that is full behind 100 bytes.
   Its exit status: 0 when the write failed with a sentence of path that holds both words. */
static int fails_with(const char *path, const char *reason, const char *cure)
{
    static const char bytes[LARGE];
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {FULL_DISK_BYTES, FULL_DISK_BYTES};
        struct error err = {0};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        if (geteuid() == 0 && strcmp(reason, "Permission denied") == 0 && setuid(NOBODY) != 0)
            _exit(2);
        int status = files_write(path, bytes, sizeof bytes, &err);
        int says = strstr(err.text, path) != NULL && strstr(err.text, reason) != NULL &&
                   strstr(err.text, cure) != NULL && strchr(err.text, '\n') == NULL;
        if (status != ERR_IO || !says)
            fprintf(stderr, "%d: %s\n", status, err.text);
        _exit(status == ERR_IO && says ? 0 : 1);
    }
    int ended = -1;
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    return ended;
}

START_TEST(a_file_is_replaced_as_a_whole_and_may_be_read_by_all)
{
    char *folder = make_folder(), path[256];
    struct stat status;
    snprintf(path, sizeof path, "%s/report", folder);
    write_whole(path, "the old one, which is longer");
    write_whole(path, "the new one");
    assert_holds(path, "the new one");
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0644);
    remove_folder(folder, path);
}
END_TEST

START_TEST(a_name_without_a_folder_is_in_this_folder)
{
    char *folder = make_folder(), *here = getcwd(NULL, 0);
    ck_assert_int_eq(chdir(folder), 0);
    write_whole("report", "here");
    assert_holds("report", "here");
    ck_assert_int_eq(unlink("report"), 0);
    ck_assert_int_eq(chdir(here), 0);
    free(here);
    remove_folder(folder, "report");
}
END_TEST

START_TEST(what_cannot_be_written_is_one_sentence_and_leaves_the_old_file)
{
    static const struct {
        const char *file, *reason, *cure;
        mode_t folder_mode;
    } cases[] = {
        {"report", "File too large", "Free some space", 0755},
        {"report", "Permission denied", "Make its folder writable", 0555},
        {"not/there/report", "No such file", "Make its folder first", 0755},
        {"report/below-a-file", "Not a directory", "Make its folder first", 0755},
        {".", "not a file", "another place", 0755},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *folder = make_folder(), old[256], path[256];
        snprintf(old, sizeof old, "%s/report", folder);
        snprintf(path, sizeof path, "%s/%s", folder, cases[i].file);
        write_whole(old, "the old one");
        ck_assert_int_eq(chmod(folder, cases[i].folder_mode), 0);
        ck_assert_msg(fails_with(path, cases[i].reason, cases[i].cure) == 0, "case %zu", i);
        ck_assert_int_eq(chmod(folder, 0755), 0);
        assert_holds(old, "the old one");
        remove_folder(folder, old);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_file_is_replaced_as_a_whole_and_may_be_read_by_all,
        a_name_without_a_folder_is_in_this_folder,
        what_cannot_be_written_is_one_sentence_and_leaves_the_old_file,
        NULL,
    };
    return run_tests("files", tests);
}
