/*
 * A student's tests of a lab, as data: scenarios for its probe, with the answers that must come
 * back.
 *
 *     # Comments and empty lines are skipped.
 *     scenario a success never trips
 *     create percent=50 window=4 minimum=4
 *     admit token=0 now=0                   -> result=admitted
 *     report token=0 outcome=OK now=1       -> state=CLOSED
 *
 * Each scenario begins with a fresh probe. judge/expect.h says what a line may be; what actions
 * there are stands at the top of the lab's probe*.c. A scenario becomes a check of a lab that has
 * these checks only, so the judge plays tests as it plays its own.
 */
#ifndef MATRIX_TEST_FILE_H
#define MATRIX_TEST_FILE_H

#include "course/lab.h"
#include "judge/scenario.h"
#include "kit/text.h"

struct error;
struct result;

enum {
    TEST_FILE_MAX = 256 * 1024, /* bytes */
    TEST_SCENARIOS_MAX = 200,
    TEST_LINES_MAX = 1000, /* lines of one scenario */
    TEST_NAME_MAX = 80     /* bytes of a scenario's name */
};

struct test_file {
    const char *path; /* borrowed */
    struct text text; /* the whole file */
    struct scenario_text *scenarios;
    struct check *checks; /* of the scenario with the same index; one more ends them */
    int count;
    const struct check *tables[2];
    struct lab lab; /* named as the one it tests */
};

/* Reads the file as tests of lab. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT; ERR_INVALID with
   "PATH:LINE: what is wrong". To be released in any case. Not to be copied: it points into itself.
 */
int test_file_read(struct test_file *file, const struct lab *lab, const char *path,
                   struct error *err);
void test_file_release(struct test_file *file);

/* The name of the scenario that the check was made of, and the line where it begins. */
const char *test_file_scenario(const struct test_file *file, const char *check_id, int *line);
/* The line that a result failed at, and its text, which is the file's. */
int test_file_failed_at(const struct test_file *file, const struct result *result,
                        const char **text);

#endif
