/*
 * What a student's file may not do: small files, each compiled as a student's is, with the flags of
 * both sanitizers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "compile/unit.h"
#include "kit/error.h"
#include "refuse/refuse.h"
#include "tests/refuse_cases.h"
#include "tests/svclab_fixture.h"

enum { PATH_SIZE = 256, CASES_MAX = 128, SOURCE_MAX = 32 << 20 };

struct tree {
    char root[64];   /* the student's folder, and below it asan/ and tsan/ with the objects */
    struct text log; /* what a command said */
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
    snprintf(tree->root, sizeof tree->root, BUILD_FOLDER "/asan/tests/tree-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(tree->root));
}

static void tree_close(struct tree *tree)
{
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

/* Compiles every case with the flags of mode, as a student's file is compiled. */
static void compile_all(const struct tree *tree, const char *mode, struct unit *units, int count)
{
    char path[PATH_SIZE];
    struct recipe recipe;
    struct error err = {0};
    snprintf(path, sizeof path, BUILD_FOLDER "/asan/given/00-tour/recipe");
    ck_assert_msg(recipe_read(&recipe, path, &err) == 0, "%s", err.text);
    if (strcmp(mode, "tsan") == 0)
        for (int i = 0; i < recipe.compile.count; i++)
            if (strncmp(recipe.compile.words[i], "-fsanitize=", 11) == 0)
                recipe.compile.words[i] = "-fsanitize=thread";
    const char *const include[] = {"labs", NULL};
    const struct unit_flags flags = {
        .recipe = &recipe, .include = include, .quiet = 1, .parallel = 2};
    snprintf(path, sizeof path, "%s/%s", tree->root, mode);
    ck_assert_int_eq(files_make(path, &err), 0);
    for (int i = 0; i < count; i++) {
        char source[PATH_SIZE], name[64];
        snprintf(name, sizeof name, "%s.c", refuse_cases[i].name);
        snprintf(source, sizeof source, "%s/00-tour/%s", tree->root, name);
        unit_init(&units[i], source, path, name);
    }
    ck_assert_msg(units_compile(units, count, &flags, &err) == 0, "%s", err.text);
    recipe_release(&recipe);
}

/* What is said of these units together: 0 or ERR_REFUSED. */
static int refuse_units(const struct unit *const *units, int count, struct text *words)
{
    struct refuse_file files[2] = {{0}};
    struct error err = {0};
    for (int i = 0; i < count; i++) {
        files[i].object = text_str(&units[i]->object);
        ck_assert_int_eq(
            files_read(text_str(&units[i]->preprocessed), SOURCE_MAX, &files[i].source, &err), 0);
    }
    const int code = refuse_files(files, count, words, &err);
    for (int i = 0; i < count; i++)
        text_release(&files[i].source);
    return code;
}

static void expect_case(const char *mode, const struct refuse_case *one, const struct unit *unit)
{
    struct text words = {0};
    ck_assert_msg(!unit->is_failed, "%s does not compile", one->name);
    const int code = refuse_units(&unit, 1, &words);
    const char *said = text_str(&words);
    if (one->says == NULL)
        ck_assert_msg(code == 0 && said[0] == '\0', "%s, %s: refused: %s", mode, one->name, said);
    else
        ck_assert_msg(code == ERR_REFUSED && strstr(said, one->says) != NULL,
                      "%s, %s: expected \"%s\", got %d and \"%s\"", mode, one->name, one->says,
                      code, said);
    text_release(&words);
}

/* A lab's own function may be called as one of the library is. */
static void expect_own_function(const struct unit *units, int count)
{
    const struct unit *both[2] = {NULL};
    struct text words = {0};
    for (int i = 0; i < count; i++) {
        if (strcmp(refuse_cases[i].name, "calls_clone") == 0)
            both[0] = &units[i];
        if (strcmp(refuse_cases[i].name, "has_clone") == 0)
            both[1] = &units[i];
    }
    ck_assert_msg(refuse_units(both, 2, &words) == 0, "%s", text_str(&words));
    text_release(&words);
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
        static struct unit units[CASES_MAX];
        int count = 0;
        while (refuse_cases[count].name != NULL)
            count++;
        ck_assert_int_le(count, CASES_MAX);
        compile_all(&tree, modes[i], units, count);
        for (int k = 0; k < count; k++)
            expect_case(modes[i], &refuse_cases[k], &units[k]);
        expect_own_function(units, count);
        for (int k = 0; k < count; k++)
            unit_release(&units[k]);
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
    snprintf(command, sizeof command, BUILD_FOLDER "/svclab check --tree %s --lab %s 2>&1",
             tree.root, lab);
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
