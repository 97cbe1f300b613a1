/*
 * svclab check-tests --lab 02 --tests FILE [--enough POINTS] [--jobs N]
 *
 * Tests graded as code is: a student's scenarios must hold for the reference, and are worth as much
 * as the share of the known wrong solutions that they tell from it. First the reference is tried,
 * then the mutants, each until a scenario tells it apart.
 *
 * Only mutants are tried that one probe's answers can give away: threads and clusters are none of a
 * scenario's business. Runs in the repository's folder. Exits 0 when the points are enough (100
 * unless told), 1 when they are not, otherwise as course/status.h has it.
 */
#include "commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/flags.h"
#include "course/status.h"
#include "kit/error.h"
#include "matrix/matrix.h"
#include "matrix/test_file.h"
#include "suites/suites.h"

enum { POINTS = 100, JOBS_MAX = 64, FAILURES_SHOWN = 5 };

static const char PATCHES[] = "harness/mutants";

struct test_options {
    const struct lab *lab;
    const char *tests;
    char path[512]; /* of the tests, when they are not named */
    int enough, jobs;
};

static int usage(const char *what)
{
    fprintf(stderr, "svclab check-tests: %s\n", what);
    return STATUS_USAGE;
}

/* 0, 1 when --help was printed, or STATUS_USAGE. */
static int read_options(int argc, char **argv, struct test_options *options)
{
    const char *lab = NULL, *enough = "100", *jobs = NULL, *tree = "labs";
    const struct flag flags[] = {
        {"lab", &lab, "NN       the lab that is tested"},
        {"tests", &options->tests, "FILE   the scenarios (LAB.tests in exercises, or in the tree)"},
        {"tree", &tree, "DIR     where they are looked for"},
        {"enough", &enough, "POINTS points that are a success (100)"},
        {"jobs", &jobs, "N       mutants at a time (one for each core)"},
        {0},
    };
    *options = (struct test_options){0};
    int status = flags_parse(argc, argv, "check-tests", flags);
    if (status != 0)
        return status;
    if (lab == NULL || lab[0] == '\0' || (options->lab = lab_find(all_labs, lab)) == NULL)
        return usage("which lab is tested? Say LAB=02; build/svclab list names the labs.");
    if (options->tests == NULL) {
        const char *folder = strcmp(tree, "labs") == 0 ? "exercises" : tree;
        snprintf(options->path, sizeof options->path, "%s/%s.tests", folder, options->lab->name);
        options->tests = options->path;
    }
    options->enough = (int)strtol(enough, NULL, 10);
    long count = jobs != NULL ? strtol(jobs, NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    options->jobs = count < 1 ? 1 : count > JOBS_MAX ? JOBS_MAX : (int)count;
    return 0;
}

/* --- the reference ---------------------------------------------------------------------------- */

static void print_failure(const struct test_file *file, const struct result *result)
{
    const char *line = NULL;
    int number = test_file_failed_at(file, result, &line);
    printf("%s:%d: in \"%s\"\n", file->path, number, result->check->rule);
    printf("  %.*s\n", (int)strcspn(line, "\n"), line);
    if (strcmp(result->reason, "protocol") == 0)
        printf("  the probe knows no such action; %s/%s/probe*.c say at their top what there is\n",
               lab_home(&file->lab), file->lab.name);
    else
        printf("  expected       %s\n  the reference  %s\n",
               result->expected != NULL ? result->expected : "",
               result->got != NULL ? result->got : "");
}

/* 0 when every scenario holds for the reference, 1 when one does not, or a negative code. */
static int try_reference(const struct mutant_judge *judge, const struct test_file *file,
                         struct error *err)
{
    struct lab_result results = {0};
    int failed = 0, code = mutant_judge_reference(judge, &results, err);
    for (int i = 0; i < results.count && code == 0; i++) {
        const struct result *result = &results.results[i];
        if (result->verdict == VERDICT_ERROR)
            code = error_set(err, ERR_IO, "%.200s", result->got != NULL ? result->got : "");
        else if (result->verdict != VERDICT_PASS && failed++ < FAILURES_SHOWN)
            print_failure(file, result);
    }
    if (code == 0 && failed > 0)
        printf("\n%d of %d scenarios fail for the reference, which keeps every rule. Tests that "
               "call right code\nwrong are worth nothing: 0 of %d points. Fix them first.\n",
               failed, results.count, POINTS);
    lab_result_release(&results);
    return code != 0 ? code : failed > 0;
}

/* --- the mutants ------------------------------------------------------------------------------ */

/* A mutant that the answers of one probe can give away: its own check is one of these. */
static int can_be_found(const struct lab *lab, const struct mutant *mutant)
{
    const struct check *check = mutant->right ? NULL : check_find(lab, mutant->killed_by);
    return check != NULL && check->run == NULL;
}

/* Of a mutant that lives, the rule it breaks is said, not how it breaks it. */
static void print_row(const struct matrix *matrix, int row, struct matrix_sums *sums)
{
    const struct test_file *file = matrix->context;
    const struct mutant *mutant = &matrix->rows[row];
    const struct outcome *outcome = &matrix->outcomes[row];
    sums->mutants++;
    if (outcome->stage != OUTCOME_JUDGED) {
        char why[512];
        outcome_holds(outcome, mutant, why, sizeof why);
        printf("  WRONG   %-5s %-34s %s\n", mutant->rule, mutant->name, why);
    } else if (outcome->own.verdict[0] != '\0') {
        int line = 0;
        const char *name = test_file_scenario(file, outcome->note, &line);
        sums->killed++;
        printf("  killed  %-5s %-34s by \"%s\", line %d\n", mutant->rule, mutant->name, name, line);
    } else {
        const struct check *check = check_find(matrix->judge.build.lab, mutant->killed_by);
        printf("  ALIVE   %-5s %s\n", mutant->rule, check->rule);
    }
    fflush(stdout);
}

static int try_mutants(struct matrix *matrix, const struct test_options *options,
                       struct matrix_sums *sums, struct error *err)
{
    struct mutant *patches = NULL;
    int count = mutant_list(&patches, PATCHES, options->lab->name, err),
        code = count < 0 ? count : 0;
    matrix->rows = calloc(count > 0 ? (size_t)count : 1, sizeof *matrix->rows);
    matrix->outcomes = calloc(count > 0 ? (size_t)count : 1, sizeof *matrix->outcomes);
    matrix->done = calloc(count > 0 ? (size_t)count : 1, sizeof *matrix->done);
    if (matrix->rows == NULL || matrix->outcomes == NULL || matrix->done == NULL)
        abort();
    for (int i = 0; i < count; i++)
        if (can_be_found(options->lab, &patches[i]))
            matrix->rows[matrix->count++] = patches[i];
    free(patches);
    if (code == 0 && matrix->count == 0)
        return error_set(err, ERR_NOT_FOUND, "lab %s has no wrong solutions to find",
                         options->lab->name);
    return code != 0 ? code : matrix_run(matrix, options->jobs, sums);
}

/* Everything but reading the options. The exit status, or a negative code. */
static int grade(const struct test_options *options, struct test_file *file, struct error *err)
{
    struct matrix matrix = {.print = print_row, .context = file};
    struct matrix_sums sums = {0};
    int code = test_file_read(file, options->lab, options->tests, err);
    if (code == 0)
        code = mutant_judge_open(&matrix.judge, options->lab, err);
    if (code != 0)
        return code;
    mutant_judge_use_tests(&matrix.judge, &file->lab, text_str(&file->text));
    code = try_reference(&matrix.judge, file, err);
    if (code != 0)
        return code == 1 ? STATUS_FAILED : code;
    printf("%d %s for the reference. Against the wrong solutions (built at the first run):\n",
           file->count, file->count == 1 ? "scenario holds" : "scenarios hold");
    fflush(stdout);
    code = try_mutants(&matrix, options, &sums, err);
    int points = sums.mutants > 0 ? POINTS * sums.killed / sums.mutants : 0;
    if (code == 0)
        printf("%d of %d wrong solutions found: %d of %d points\n", sums.killed, sums.mutants,
               points, POINTS);
    free(matrix.rows);
    free(matrix.outcomes);
    free(matrix.done);
    return code != 0 ? code : points >= options->enough ? STATUS_FULL : STATUS_FAILED;
}

int command_check_tests(int argc, char **argv)
{
    struct test_options options;
    struct test_file file;
    struct error err = {0};
    int status = read_options(argc, argv, &options);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    status = grade(&options, &file, &err);
    test_file_release(&file);
    if (status >= 0)
        return status;
    if (status == ERR_REFUSED) {
        fprintf(stderr, "svclab check-tests: interrupted\n");
        return STATUS_INTERRUPTED;
    }
    fprintf(stderr, "svclab check-tests: %s\n", err.text);
    return status == ERR_INVALID || status == ERR_NOT_FOUND || status == ERR_LIMIT ? STATUS_USAGE
                                                                                   : STATUS_GRADER;
}
