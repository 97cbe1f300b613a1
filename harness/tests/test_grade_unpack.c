/*
 * Unpacking one archive: its limits, the cage of the process that reads it, and what a reader that
 * was taken over could do.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "grade/unpack.h"
#include "grade/unpack_guard.h"
#include "grade/unpack_reader.h"
#include "grade/zip_directory.h"
#include "tests/grade_fixture.h"

enum { MEGABYTE = 1 << 20 };

static const struct unpack_limits small = {
    .packed_mb = 1, .unpacked_mb = 2, .file_mb = 2, .members = 6, .cpu_s = 1, .wall_s = 60};

/* Writes root/in/a.zip from the bytes, unpacks it; the code. */
static int unpack_bytes(struct grading *grading, const struct text *bytes,
                        const struct unpack_limits *limits, struct listing *listing)
{
    char path[GRADE_PATH_SIZE + 16];
    grading_write(grading, "in/a.zip", text_str(bytes), bytes->length);
    snprintf(path, sizeof path, "%s/a.zip", grading->in);
    ck_assert_int_eq(files_make(grading->out, NULL), 0);
    const struct unpack order = {.archive = path,
                                 .name = "a.zip",
                                 .folder = grading->out,
                                 .again = "upload it again",
                                 .limits = limits};
    grading->err.text[0] = '\0';
    return unpack(&order, listing, &grading->err);
}

/* One file of `bytes` zeros and some more files. */
static void zip_zeros(size_t bytes, int more, struct text *out)
{
    struct zip_file zip = {0};
    char *zeros = calloc(1, bytes);
    ck_assert_ptr_nonnull(zeros);
    zip_add(&zip, (struct member){.name = "zeros", .bytes = zeros, .length = bytes});
    for (int i = 0; i < more; i++)
        zip_add(&zip, (struct member){.name = "more"});
    zip_end(&zip, out);
    free(zeros);
}

START_TEST(each_limit_is_said)
{
    static const struct {
        size_t bytes;
        int more, packed_mb;
        const char *says;
    } cases[] = {
        {100, 5, 9, NULL},
        {100, 6, 9, "a.zip holds more than 6 files, the limit"},
        {2 * MEGABYTE, 0, 9, NULL},
        {2 * MEGABYTE + 1, 0, 9, "unpacked, a.zip has more than 2 MB, the limit"},
        {2 * MEGABYTE, 0, 1, "a.zip has 2 MB; the limit is 1 MB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct grading grading;
        struct text archive = {0};
        struct listing listing = {0};
        struct unpack_limits limits = small;
        limits.packed_mb = cases[i].packed_mb;
        grading_open(&grading, "main.c\n");
        zip_zeros(cases[i].bytes, cases[i].more, &archive);
        const int code = unpack_bytes(&grading, &archive, &limits, &listing);
        ck_assert_msg(code == (cases[i].says == NULL ? 0 : ERR_LIMIT), "case %zu: %d %s", i, code,
                      grading.err.text);
        if (cases[i].says != NULL)
            ck_assert_str_eq(grading.err.text, cases[i].says);
        listing_release(&listing);
        text_release(&archive);
        grading_close(&grading);
    }
}
END_TEST

/* In a class one student's huge file must not take the others' room. */
START_TEST(a_large_file_of_a_class_is_passed_over_alone)
{
    struct grading grading;
    struct text archive = {0};
    struct listing listing = {0};
    struct unpack_limits limits = small;
    limits.packed_mb = 9;
    limits.file_mb = 1;
    grading_open(&grading, "main.c\n");
    zip_zeros(8 * MEGABYTE, 1, &archive);
    ck_assert_int_eq(unpack_bytes(&grading, &archive, &limits, &listing), 0);
    ck_assert_int_eq(listing.count, 2);
    ck_assert_int_eq(listing.items[0].wrong, WRONG_LARGE);
    ck_assert_ptr_null(listing.items[0].path);
    ck_assert_int_eq(listing.items[1].wrong, WRONG_NOTHING);
    listing_release(&listing);
    text_release(&archive);
    grading_close(&grading);
}
END_TEST

/* --- every byte wrong ------------------------------------------------------------------------- */

/* Cut at every length and with every byte changed, an archive is taken whole or refused with a
   sentence: no crash, no part of it. */
START_TEST(no_damage_crashes_the_reader)
{
    struct grading grading;
    struct text whole = {0};
    struct zip_file zip = {0};
    grading_open(&grading, "main.c\n");
    zip_add(&zip, (struct member){.name = "a.c", .bytes = "int a;\n", .method = 8, .flags = 8});
    zip_add(&zip, (struct member){.name = "b.c", .bytes = "int b;\n"});
    zip_end(&zip, &whole);
    for (size_t i = 0; i < 2 * whole.length; i += 5) {
        struct listing listing = {0};
        struct text damaged = {0};
        const int is_cut = i >= whole.length;
        text_append(&damaged, text_str(&whole), is_cut ? i - whole.length : whole.length);
        if (!is_cut)
            damaged.bytes[i] = (char)(damaged.bytes[i] ^ 0x55);
        const int code = unpack_bytes(&grading, &damaged, &small, &listing);
        ck_assert_msg(code != ERR_UNAVAILABLE && code != ERR_IO, "byte %zu: %s", i,
                      grading.err.text);
        ck_assert_msg(code == 0 || grading.err.text[0] != '\0', "byte %zu", i);
        ck_assert_msg(!is_cut || code != 0, "cut at %zu, and taken", i - whole.length);
        listing_release(&listing);
        text_release(&damaged);
    }
    text_release(&whole);
    grading_close(&grading);
}
END_TEST

/* --- the cage --------------------------------------------------------------------------------- */

/* The exit status of a child in the cage that runs body. */
static int in_cage(void (*body)(void))
{
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        if (unpack_guard(&small) != 0)
            _exit(99);
        body();
        _exit(0);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static int held;

/* Exits with the number of the first way out that is open. */
static void look_for_ways_out(void)
{
    if (write(held, "x", 1) >= 0 || errno != EBADF)
        _exit(1);
    if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EPERM)
        _exit(2);
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
        _exit(3);
    if (fork() >= 0 || errno != EPERM)
        _exit(4);
    if (kill(getppid(), 0) >= 0 || errno != EPERM)
        _exit(5);
    if (unlink("/tmp/svclab-nothing") >= 0 || errno != EPERM)
        _exit(6);
    if (execl("/bin/true", "true", (char *)NULL) >= 0 || errno != EPERM)
        _exit(7);
}

START_TEST(the_reader_can_do_nothing_but_read)
{
    held = open("/dev/null", O_WRONLY);
    const int status = in_cage(look_for_ways_out);
    close(held);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "way out %d, or signal %d",
                  WEXITSTATUS(status), WTERMSIG(status));
}
END_TEST

static void spin(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

START_TEST(the_reader_has_a_limit_on_processor_time)
{
    const int status = in_cage(spin);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU, "status %x",
                  (unsigned)status);
}
END_TEST

/* --- readers that lie ------------------------------------------------------------------------- */

static void tell(uint32_t kind, uint32_t length, int64_t value, const char *bytes)
{
    const struct record record = {.kind = kind, .length = length, .value = value};
    if (write(STDOUT_FILENO, &record, sizeof record) != sizeof record ||
        write(STDOUT_FILENO, bytes, strlen(bytes)) < 0)
        _exit(1);
}

static void no_word(const struct unpack_limits *limits)
{
    (void)limits;
}

static void bytes_of_no_member(const struct unpack_limits *limits)
{
    (void)limits;
    tell(RECORD_BYTES, 3, 0, "abc");
}

static void end_of_no_member(const struct unpack_limits *limits)
{
    (void)limits;
    tell(RECORD_END, 0, 0, "");
}

static void unknown_kind(const struct unpack_limits *limits)
{
    (void)limits;
    tell(77, 0, 0, "");
}

static void too_long(const struct unpack_limits *limits)
{
    static char bytes[RECORD_BYTES_MAX + 2];
    (void)limits;
    memset(bytes, 'x', RECORD_BYTES_MAX + 1);
    tell(RECORD_MEMBER, 3, 0, "a.c");
    tell(RECORD_BYTES, RECORD_BYTES_MAX + 1, 0, bytes);
    tell(RECORD_END, 0, WRONG_NOTHING, "");
    tell(RECORD_ALL, 0, 0, "");
}

static void member_in_member(const struct unpack_limits *limits)
{
    (void)limits;
    tell(RECORD_MEMBER, 3, 0, "a.c");
    tell(RECORD_MEMBER, 3, 0, "b.c");
}

static void all_within_a_member(const struct unpack_limits *limits)
{
    (void)limits;
    tell(RECORD_MEMBER, 3, 0, "a.c");
    tell(RECORD_ALL, 0, 0, "");
}

static void killed(const struct unpack_limits *limits)
{
    (void)limits;
    abort();
}

static void bad_names(const struct unpack_limits *limits)
{
    static const char *const names[] = {"/tmp/svclab-lie", "../../svclab-lie"};
    (void)limits;
    for (int i = 0; i < 2; i++) {
        tell(RECORD_MEMBER, (uint32_t)strlen(names[i]), 0, names[i]);
        tell(RECORD_BYTES, 3, 0, "abc");
        tell(RECORD_END, 0, WRONG_NOTHING, "");
    }
    tell(RECORD_ALL, 0, 0, "");
}

static int unpack_lie(struct grading *grading, void (*reader)(const struct unpack_limits *),
                      struct listing *listing)
{
    char path[GRADE_PATH_SIZE + 16];
    grading_write(grading, "in/a.zip", "PK", 2);
    snprintf(path, sizeof path, "%s/a.zip", grading->in);
    ck_assert_int_eq(files_make(grading->out, NULL), 0);
    const struct unpack order = {.archive = path,
                                 .name = "a.zip",
                                 .folder = grading->out,
                                 .again = "upload it again",
                                 .limits = &small};
    return unpack_by(reader, &order, listing, &grading->err);
}

START_TEST(a_reader_that_lies_is_found_out)
{
    void (*const liars[])(const struct unpack_limits *) = {
        no_word,  bytes_of_no_member, end_of_no_member,    unknown_kind,
        too_long, member_in_member,   all_within_a_member, killed};
    for (size_t i = 0; i < sizeof liars / sizeof liars[0]; i++) {
        struct grading grading;
        struct listing listing = {0};
        grading_open(&grading, "main.c\n");
        const int code = unpack_lie(&grading, liars[i], &listing);
        ck_assert_msg(code == ERR_UNAVAILABLE, "liar %zu: %d %s", i, code, grading.err.text);
        ck_assert_str_eq(grading.err.text, "the reader of archives fell over a.zip: a person "
                                           "should look at it");
        listing_release(&listing);
        grading_close(&grading);
    }
}
END_TEST

START_TEST(names_are_judged_on_this_side_too)
{
    struct grading grading;
    struct listing listing = {0};
    grading_open(&grading, "main.c\n");
    ck_assert_int_eq(unpack_lie(&grading, bad_names, &listing), 0);
    ck_assert_int_eq(listing.items[0].wrong, WRONG_ABSOLUTE);
    ck_assert_int_eq(listing.items[1].wrong, WRONG_LEAVES);
    ck_assert_ptr_null(listing.items[0].path);
    ck_assert(!files_exist("/tmp/svclab-lie"));
    listing_release(&listing);
    grading_close(&grading);
}
END_TEST

/* What lies in the folder already is neither overwritten nor followed. */
START_TEST(files_get_names_that_are_free)
{
    struct grading grading;
    struct text archive = {0};
    struct listing listing = {0};
    char taken[GRADE_PATH_SIZE + 16];
    grading_open(&grading, "main.c\n");
    ck_assert_int_eq(files_make(grading.out, NULL), 0);
    snprintf(taken, sizeof taken, "%s/000000", grading.out);
    ck_assert_int_eq(symlink("/tmp/svclab-followed", taken), 0);
    zip_zeros(10, 0, &archive);
    ck_assert_int_eq(unpack_bytes(&grading, &archive, &small, &listing), 0);
    ck_assert_str_ne(listing.items[0].path, taken);
    ck_assert(!files_exist("/tmp/svclab-followed"));
    listing_release(&listing);
    text_release(&archive);
    grading_close(&grading);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_limit_is_said,
        a_large_file_of_a_class_is_passed_over_alone,
        no_damage_crashes_the_reader,
        the_reader_can_do_nothing_but_read,
        the_reader_has_a_limit_on_processor_time,
        a_reader_that_lies_is_found_out,
        names_are_judged_on_this_side_too,
        files_get_names_that_are_free,
        NULL,
    };
    return run_tests("grade unpack", tests);
}
