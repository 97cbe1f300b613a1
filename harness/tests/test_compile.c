/*
 * What is graded is what is there: trees of lab 00 under odd names, with odd dates, in build
 * folders that cannot be written, judged by build/svclab and by make as a person types it.
 */
#define _GNU_SOURCE
#include "compile/lab.h"
#include "compile/unit.h"
#include "suites/suites.h"
#include "tests/compile_fixture.h"

/* --- tests ------------------------------------------------------------------------------------ */

START_TEST(an_older_file_at_the_same_path_is_graded_as_it_is)
{
    open_root();
    write_tour(root, 0);
    expect(root, 0);
    write_tour(root, 1);
    make_old(root, "tour.c");
    expect(root, 1);
    write_tour(root, 0);
    make_old(root, "tour.c");
    make_old(root, "tour.c");
    expect(root, 0);
    close_root();
}
END_TEST

START_TEST(an_older_header_of_the_students_own_is_graded_as_it_is)
{
    struct text source = {0}, header = {0};
    open_root();
    tour_source(&source, 0);
    static const char used[] = "return command == DOOR_DO_CLOSE ? DOOR_CLOSED : -1;";
    char *at = strstr(source.bytes, used);
    text_addf(&header,
              "#include \"mine.h\"\n%.*sreturn command == DOOR_DO_CLOSE ? DOOR_CLOSED : "
              "OTHERWISE;%s",
              (int)(at - source.bytes), source.bytes, at + strlen(used));
    write_file(root, "tour.c", text_str(&header));
    write_file(root, "mine.h", "#define OTHERWISE -1\n");
    expect(root, 0);
    write_file(root, "mine.h", "#define OTHERWISE DOOR_LOCKED\n");
    make_old(root, "mine.h");
    expect(root, 1);
    text_release(&source);
    text_release(&header);
    close_root();
}
END_TEST

START_TEST(paths_that_look_alike_share_nothing)
{
    char first[PATH_SIZE], second[PATH_SIZE];
    open_root();
    snprintf(first, sizeof first, "%s/k/s_1", root);
    snprintf(second, sizeof second, "%s/k_s/1", root);
    write_tour(first, 0);
    write_tour(second, 1);
    expect(first, 0);
    expect(second, 1);
    expect(first, 0);
    struct text a = {0}, b = {0};
    ck_assert_int_eq(compile_place("build", first, &a, NULL), 0);
    ck_assert_int_eq(compile_place("build", second, &b, NULL), 0);
    ck_assert_str_ne(text_str(&a), text_str(&b));
    ck_assert_int_eq(compile_place("build", "/nowhere/at/all", &a, NULL), ERR_NOT_FOUND);
    text_clear(&a);
    ck_assert_int_eq(compile_place("build", "solutions/", &a, NULL), 0);
    ck_assert_str_eq(text_str(&a), "build/trees/solutions");
    text_release(&a);
    text_release(&b);
    close_root();
}
END_TEST

/* A folder that its owner may not write, root aside: a folder in the place of a program cannot be
   removed by anybody, nor replaced. */
START_TEST(an_old_program_that_cannot_go_is_not_graded)
{
    char program[PATH_SIZE];
    struct text folder = {0}, said = {0};
    struct error err = {0};
    open_root();
    write_tour(root, 0);
    expect(root, 0);
    ck_assert_int_eq(compile_place(BUILD_FOLDER, root, &folder, NULL), 0);
    snprintf(program, sizeof program, "%s/00-tour/probe", text_str(&folder));
    ck_assert_int_eq(unlink(program), 0);
    snprintf(program, sizeof program, "%s/00-tour/probe/inside", text_str(&folder));
    ck_assert_int_eq(files_make(program, &err), 0);
    write_tour(root, 1);
    const int status = judge(root, &said);
    ck_assert_msg(status == 3 && strstr(text_str(&said), "cannot remove the old ") != NULL,
                  "%d:\n%s", status, text_str(&said));
    files_remove(text_str(&folder));
    text_release(&folder);
    text_release(&said);
    close_root();
}
END_TEST

static void expect_words(int status, const char *words, const struct text *said, int got)
{
    ck_assert_msg(got == status && strstr(text_str(said), words) != NULL,
                  "expected %d and \"%s\", got %d and:\n%.1500s", status, words, got,
                  text_str(said));
}

START_TEST(what_does_not_compile_is_the_students_and_leaves_no_program)
{
    struct text said = {0}, folder = {0};
    char program[PATH_SIZE];
    open_root();
    write_tour(root, 0);
    expect(root, 0);
    ck_assert_int_eq(compile_place(BUILD_FOLDER, root, &folder, NULL), 0);
    snprintf(program, sizeof program, "%s/00-tour/probe", text_str(&folder));
    static const struct {
        const char *source, *words;
    } cases[] = {{"int x = ;\n", "error:"},
                 {"#include \"nowhere.h\"\n", "nowhere.h: No such file"},
                 {"int here;\n", "undefined reference"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_tour(root, 0);
        expect(root, 0);
        write_file(root, "tour.c", cases[i].source);
        expect_words(2, cases[i].words, &said, judge(root, &said));
        ck_assert_int_eq(files_exist(program), 0);
    }
    text_release(&said);
    text_release(&folder);
    close_root();
}
END_TEST

/* A compiler in the tour's folder that compiles, but links nothing: it says words. */
static void write_lame_compiler(const char *words)
{
    static const char *const names[] = {"cc", "gcc", "clang"};
    struct text script = {0};
    text_addf(&script,
              "#!/bin/sh\nPATH=/usr/bin:/bin\ncase \" $* \" in *' -c '*|*' -E '*) exec ${0##*/} "
              "\"$@\" ;; esac\necho '%s' >&2\nexit 1\n",
              words);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/00-tour/%s", root, names[i]);
        write_file(root, names[i], text_str(&script));
        ck_assert_int_eq(chmod(path, 0755), 0);
    }
    text_release(&script);
}

START_TEST(a_compiler_that_cannot_work_is_the_machines_fault)
{
    struct text said = {0};
    open_root();
    write_tour(root, 0);
    const char *const command[] = {
        BUILD_FOLDER "/svclab", "check", "--lab", "00", "--tree", root, NULL};
    static const char *const nowhere[] = {"PATH", "/nowhere", NULL};
    expect_words(3, "cannot start ", &said, run(command, nowhere, &said));
    static const char *const lacks[][2] = {
        {"ld: cannot find -lasan", "sanitizers here (cannot find -lasan). Install libgcc"},
        {"ld: cannot find libclang_rt.asan.a\nclang: error", "Install libclang-rt-dev"}};
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/00-tour", root);
    for (int i = 0; i < 2; i++) {
        write_lame_compiler(lacks[i][0]);
        const char *const lame[] = {"PATH", folder, NULL};
        expect_words(3, lacks[i][1], &said, run(command, lame, &said));
    }
    static const char *const no_room[] = {"TMPDIR", "/nowhere", NULL};
    const int status = run(command, no_room, &said);
    ck_assert_msg(status == 3, "%d:\n%s", status, text_str(&said));
    text_release(&said);
    close_root();
}
END_TEST

/* A compiler of one line of sh, in the place of cc: what it does instead when cc1 would compile. */
static void expect_killed(const char *tree, const char *signal, int status, const char *words)
{
    char folder[PATH_SIZE], path[2 * PATH_SIZE];
    struct text said = {0}, fake = {0};
    struct error err = {0};
    snprintf(folder, sizeof folder, "%s/bin-%s", root, signal);
    ck_assert_msg(files_make(folder, &err) == 0, "%s", err.text);
    snprintf(path, sizeof path, "%s/cc", folder);
    text_addf(&fake,
              "#!/bin/sh\ncase \"$*\" in *\" -c \"*) echo 'cc: fatal error: %s signal terminated "
              "program cc1' >&2; exit 1;; esac\nexec /usr/bin/cc \"$@\"\n",
              signal);
    ck_assert_msg(files_write(path, text_str(&fake), fake.length, &err) == 0, "%s", err.text);
    ck_assert_int_eq(chmod(path, 0755), 0);
    snprintf(path, sizeof path, "%s:%s", folder, getenv("PATH"));
    const char *const command[] = {
        BUILD_FOLDER "/svclab", "check", "--lab", "00", "--tree", tree, NULL};
    const char *const environment[] = {"PATH", path, NULL};
    expect_words(status, words, &said, run(command, environment, &said));
    text_release(&said);
    text_release(&fake);
}

START_TEST(a_compiler_that_was_killed_is_the_machines_fault_and_a_limit_the_files)
{
    open_root();
    write_tour(root, 0);
    expect_killed(root, "Killed", 3, "something ended the compiler at ");
    expect_killed(root, "Interrupt", 3, "something ended the compiler at ");
    expect_killed(root, "CPU time limit exceeded", 2, "the compiler was stopped at a limit");
    expect(root, 0);
    close_root();
}
END_TEST

START_TEST(what_is_no_file_is_not_waited_for)
{
    char path[PATH_SIZE];
    struct text said = {0};
    open_root();
    write_tour(root, 0);
    snprintf(path, sizeof path, "%s/00-tour/tour.c", root);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_words(2, "tour.c: this is not a file", &said, judge(root, &said));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/dev/zero", path), 0);
    expect_words(2, "tour.c: this is not a file", &said, judge(root, &said));
    ck_assert_int_eq(unlink(path), 0);
    write_file(root, "tour.c", "");
    expect_words(2, "undefined reference", &said, judge(root, &said));
    text_release(&said);
    close_root();
}
END_TEST

/* The compiler includes what the preprocessor leaves out, and its object would have the old key. */
START_TEST(what_only_the_compiler_would_read_is_not_compiled)
{
    struct text source = {0}, said = {0};
    open_root();
    text_add(&source,
             "#pragma GCC target(\"avx2\")\n#ifdef __AVX2__\n#include \"mine.h\"\n#endif\n");
    tour_source(&source, 0);
    write_file(root, "tour.c", text_str(&source));
    write_file(root, "mine.h", "");
    expect(root, 0);
    write_file(root, "mine.h", "#define DOOR_CLOSED DOOR_LOCKED\n");
    const int with_old = judge(root, &said);
    write_file(root, "tour.c", text_str(&source));
    text_add(&source, "/* another text, so that all is compiled anew */ extern int more;\n");
    write_file(root, "tour.c", text_str(&source));
    ck_assert_int_eq(judge(root, &said), with_old);
    text_release(&source);
    text_release(&said);
    close_root();
}
END_TEST

START_TEST(a_copy_of_a_given_header_must_be_the_same)
{
    struct text header = {0}, said = {0};
    open_root();
    write_tour(root, 0);
    ck_assert_int_eq(files_read("labs/00-tour/tour.h", SOURCE_MAX, &header, NULL), 0);
    write_file(root, "tour.h", text_str(&header));
    expect(root, 0);
    text_add(&header, "/* as it was last year */\n");
    write_file(root, "tour.h", text_str(&header));
    expect_words(2, "tour.h: this is in the place of labs/00-tour/tour.h", &said,
                 judge(root, &said));
    text_release(&header);
    text_release(&said);
    close_root();
}
END_TEST

/* The programs are held as the judge holds them; another run with another file waits. */
START_TEST(no_program_is_replaced_while_it_is_judged)
{
    struct text folder = {0}, words = {0}, said = {0};
    struct error err = {0};
    struct stat before, after;
    char program[PATH_SIZE];
    int hold = -1;
    open_root();
    write_tour(root, 0);
    ck_assert_int_eq(compile_place(BUILD_FOLDER, root, &folder, NULL), 0);
    text_add(&folder, "/00-tour");
    const struct compile_options options = {.lab = lab_find(all_labs, "00"),
                                            .tree = root,
                                            .build = BUILD_FOLDER,
                                            .out = text_str(&folder),
                                            .mode = "asan",
                                            .programs = COMPILE_ALL,
                                            .hold = &hold};
    ck_assert_msg(compile_lab(&options, &words, &err) == 0, "%s", err.text);
    snprintf(program, sizeof program, "%s/probe", text_str(&folder));
    ck_assert_int_eq(stat(program, &before), 0);
    expect(root, 0); /* the same file: both run side by side */
    write_tour(root, 1);
    const char *const command[] = {
        "timeout", "2", BUILD_FOLDER "/svclab", "check", "--lab", "00", "--tree", root, NULL};
    expect_words(124, "this one waits for it", &said, run(command, NULL, &said));
    ck_assert_int_eq(stat(program, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    close(hold);
    expect(root, 1);
    text_release(&folder);
    text_release(&words);
    text_release(&said);
    close_root();
}
END_TEST

START_TEST(the_compilers_warnings_are_said_at_every_run)
{
    struct text source = {0}, said = {0};
    open_root();
    tour_source(&source, 0);
    text_add(&source, "static int unused_one(void)\n{\n    return 1;\n}\n");
    write_file(root, "tour.c", text_str(&source));
    for (int i = 0; i < 2; i++)
        expect_words(0, "unused_one", &said, judge(root, &said));
    text_release(&source);
    text_release(&said);
    close_root();
}
END_TEST

START_TEST(nothing_is_compiled_twice)
{
    char object[PATH_SIZE];
    struct text folder = {0};
    struct stat before, after;
    open_root();
    write_tour(root, 0);
    expect(root, 0);
    ck_assert_int_eq(compile_place(BUILD_FOLDER, root, &folder, NULL), 0);
    snprintf(object, sizeof object, "%s/00-tour/asan/tour.o", text_str(&folder));
    ck_assert_int_eq(stat(object, &before), 0);
    write_tour(root, 0); /* the same bytes, a new date */
    expect(root, 0);
    ck_assert_int_eq(stat(object, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    ck_assert_int_eq(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
    ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    text_release(&folder);
    close_root();
}
END_TEST

START_TEST(the_tour_is_solved)
{
    struct text given = {0}, solved = {0};
    ck_assert_int_eq(files_read("labs/00-tour/tour.c", SOURCE_MAX, &given, NULL), 0);
    ck_assert_int_eq(files_read("solutions/00-tour/tour.c", SOURCE_MAX, &solved, NULL), 0);
    ck_assert_str_eq(text_str(&given), text_str(&solved));
    text_release(&given);
    text_release(&solved);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_older_file_at_the_same_path_is_graded_as_it_is,
        an_older_header_of_the_students_own_is_graded_as_it_is,
        paths_that_look_alike_share_nothing,
        an_old_program_that_cannot_go_is_not_graded,
        what_does_not_compile_is_the_students_and_leaves_no_program,
        a_compiler_that_cannot_work_is_the_machines_fault,
        a_compiler_that_was_killed_is_the_machines_fault_and_a_limit_the_files,
        what_is_no_file_is_not_waited_for,
        what_only_the_compiler_would_read_is_not_compiled,
        a_copy_of_a_given_header_must_be_the_same,
        no_program_is_replaced_while_it_is_judged,
        the_compilers_warnings_are_said_at_every_run,
        nothing_is_compiled_twice,
        the_tour_is_solved,
        NULL};
    return run_tests("compile", tests);
}
