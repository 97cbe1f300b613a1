/*
 * What a student's file may not do: a tree of small files, each of which goes through the rules of
 * harness/labs.mk, with the flags of both sanitizers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "refuse/refuse.h"
#include "kit/error.h"
#include "tests/refuse_cases.h"
#include "tests/svclab_fixture.h"

enum { PATH_SIZE = 256 };

struct tree {
    char root[64];    /* TREE: LABS of the Makefile */
    char objects[96]; /* below build/asan or build/tsan: the same with _ for / */
    struct text log;  /* what make said */
};

static void write_file(const struct tree *tree, const char *lab, const char *name,
                       const char *bytes)
{
    char path[PATH_SIZE];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", tree->root, lab);
    ck_assert_msg(files_make(path, &err) == 0, "%s", err.text);
    snprintf(path, sizeof path, "%s/%s/%s", tree->root, lab, name);
    ck_assert_msg(files_write(path, bytes, strlen(bytes), &err) == 0, "%s", err.text);
}

static void tree_open(struct tree *tree)
{
    *tree = (struct tree){.log = {0}};
    snprintf(tree->root, sizeof tree->root, "build/asan/tests/tree-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(tree->root));
    snprintf(tree->objects, sizeof tree->objects, "%s", tree->root);
    for (char *c = tree->objects; *c != '\0'; c++)
        if (*c == '/')
            *c = '_';
}

static void tree_close(struct tree *tree)
{
    static const char *const modes[] = {"asan", "tsan"};
    for (int i = 0; i < 2; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "build/%s/%s", modes[i], tree->objects);
        files_remove(path);
    }
    files_remove(tree->root);
    text_release(&tree->log);
}

/* The exit status of this command of the shell; what it says goes to the log. */
static int run(struct tree *tree, const char *command)
{
    char bytes[4096];
    size_t got = 0;
    text_clear(&tree->log);
    FILE *output = popen(command, "r");
    ck_assert_ptr_nonnull(output);
    while ((got = fread(bytes, 1, sizeof bytes, output)) > 0)
        text_append(&tree->log, bytes, got);
    int status = pclose(output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Compiles every case with the flags of mode. */
static void compile_all(struct tree *tree, const char *mode)
{
    struct text command = {0};
    text_addf(&command, "make -s -k LABS=%s NAME=00-tour MODE=%s TOLD=-w 2>&1", tree->root, mode);
    for (const struct refuse_case *one = refuse_cases; one->name != NULL; one++)
        text_addf(&command, " build/%s/%s/00-tour/%s.o", mode, tree->objects, one->name);
    ck_assert_msg(run(tree, text_str(&command)) == 0, "%s", text_str(&tree->log));
    text_release(&command);
}

static void expect_case(struct tree *tree, const char *mode, const struct refuse_case *one)
{
    char command[PATH_SIZE];
    snprintf(command, sizeof command, "build/svclab refuse build/%s/%s/00-tour/%s.o 2>&1", mode,
             tree->objects, one->name);
    int status = run(tree, command);
    const char *said = text_str(&tree->log);
    if (one->says == NULL)
        ck_assert_msg(status == 0 && said[0] == '\0', "%s, %s: refused: %s", mode, one->name, said);
    else
        ck_assert_msg(status == 1 && strstr(said, one->says) != NULL,
                      "%s, %s: expected \"%s\", got status %d and \"%s\"", mode, one->name,
                      one->says, status, said);
}

/* A lab's own function may be called as one of the library is. */
static void expect_own_function(struct tree *tree, const char *mode)
{
    char command[2 * PATH_SIZE];
    const char *folder = tree->objects;
    snprintf(command, sizeof command,
             "build/svclab refuse build/%s/%s/00-tour/calls_clone.o "
             "build/%s/%s/00-tour/has_clone.o 2>&1",
             mode, folder, mode, folder);
    int status = run(tree, command);
    ck_assert_msg(status == 0, "%s: %s", mode, text_str(&tree->log));
}

START_TEST(what_escapes_the_sanitizers_is_refused_and_what_looks_like_it_is_not)
{
    static const char *const modes[] = {"asan", "tsan"};
    struct tree tree;
    tree_open(&tree);
    for (const struct refuse_case *one = refuse_cases; one->name != NULL; one++) {
        char name[PATH_SIZE];
        snprintf(name, sizeof name, "%s.c", one->name);
        write_file(&tree, "00-tour", name, one->source);
        snprintf(name, sizeof name, "%s.h", one->name);
        if (one->header != NULL)
            write_file(&tree, "00-tour", name, one->header);
    }
    for (int i = 0; i < 2; i++) {
        compile_all(&tree, modes[i]);
        for (const struct refuse_case *one = refuse_cases; one->name != NULL; one++)
            expect_case(&tree, modes[i], one);
        expect_own_function(&tree, modes[i]);
    }
    tree_close(&tree);
}
END_TEST

/* A lab's reference with these lines at the end of its first file, judged. */
static void expect_no_build(const char *lab, const char *file, const char *more, const char *words)
{
    struct tree tree;
    char command[1024], line[PATH_SIZE];
    tree_open(&tree);
    snprintf(command, sizeof command, "cp -rL solutions/%s %s/", lab, tree.root);
    ck_assert_int_eq(run(&tree, command), 0);
    snprintf(line, sizeof line, "%s/%s/%s", tree.root, lab, file);
    FILE *source = fopen(line, "a");
    ck_assert_ptr_nonnull(source);
    fputs(more, source);
    fclose(source);
    snprintf(command, sizeof command,
             "make -s labs-built LABS=%s LAB=%s; build/svclab check --tree %s "
             "--build build/asan/%s --lab %s 2>&1",
             tree.root, lab, tree.root, tree.objects, lab);
    int status = run(&tree, command);
    ck_assert_msg(status == 2 && says(text_str(&tree.log), words),
                  "expected exit status 2 and \"%s\", got %d and:\n%.1500s", words, status,
                  text_str(&tree.log));
    tree_close(&tree);
}

START_TEST(lab_with_a_refused_file_does_not_build)
{
    expect_no_build("00-tour", "tour.c",
                    "#include <unistd.h>\n"
                    "void leave(void);\n"
                    "void leave(void)\n{\n    _exit(0);\n}\n",
                    "_exit ends the process unseen");
    expect_no_build("02-breaker", "breaker.c",
                    "#ifdef __SANITIZE_THREAD__\n"
                    "void __attribute__((no_sanitize(\"thread\"))) race(void);\n"
                    "#endif\n",
                    "no_sanitize belongs to the sanitizers");
}
END_TEST

START_TEST(nothing_hides_behind_a_nul)
{
    static const char bytes[] = "# 7 \"a.c\"\nint a;\0__attribute__((section(\".x\"))) int b;\n";
    struct text source = {0}, words = {0};
    text_append(&source, bytes, sizeof bytes - 1);
    ck_assert_int_eq(refuse_source(&source, &words), ERR_REFUSED);
    ck_assert_msg(says(text_str(&words), "a.c:7: a NUL"), "%s", text_str(&words));
    text_release(&source);
    text_release(&words);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_escapes_the_sanitizers_is_refused_and_what_looks_like_it_is_not,
        lab_with_a_refused_file_does_not_build, nothing_hides_behind_a_nul, NULL};
    return run_tests("refuse", tests);
}
