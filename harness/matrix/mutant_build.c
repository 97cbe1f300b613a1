/*
 * Building mutants. patch is run as a person would type it; what it says, and what the compiler
 * says, stays in a file beside the tree.
 */
#include "matrix/mutant_build.h"

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
#include "judge/scenario.h"
#include "kit/error.h"
#include "kit/text.h"

enum { SOURCE_MAX = 64 << 20 }; /* bytes of one hashed file */

void mutant_path(char path[MUTANT_PATH_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(path, MUTANT_PATH_SIZE, format, arguments);
    va_end(arguments);
    assert(length > 0 && length < MUTANT_PATH_SIZE);
}

void mutant_build_folder(const struct mutant_build *build, const struct mutant *mutant,
                         char path[MUTANT_PATH_SIZE])
{
    mutant_path(path, "%s/mutants/%s/%s", build->root, mutant->lab, mutant->name);
}

/* Where the reference's programs are. */
static void reference_folder(const struct mutant_build *build, char path[MUTANT_PATH_SIZE])
{
    mutant_path(path, "%s/trees/%s/%s", build->root, build->base, build->lab->name);
}

void mutant_build_programs(const struct mutant_build *build, const struct mutant *mutant,
                           char path[MUTANT_PATH_SIZE])
{
    char folder[MUTANT_PATH_SIZE];
    mutant_build_folder(build, mutant, folder);
    if (mutant->file_count > 0)
        mutant_path(path, "%s/programs", folder);
    else
        reference_folder(build, path);
}

/* --- the key: what programs depend on ------------------------------------------------------- */

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
        char path[MUTANT_PATH_SIZE];
        struct stat info;
        mutant_path(path, "%s/%s", folder, names[i]->d_name);
        if (status == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode))
            status = add_file(sum, path, err);
        free(names[i]);
    }
    free(names);
    return status;
}

/* Everything that the programs depend on but the patch. The rules of the build hold
   its flags and what the compiler says of itself; the kit is in what is linked. */
static int hash_sources(struct mutant_build *build, struct error *err)
{
    struct text sum = {0};
    char path[MUTANT_PATH_SIZE];
    const char *const modes[] = {"asan", "tsan"};
    mutant_path(path, "%s/rules", build->root);
    int status = add_file(&sum, path, err);
    for (int i = 0; i < 2 && status == 0; i++) {
        mutant_path(path, "%s/%s/given/%s", build->root, modes[i], build->lab->name);
        if (i == 0 || files_exist(path))
            status = add_folder(&sum, path, err);
        mutant_path(path, "%s/%s/libkit.a", build->root, modes[i]);
        if (status == 0 && (i == 0 || files_exist(path)))
            status = add_file(&sum, path, err);
    }
    mutant_path(path, "%s/%s", build->base, build->lab->name);
    if (status == 0)
        status = add_folder(&sum, path, err);
    mutant_path(path, "%s/%s", lab_home(build->lab), build->lab->name); /* headers */
    if (status == 0)
        status = add_folder(&sum, path, err);
    sha256_text(text_str(&sum), sum.length, build->sources);
    text_release(&sum);
    return status;
}

/* The programs that the mutant's two checks drive; all of them for a right variant. A cluster check
   may read from a probe what is to be started. */
static unsigned programs_needed(const struct mutant_build *build, const struct mutant *mutant)
{
    const char *const ids[] = {mutant->killed_by, mutant->sibling};
    unsigned programs = mutant->right ? COMPILE_ALL : 0;
    for (int i = 0; i < 2 && !mutant->right; i++) {
        const struct check *check = check_find(build->lab, ids[i]);
        if (check != NULL)
            programs |= check->tsan                   ? COMPILE_PROBE_TSAN
                        : check->tier == TIER_CLUSTER ? COMPILE_SERVICE | COMPILE_PROBE
                                                      : COMPILE_PROBE;
    }
    return programs;
}

int mutant_build_key(const struct mutant_build *build, const struct mutant *mutant,
                     char key[SHA256_TEXT_SIZE])
{
    struct text sum = {0};
    text_addf(&sum, "%s\n%u\n", build->sources, programs_needed(build, mutant));
    const int status =
        mutant->file_count > 0 ? files_read(mutant->path, MUTANT_PATCH_MAX, &sum, NULL) : 0;
    sha256_text(text_str(&sum), sum.length, key);
    text_release(&sum);
    return status;
}

/* --- building -------------------------------------------------------------------------------- */

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
static int build_tree(const struct mutant_build *build, const char *tree, unsigned programs,
                      const char *out, const char *log)
{
    char reference[MUTANT_PATH_SIZE];
    struct text words = {0};
    struct error err = {0};
    reference_folder(build, reference);
    const struct compile_options options = {.lab = build->lab,
                                            .tree = tree != NULL ? tree : build->base,
                                            .base = tree != NULL ? build->base : NULL,
                                            .base_out = reference,
                                            .build = build->root,
                                            .out = out,
                                            .mode = "asan",
                                            .programs = programs};
    const int code = compile_lab(&options, &words, &err);
    write_log(log, &words, &err);
    text_release(&words);
    return code;
}

int mutant_build_open(struct mutant_build *build, const struct lab *lab, struct error *err)
{
    char path[MUTANT_PATH_SIZE], reference[MUTANT_PATH_SIZE];
    struct text folder = {0};
    mutant_path(path, "solutions/%s", lab->name);
    *build = (struct mutant_build){.lab = lab, .base = files_exist(path) ? "solutions" : "labs"};
    place_in_build(&folder, "");
    snprintf(build->root, sizeof build->root, "%s", text_str(&folder));
    text_release(&folder);
    int status = hash_sources(build, err);
    mutant_path(path, "%s/mutants", build->root);
    if (status == 0)
        status = files_make(path, err);
    mutant_path(path, "%s/mutants/%s.log", build->root, lab->name);
    reference_folder(build, reference);
    if (status == 0 && build_tree(build, NULL, COMPILE_ALL, reference, path) != 0)
        status = error_set(err, ERR_INVALID,
                           "the reference of %s does not build: type make check LABS=%s LAB=%s",
                           lab->name, build->base, lab->name);
    return status;
}

/* --- the tree -------------------------------------------------------------------------------- */

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
static int make_tree(const struct mutant_build *build, const struct mutant *mutant,
                     const char *folder, struct outcome *outcome)
{
    char tree[MUTANT_PATH_SIZE], log[MUTANT_PATH_SIZE], from[MUTANT_PATH_SIZE],
        to[MUTANT_PATH_SIZE];
    struct error err = {0};
    mutant_path(tree, "%s/%s", folder, mutant->lab);
    mutant_path(log, "%s/log", folder);
    files_remove(folder);
    int status = files_make(tree, &err);
    for (int i = 0; i < mutant->file_count && status == 0; i++) {
        struct text bytes = {0};
        mutant_path(from, "%s/%s/%s", build->base, mutant->lab, mutant->files[i]);
        mutant_path(to, "%s/%s", tree, mutant->files[i]);
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

/* Whether the tree in folder was built from what key stands for. */
static int is_built(const char *folder, const char *key)
{
    char path[MUTANT_PATH_SIZE];
    struct text built = {0};
    mutant_path(path, "%s/built", folder);
    int same =
        files_read(path, SHA256_TEXT_SIZE, &built, NULL) == 0 && strcmp(text_str(&built), key) == 0;
    text_release(&built);
    return same;
}

static enum outcome_stage make_programs(const struct mutant_build *build,
                                        const struct mutant *mutant, const char *folder,
                                        struct outcome *outcome)
{
    char log[MUTANT_PATH_SIZE], out[MUTANT_PATH_SIZE];
    if (make_tree(build, mutant, folder, outcome) != 0)
        return OUTCOME_PATCH;
    mutant_path(log, "%s/log", folder);
    mutant_build_programs(build, mutant, out);
    if (mutant->file_count > 0 &&
        build_tree(build, folder, programs_needed(build, mutant), out, log) != 0) {
        note_log(outcome, log);
        return OUTCOME_BUILD;
    }
    return OUTCOME_JUDGED;
}

enum outcome_stage mutant_build_make(const struct mutant_build *build, const struct mutant *mutant,
                                     const char *key, struct outcome *outcome)
{
    char folder[MUTANT_PATH_SIZE], path[MUTANT_PATH_SIZE];
    mutant_build_folder(build, mutant, folder);
    if (is_built(folder, key))
        return OUTCOME_JUDGED;
    const enum outcome_stage stage = make_programs(build, mutant, folder, outcome);
    mutant_path(path, "%s/built", folder);
    if (stage == OUTCOME_JUDGED)
        files_write(path, key, strlen(key), NULL);
    return stage;
}
