/*
 * svclab kill-matrix [--lab 01] [--mutant NAME] [--jobs N]: options, rows and the last line.
 *
 * Runs in the repository's folder. Exits 0 when every mutant is killed by its own check, every
 * sibling, every right variant and the reference pass; 1 when a cell is wrong; otherwise as
 * course/status.h has it (130 after Ctrl-C, with nothing left running).
 */
#include "commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/files.h"
#include "base/places.h"
#include "commands/flags.h"
#include "course/status.h"
#include "kit/error.h"
#include "matrix/matrix.h"
#include "suites/suites.h"

enum { LABS_MAX = 16, JOBS_MAX = 64 };

static const char PATCHES[] = "harness/mutants";

struct matrix_options {
    const char *lab;    /* NULL = all */
    const char *mutant; /* NULL = all */
    int jobs;
};

/* 0, 1 when --help was printed, or STATUS_USAGE. */
static int read_options(int argc, char **argv, struct matrix_options *options)
{
    const char *jobs_text = NULL;
    const struct flag flags[] = {{"lab", &options->lab, "NN    only this lab"},
                                 {"mutant", &options->mutant, "NAME only this patch"},
                                 {"jobs", &jobs_text, "N   mutants at a time (one for each core)"},
                                 {0}};
    *options = (struct matrix_options){0};
    const int status = flags_parse(argc, argv, "kill-matrix", flags);
    if (status != 0)
        return status;
    char *end = NULL;
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);
    if (jobs_text != NULL && ((jobs = strtol(jobs_text, &end, 10)) < 1 || *end != '\0')) {
        fprintf(stderr, "svclab kill-matrix: --jobs takes a number from 1 to %d\n", JOBS_MAX);
        return STATUS_USAGE;
    }
    options->jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : (int)jobs;
    return 0;
}

/* A patch that names a check which does not exist proves nothing. */
static int check_names(const struct lab *lab, const struct mutant *mutant, struct error *err)
{
    const char *const names[] = {mutant->killed_by, mutant->sibling};
    for (int i = 0; i < 2 && !mutant->right; i++)
        if (check_find(lab, names[i]) == NULL)
            return error_set(err, ERR_INVALID, "%s: %s has no check named %s", mutant->path,
                             lab->name, names[i]);
    return 0;
}

static struct mutant reference_row(const struct lab *lab)
{
    struct mutant row = {.right = 1, .name = "reference", .says = "the reference itself"};
    snprintf(row.lab, sizeof row.lab, "%s", lab->name);
    snprintf(row.path, sizeof row.path, "%s/%s/manifest", lab_home(lab), lab->name);
    return row;
}

static void matrix_close(struct matrix *matrix)
{
    free(matrix->rows);
    free(matrix->outcomes);
    free(matrix->done);
}

/* Reads a lab's patches, leaves only the wanted one, builds the reference. */
static int matrix_open(struct matrix *matrix, const struct lab *lab, const char *only,
                       struct error *err)
{
    struct mutant *patches = NULL;
    *matrix = (struct matrix){.print = matrix_print_row};
    snprintf(matrix->lab, sizeof matrix->lab, "%s", lab->name);
    const int count = mutant_list(&patches, PATCHES, lab->name, err);
    int status = count < 0 ? count : 0;
    const size_t room = count > 0 ? (size_t)count + 1 : 1;
    matrix->rows = calloc(room, sizeof *matrix->rows);
    matrix->outcomes = calloc(room, sizeof *matrix->outcomes);
    matrix->done = calloc(room, sizeof *matrix->done);
    if (matrix->rows == NULL || matrix->outcomes == NULL || matrix->done == NULL)
        status = error_set(err, ERR_IO, "no memory for %zu mutants", room);
    if (status == 0 && count > 0 && only == NULL)
        matrix->rows[matrix->count++] = reference_row(lab);
    for (int i = 0; i < count && status == 0; i++) {
        if (only != NULL && strcmp(only, patches[i].name) != 0)
            continue;
        status = check_names(lab, &patches[i], err);
        matrix->rows[matrix->count++] = patches[i];
    }
    free(patches);
    if (status == 0 && matrix->count > 0)
        status = mutant_judge_open(&matrix->judge, lab, err);
    return status;
}

static void print_sums(const struct matrix_sums *sums)
{
    if (sums->references_passed < sums->references)
        printf("kill matrix: the reference fails its own checks\n");
    printf(
        "kill matrix: %d of %d mutants killed by their own check, %d of %d right variants pass\n",
        sums->killed, sums->mutants, sums->passed, sums->variants);
}

static int all_hold(const struct matrix_sums *sums)
{
    return sums->killed == sums->mutants && sums->passed == sums->variants &&
           sums->references_passed == sums->references;
}

/* The handbook's page, in its place below the build folder. */
static int write_page(const struct matrix *matrices, int count, struct error *err)
{
    struct text path = {0};
    place_in_build(&path, "handbook-src");
    int code = files_make(text_str(&path), err);
    text_add(&path, "/kill-matrix.md");
    if (code == 0)
        code = matrix_page(matrices, count, text_str(&path), err);
    text_release(&path);
    return code;
}

static int run_labs(const struct matrix_options *options, struct matrix *matrices, int *opened,
                    struct matrix_sums *sums, struct error *err)
{
    const struct lab *only = options->lab != NULL ? lab_find(all_labs, options->lab) : NULL;
    if (options->lab != NULL && only == NULL)
        return error_set(err, ERR_NOT_FOUND, "there is no lab %s", options->lab);
    for (int i = 0; all_labs[i] != NULL && *opened < LABS_MAX; i++) {
        if (only != NULL && only != all_labs[i])
            continue;
        struct matrix *matrix = &matrices[(*opened)++];
        int status = matrix_open(matrix, all_labs[i], options->mutant, err);
        if (status == 0 && matrix->count > 0) {
            printf("%s\n", matrix->lab);
            status = matrix_run(matrix, options->jobs, sums);
        }
        if (status != 0)
            return status;
    }
    if (sums->mutants + sums->variants == 0)
        return error_set(err, ERR_NOT_FOUND, "no patch below %s fits what was asked for", PATCHES);
    if (options->lab == NULL && options->mutant == NULL)
        return write_page(matrices, *opened, err);
    return 0;
}

int command_kill_matrix(int argc, char **argv)
{
    struct matrix_options options;
    struct matrix matrices[LABS_MAX];
    struct matrix_sums sums = {0};
    struct error err = {0};
    int opened = 0;
    int status = read_options(argc, argv, &options);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    status = run_labs(&options, matrices, &opened, &sums, &err);
    for (int i = 0; i < opened; i++)
        matrix_close(&matrices[i]);
    if (status == ERR_REFUSED) {
        fprintf(stderr, "svclab kill-matrix: interrupted; outcomes found so far are kept\n");
        return STATUS_INTERRUPTED;
    }
    if (status != 0) {
        fprintf(stderr, "svclab kill-matrix: %s\n", err.text);
        return status == ERR_NOT_FOUND ? STATUS_USAGE : STATUS_GRADER;
    }
    print_sums(&sums);
    return all_hold(&sums) ? STATUS_FULL : STATUS_FAILED;
}
