/*
 * Making, building and judging mutants. patch is run as a person would type it; what it says, and
 * what the compiler says, stays in a file beside the tree. The judge is this program's own.
 */
#include "matrix/workshop.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/files.h"
#include "base/places.h"
#include "compile/lab.h"
#include "judge/judge.h"
#include "kit/error.h"
#include "kit/text.h"
#include "process/launcher.h"

enum { SOURCE_MAX = 64 << 20 }; /* bytes of one hashed file: the program is the largest */

/* Writes a path; all of them are short by their make, so a cut one is a programmer's mistake. */
__attribute__((format(printf, 2, 3))) static void path_set(char path[WORKSHOP_PATH_SIZE],
                                                           const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(path, WORKSHOP_PATH_SIZE, format, arguments);
    va_end(arguments);
    assert(length > 0 && length < WORKSHOP_PATH_SIZE);
}

/* Where a mutant's things are. */
static void mutant_folder(const struct workshop *workshop, const struct mutant *mutant,
                          char path[WORKSHOP_PATH_SIZE])
{
    path_set(path, "%s/mutants/%s/%s", workshop->build, mutant->lab, mutant->name);
}

void workshop_record(const struct workshop *workshop, const struct mutant *mutant,
                     char path[WORKSHOP_PATH_SIZE])
{
    path_set(path, "%s/mutants/%s/%s/%s", workshop->build, mutant->lab, mutant->name,
             workshop->tests != NULL ? "tested" : "outcome");
}

/* Runs argv with input (may be NULL) and its words in the file log. Its exit status, 128 when it
   was killed or could not be run. */
static int run_command(const char *const *argv, const char *input, const char *log)
{
    const pid_t pid = fork();
    if (pid == 0) {
        const int in = open(input != NULL ? input : "/dev/null", O_RDONLY);
        const int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        char **arguments = NULL;
        memcpy(&arguments, &argv, sizeof arguments); /* execvp takes char *const *, unchanged */
        if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(out, 2) >= 0)
            execvp(arguments[0], arguments);
        _exit(127);
    }
    int status = 0;
    if (pid < 0)
        return 128;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 128;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* --- the key: what an outcome depends on ----------------------------------------------------- */

/* Adds the bytes of files to a sum. */
static int add_file(struct text *sum, const char *path, struct error *err)
{
    text_addf(sum, "%s\n", path);
    return files_read(path, SOURCE_MAX, sum, err);
}

static int add_folder(struct text *sum, const char *folder, struct error *err)
{
    struct dirent **names = NULL;
    const int count = scandir(folder, &names, NULL, alphasort);
    int status =
        count < 0 ? error_set(err, ERR_IO, "cannot read %s: %s", folder, strerror(errno)) : 0;
    for (int i = 0; i < count; i++) {
        char path[WORKSHOP_PATH_SIZE];
        struct stat info;
        path_set(path, "%s/%s", folder, names[i]->d_name);
        if (status == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode))
            status = add_file(sum, path, err);
        free(names[i]);
    }
    free(names);
    return status;
}

/* Everything that the programs and the verdict depend on but the patch. The rules of the build hold
   its flags and what the compiler says of itself; the kit is in what is linked. */
static int hash_sources(struct workshop *workshop, struct error *err)
{
    struct text sum = {0};
    char path[WORKSHOP_PATH_SIZE];
    const char *const modes[] = {"asan", "tsan"};
    path_set(path, "%s/rules", workshop->build);
    int status = add_file(&sum, path, err);
    for (int i = 0; i < 2 && status == 0; i++) {
        path_set(path, "%s/%s/given/%s", workshop->build, modes[i], workshop->lab->name);
        if (i == 0 || files_exist(path))
            status = add_folder(&sum, path, err);
        path_set(path, "%s/%s/libkit.a", workshop->build, modes[i]);
        if (status == 0 && (i == 0 || files_exist(path)))
            status = add_file(&sum, path, err);
    }
    path_set(path, "%s/%s", workshop->base, workshop->lab->name);
    if (status == 0)
        status = add_folder(&sum, path, err);
    path_set(path, "%s/%s", lab_home(workshop->lab), workshop->lab->name); /* headers */
    if (status == 0)
        status = add_folder(&sum, path, err);
    sha256_text(text_str(&sum), sum.length, workshop->sources);
    text_clear(&sum);
    if (status == 0)
        status = add_file(&sum, "/proc/self/exe", err);
    path_set(path, "%s/peers/peer", workshop->build);
    if (status == 0)
        status = add_file(&sum, path, err);
    sha256_text(text_str(&sum), sum.length, workshop->judge);
    text_release(&sum);
    return status;
}

/* Over what a mutant's programs depend on: the sources, the patch, which programs. A reference (no
   files) has no patch. */
static int hash_built(const struct workshop *workshop, const struct mutant *mutant,
                      unsigned programs, char key[SHA256_TEXT_SIZE])
{
    struct text sum = {0};
    text_addf(&sum, "%s\n%u\n", workshop->sources, programs);
    const int status =
        mutant->file_count > 0 ? files_read(mutant->path, MUTANT_PATCH_MAX, &sum, NULL) : 0;
    sha256_text(text_str(&sum), sum.length, key);
    text_release(&sum);
    return status;
}

/* Adds words to a key. */
static void hash_more(char key[SHA256_TEXT_SIZE], const char *words)
{
    struct text sum = {0};
    text_addf(&sum, "%s\n%s", key, words);
    sha256_text(text_str(&sum), sum.length, key);
    text_release(&sum);
}

/* --- building -------------------------------------------------------------------------------- */

/* Where the reference's programs are. */
static void reference_folder(const struct workshop *workshop, char path[WORKSHOP_PATH_SIZE])
{
    path_set(path, "%s/trees/%s/%s", workshop->build, workshop->base, workshop->lab->name);
}

/* Leaves what the compiler said, or why it could not be asked, in the log. */
static void write_log(const char *log, const struct text *words, const struct error *err)
{
    struct text all = {0};
    text_addf(&all, "%s%s%s", err->text, err->text[0] != '\0' ? "\n" : "", text_str(words));
    files_write(log, text_str(&all), all.length, NULL);
    text_release(&all);
}

/* Builds the reference (tree NULL), or a mutant's tree with the reference's objects beside it, into
   out. */
static int build_tree(const struct workshop *workshop, const char *tree, unsigned programs,
                      const char *out, const char *log)
{
    char reference[WORKSHOP_PATH_SIZE];
    struct text words = {0};
    struct error err = {0};
    reference_folder(workshop, reference);
    const struct compile_options options = {.lab = workshop->lab,
                                            .tree = tree != NULL ? tree : workshop->base,
                                            .base = tree != NULL ? workshop->base : NULL,
                                            .base_out = reference,
                                            .build = workshop->build,
                                            .out = out,
                                            .mode = "asan",
                                            .programs = programs};
    const int code = compile_lab(&options, &words, &err);
    write_log(log, &words, &err);
    text_release(&words);
    return code;
}

int workshop_open(struct workshop *workshop, const struct lab *lab, struct error *err)
{
    char path[WORKSHOP_PATH_SIZE], reference[WORKSHOP_PATH_SIZE];
    struct text build = {0};
    path_set(path, "solutions/%s", lab->name);
    *workshop = (struct workshop){.lab = lab, .base = files_exist(path) ? "solutions" : "labs"};
    place_in_build(&build, "");
    snprintf(workshop->build, sizeof workshop->build, "%s", text_str(&build));
    text_release(&build);
    int status = hash_sources(workshop, err);
    path_set(path, "%s/mutants", workshop->build);
    if (status == 0)
        status = files_make(path, err);
    path_set(path, "%s/mutants/%s.log", workshop->build, lab->name);
    reference_folder(workshop, reference);
    if (status == 0 && build_tree(workshop, NULL, COMPILE_ALL, reference, path) != 0)
        status = error_set(err, ERR_INVALID,
                           "the reference of %s does not build: type make check LABS=%s LAB=%s",
                           lab->name, workshop->base, lab->name);
    return status;
}

void workshop_test(struct workshop *workshop, const struct lab *tests, const char *text)
{
    workshop->tests = tests;
    hash_more(workshop->judge, text);
}

/* --- the tree -------------------------------------------------------------------------------- */

/* The first line of a log, for the matrix. */
static void note_log(struct outcome *outcome, const char *log)
{
    struct text words = {0};
    files_read(log, sizeof outcome->note, &words, NULL);
    const char *text = text_str(&words);
    snprintf(outcome->note, sizeof outcome->note, "%.*s", (int)strcspn(text, "\n"), text);
    text_release(&words);
}

/* Makes folder/LAB with only the files that the patch changes, and patches them. */
static int make_tree(const struct workshop *workshop, const struct mutant *mutant,
                     const char *folder, struct outcome *outcome)
{
    char tree[WORKSHOP_PATH_SIZE], log[WORKSHOP_PATH_SIZE], from[WORKSHOP_PATH_SIZE],
        to[WORKSHOP_PATH_SIZE];
    struct error err = {0};
    path_set(tree, "%s/%s", folder, mutant->lab);
    path_set(log, "%s/log", folder);
    files_remove(folder);
    int status = files_make(tree, &err);
    for (int i = 0; i < mutant->file_count && status == 0; i++) {
        struct text bytes = {0};
        path_set(from, "%s/%s/%s", workshop->base, mutant->lab, mutant->files[i]);
        path_set(to, "%s/%s", tree, mutant->files[i]);
        status = files_read(from, SOURCE_MAX, &bytes, &err);
        if (status == 0)
            status = files_write(to, text_str(&bytes), bytes.length, &err);
        text_release(&bytes);
    }
    snprintf(outcome->note, sizeof outcome->note, "%.200s", err.text);
    const char *const patch[] = {"patch", "-s", "-F0", "-p1", "--no-backup-if-mismatch",
                                 "-d",    tree, NULL};
    if (status != 0 || mutant->file_count == 0 || run_command(patch, mutant->path, log) == 0)
        return status;
    note_log(outcome, log);
    return ERR_INVALID;
}

/* --- judging --------------------------------------------------------------------------------- */

/* Everything of one mutant's judging that stays the same from check to check. */
struct bench {
    struct judge_options options;
    struct launcher *launcher;
    char work[WORKSHOP_PATH_SIZE], programs[WORKSHOP_PATH_SIZE], peers[WORKSHOP_PATH_SIZE];
};

static int judge_check(struct bench *bench, const char *check, struct judged *judged)
{
    struct lab_result results;
    bench->options.check = check;
    judge_lab(&bench->options, bench->launcher, NULL, NULL, &results);
    const struct result *result = results.count == 1 ? &results.results[0] : NULL;
    if (result != NULL) {
        snprintf(judged->verdict, sizeof judged->verdict, "%s", verdict_name(result->verdict));
        snprintf(judged->reason, sizeof judged->reason, "%s", result->reason);
        snprintf(judged->got, sizeof judged->got, "%.*s", (int)sizeof judged->got - 1,
                 result->got != NULL ? result->got : "");
        judged->story_lines = result->story.count;
    }
    lab_result_release(&results);
    return result != NULL ? 0 : ERR_IO;
}

static void judge_all(struct bench *bench, struct outcome *outcome)
{
    struct lab_result results;
    bench->options.check = NULL;
    judge_lab(&bench->options, bench->launcher, NULL, NULL, &results);
    outcome->checks = results.count;
    for (int i = 0; i < results.count; i++) {
        const struct result *result = &results.results[i];
        if (result->verdict == VERDICT_PASS)
            outcome->passed++;
        else if (outcome->note[0] == '\0')
            snprintf(outcome->note, sizeof outcome->note,
                     "%.60s says %s: expected %.60s, got %.60s", result->check->id,
                     verdict_name(result->verdict),
                     result->expected != NULL ? result->expected : "",
                     result->got != NULL ? result->got : "");
    }
    lab_result_release(&results);
}

/* Scenario by scenario, until one fails: that one is the killer. */
static void judge_by_tests(struct bench *bench, const struct lab *tests, struct outcome *outcome)
{
    const struct check *check = NULL;
    for (int i = 0; (check = lab_check(tests, i)) != NULL; i++) {
        struct judged judged = {0};
        if (judge_check(bench, check->id, &judged) != 0 ||
            strcmp(judged.verdict, verdict_name(VERDICT_PASS)) == 0)
            continue;
        outcome->own = judged;
        snprintf(outcome->note, sizeof outcome->note, "%s", check->id);
        return;
    }
}

/* Where the judge works, and on which tree's programs. */
static int bench_open(struct bench *bench, const struct workshop *workshop, const char *folder,
                      const char *programs, struct error *err)
{
    char here[WORKSHOP_PATH_SIZE / 2];
    *bench = (struct bench){0};
    if (getcwd(here, sizeof here) == NULL)
        return error_set(err, ERR_IO, "cannot tell the folder this runs in: %s", strerror(errno));
    path_set(bench->work, "%s%s%s/work", folder[0] == '/' ? "" : here, folder[0] == '/' ? "" : "/",
             folder); /* services run in other folders */
    path_set(bench->programs, "%s", programs);
    path_set(bench->peers, "%s/peers", workshop->build);
    /* Gates are not asked: the matrix asks for one check at a time. */
    bench->options =
        (struct judge_options){.lab = workshop->tests != NULL ? workshop->tests : workshop->lab,
                               .programs = bench->programs,
                               .peers = bench->peers,
                               .sources = folder,
                               .work_dir = bench->work,
                               .seed = SEED_DEFAULT,
                               .no_gates = 1};
    int status = files_make(bench->work, err);
    return status != 0 ? status : launcher_open_local(&bench->launcher, err);
}

static void bench_close(struct bench *bench)
{
    bench->launcher->close(bench->launcher);
    files_remove(bench->work);
}

static enum outcome_stage judge(const struct workshop *workshop, const struct mutant *mutant,
                                const char *folder, struct outcome *outcome)
{
    struct bench bench;
    struct error err = {0};
    char programs[WORKSHOP_PATH_SIZE];
    int status = 0;
    if (mutant->file_count > 0)
        path_set(programs, "%s/programs", folder);
    else
        reference_folder(workshop, programs);
    if (bench_open(&bench, workshop, folder, programs, &err) != 0) {
        snprintf(outcome->note, sizeof outcome->note, "%.200s", err.text);
        return OUTCOME_JUDGE;
    }
    if (workshop->tests != NULL)
        judge_by_tests(&bench, workshop->tests, outcome);
    else if (mutant->right)
        judge_all(&bench, outcome);
    else if ((status = judge_check(&bench, mutant->killed_by, &outcome->own)) == 0)
        status = judge_check(&bench, mutant->sibling, &outcome->sibling);
    bench_close(&bench);
    return status == 0 ? OUTCOME_JUDGED : OUTCOME_JUDGE;
}

int workshop_test_reference(const struct workshop *workshop, struct lab_result *results,
                            struct error *err)
{
    struct bench bench;
    char folder[WORKSHOP_PATH_SIZE], programs[WORKSHOP_PATH_SIZE];
    path_set(folder, "%s/mutants/%s/reference", workshop->build, workshop->lab->name);
    reference_folder(workshop, programs);
    int status = bench_open(&bench, workshop, folder, programs, err);
    if (status != 0)
        return status;
    judge_lab(&bench.options, bench.launcher, NULL, NULL, results);
    bench_close(&bench);
    return 0;
}

/* The programs that the mutant's two checks drive; all of them for a right variant. */
static unsigned programs_needed(const struct workshop *workshop, const struct mutant *mutant)
{
    const char *const ids[] = {mutant->killed_by, mutant->sibling};
    unsigned programs = mutant->right ? COMPILE_ALL : 0;
    for (int i = 0; i < 2 && !mutant->right; i++) {
        const struct check *check = check_find(workshop->lab, ids[i]);
        if (check != NULL)
            programs |= check->tsan                   ? COMPILE_PROBE_TSAN
                        : check->tier == TIER_CLUSTER ? COMPILE_SERVICE
                                                      : COMPILE_PROBE;
    }
    return programs;
}

/* Whether the tree in folder was built from what key stands for. */
static int is_built(const char *folder, const char *key)
{
    char path[WORKSHOP_PATH_SIZE];
    struct text built = {0};
    path_set(path, "%s/built", folder);
    int same =
        files_read(path, SHA256_TEXT_SIZE, &built, NULL) == 0 && strcmp(text_str(&built), key) == 0;
    text_release(&built);
    return same;
}

static enum outcome_stage build(const struct workshop *workshop, const struct mutant *mutant,
                                const char *folder, unsigned programs, struct outcome *outcome)
{
    char log[WORKSHOP_PATH_SIZE], out[WORKSHOP_PATH_SIZE];
    if (make_tree(workshop, mutant, folder, outcome) != 0)
        return OUTCOME_PATCH;
    path_set(log, "%s/log", folder);
    path_set(out, "%s/programs", folder);
    if (mutant->file_count > 0 && build_tree(workshop, folder, programs, out, log) != 0) {
        note_log(outcome, log);
        return OUTCOME_BUILD;
    }
    return OUTCOME_JUDGED;
}

/* Builds what is not built yet, then judges. key says what the programs depend on. */
static enum outcome_stage find_outcome(const struct workshop *workshop, const struct mutant *mutant,
                                       unsigned programs, const char *key, struct outcome *outcome)
{
    char folder[WORKSHOP_PATH_SIZE], path[WORKSHOP_PATH_SIZE];
    enum outcome_stage stage = OUTCOME_JUDGED;
    mutant_folder(workshop, mutant, folder);
    if (!is_built(folder, key)) {
        stage = build(workshop, mutant, folder, programs, outcome);
        path_set(path, "%s/built", folder);
        if (stage == OUTCOME_JUDGED)
            files_write(path, key, strlen(key), NULL);
    }
    return stage == OUTCOME_JUDGED ? judge(workshop, mutant, folder, outcome) : stage;
}

void workshop_judge(const struct workshop *workshop, const struct mutant *mutant,
                    struct outcome *outcome)
{
    char record[WORKSHOP_PATH_SIZE], why[512];
    char built[SHA256_TEXT_SIZE], key[SHA256_TEXT_SIZE];
    workshop_record(workshop, mutant, record);
    const unsigned programs = programs_needed(workshop, mutant);
    const int hashed = hash_built(workshop, mutant, programs, built) == 0;
    memcpy(key, built, sizeof key);
    hash_more(key, workshop->judge);
    outcome_load(outcome, record);
    /* Of the matrix only what held is believed again: a wrong cell is looked at anew. */
    const int settled = workshop->tests != NULL ? outcome->stage == OUTCOME_JUDGED
                                                : outcome_holds(outcome, mutant, why, sizeof why);
    if (hashed && strcmp(outcome->key, key) == 0 && settled)
        return;
    *outcome = (struct outcome){.stage = OUTCOME_NONE};
    outcome->stage = find_outcome(workshop, mutant, programs, built, outcome);
    snprintf(outcome->key, sizeof outcome->key, "%s", key);
    outcome_save(outcome, record);
}
