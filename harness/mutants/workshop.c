/*
 * Making, building and judging mutants by the commands that a person would type: patch, make,
 * svclab check. What they say goes to files beside the tree, to be read when a cell is wrong.
 */
#include "mutants/workshop.h"

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
#include <cjson/cJSON.h>
#include "kit/error.h"
#include "kit/text.h"

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

static int read_whole(const char *path, struct text *out)
{
    char block[16384];
    size_t length = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return ERR_IO;
    while ((length = fread(block, 1, sizeof(block), file)) > 0)
        text_append(out, block, length);
    const int status = ferror(file) != 0 ? ERR_IO : 0;
    fclose(file);
    return status;
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
        memcpy(&arguments, &argv, sizeof(arguments)); /* execvp takes char *const *, unchanged */
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
    read_whole(log, &words);
    const char *text = text_str(&words);
    snprintf(outcome->note, sizeof(outcome->note), "%.*s", (int)strcspn(text, "\n"), text);
    text_release(&words);
}

/* --- the key: what an outcome depends on ----------------------------------------------------- */

static int add_folder(struct text *sum, const char *folder)
{
    struct dirent **names = NULL;
    const int count = scandir(folder, &names, NULL, alphasort);
    int status = count < 0 ? ERR_IO : 0;
    for (int i = 0; i < count; i++) {
        char path[WORKSHOP_PATH_SIZE];
        struct stat info;
        path_set(path, "%s/%s", folder, names[i]->d_name);
        if (status == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
            text_addf(sum, "%s\n", path);
            status = read_whole(path, sum);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

int workshop_open(struct workshop *workshop, const char *lab, struct error *err)
{
    struct text sum = {0};
    char given[WORKSHOP_PATH_SIZE], reference[WORKSHOP_PATH_SIZE];
    const ssize_t length =
        readlink("/proc/self/exe", workshop->program, sizeof(workshop->program) - 1);
    if (length < 0)
        return error_set(err, ERR_IO, "cannot find this program's own path: %s", strerror(errno));
    workshop->program[length] = '\0';
    workshop->folder = "build/mutants";
    workshop->base = "solutions";
    path_set(given, "labs/%s", lab);
    path_set(reference, "%s/%s", workshop->base, lab);
    int status = 0;
    if (read_whole(workshop->program, &sum) != 0 || read_whole("Makefile", &sum) != 0 ||
        add_folder(&sum, "labs/kit") != 0 || add_folder(&sum, "harness/peers") != 0 ||
        add_folder(&sum, given) != 0 || add_folder(&sum, reference) != 0)
        status = error_set(err, ERR_IO,
                           "cannot read %s and its sources; run this in the repository's folder",
                           reference);
    sha256_text(text_str(&sum), sum.length, workshop->sources);
    text_release(&sum);
    return status;
}

static int find_key(const struct workshop *workshop, const struct mutant *mutant, char *key)
{
    struct text sum = {0};
    text_addf(&sum, "%s\n", workshop->sources);
    const int status = read_whole(mutant->path, &sum);
    sha256_text(text_str(&sum), sum.length, key);
    text_release(&sum);
    return status;
}

/* --- the tree -------------------------------------------------------------------------------- */

static int copy_file(const char *from, const char *to)
{
    struct text bytes = {0};
    int status = read_whole(from, &bytes);
    FILE *file = status == 0 ? fopen(to, "wb") : NULL;
    if (file == NULL || fwrite(text_str(&bytes), 1, bytes.length, file) != bytes.length)
        status = ERR_IO;
    if (file != NULL && fclose(file) != 0)
        status = ERR_IO;
    text_release(&bytes);
    return status;
}

void workshop_folder(const struct workshop *workshop, const struct mutant *mutant,
                     char path[WORKSHOP_PATH_SIZE])
{
    path_set(path, "%s/%s/%s", workshop->folder, mutant->lab, mutant->name);
}

/* Makes every folder of path. */
static int make_folders(const char *path)
{
    char step[WORKSHOP_PATH_SIZE];
    for (const char *slash = strchr(path, '/');; slash = strchr(slash + 1, '/')) {
        path_set(step, "%.*s", slash != NULL ? (int)(slash - path) : WORKSHOP_PATH_SIZE, path);
        if (mkdir(step, 0755) != 0 && errno != EEXIST)
            return ERR_IO;
        if (slash == NULL)
            return 0;
    }
}

static int make_tree(const struct workshop *workshop, const struct mutant *mutant,
                     struct outcome *outcome)
{
    char folder[WORKSHOP_PATH_SIZE], tree[WORKSHOP_PATH_SIZE], log[WORKSHOP_PATH_SIZE],
        from[WORKSHOP_PATH_SIZE], to[WORKSHOP_PATH_SIZE];
    workshop_folder(workshop, mutant, folder);
    path_set(tree, "%s/%s", folder, mutant->lab);
    path_set(log, "%s/log", folder);
    const char *const clear[] = {"rm", "-rf", "--", folder, NULL};
    run_command(clear, NULL, "/dev/null");
    if (make_folders(tree) != 0)
        return ERR_IO;
    for (int i = 0; i < mutant->file_count; i++) {
        path_set(from, "%s/%s/%s", workshop->base, mutant->lab, mutant->files[i]);
        path_set(to, "%s/%s", tree, mutant->files[i]);
        if (copy_file(from, to) != 0) {
            snprintf(outcome->note, sizeof(outcome->note), "cannot copy %.200s", from);
            return ERR_IO;
        }
    }
    const char *const patch[] = {"patch", "-s", "-p1", "--no-backup-if-mismatch", "-d", tree, NULL};
    if (run_command(patch, mutant->path, log) == 0)
        return 0;
    note_log(outcome, log);
    return ERR_INVALID;
}

/* --- building -------------------------------------------------------------------------------- */

/* Where make puts a tree's programs: as `key` in the Makefile has it. */
static void programs_folder(const char *tree, char path[WORKSHOP_PATH_SIZE])
{
    path_set(path, "build/asan/%s", tree);
    for (char *slash = strchr(path + strlen("build/asan/"), '/'); slash != NULL;
         slash = strchr(slash, '/'))
        *slash = '_';
}

static int build_tree(const char *tree, const char *lab, const char *base, const char *log)
{
    char name[WORKSHOP_PATH_SIZE], labs[WORKSHOP_PATH_SIZE], from[WORKSHOP_PATH_SIZE],
        programs[WORKSHOP_PATH_SIZE], failed[WORKSHOP_PATH_SIZE];
    path_set(name, "NAME=%s", lab);
    path_set(labs, "LABS=%s", tree);
    path_set(from, "BASE=%s", base);
    programs_folder(tree, programs);
    path_set(failed, "%s/%s/failed", programs, lab);
    const char *const make[] = {"make", "-s", "lab", name, labs, from, NULL};
    return run_command(make, NULL, log) == 0 && access(failed, F_OK) != 0 ? 0 : ERR_INVALID;
}

int workshop_build_reference(const struct workshop *workshop, const char *lab, struct error *err)
{
    if (make_folders(workshop->folder) != 0)
        return error_set(err, ERR_IO, "cannot make %s: %s", workshop->folder, strerror(errno));
    if (build_tree(workshop->base, lab, "", "build/mutants/reference.log") == 0)
        return 0;
    return error_set(err, ERR_INVALID,
                     "the reference %s/%s does not build; see `make check LABS=%s LAB=%.2s`",
                     workshop->base, lab, workshop->base, lab);
}

static int build_mutant(const struct workshop *workshop, const struct mutant *mutant,
                        const char *folder, struct outcome *outcome)
{
    char programs[WORKSHOP_PATH_SIZE], log[WORKSHOP_PATH_SIZE];
    if (mutant->file_count == 0) /* the reference itself */
        return 0;
    path_set(log, "%s/log", folder);
    if (build_tree(folder, mutant->lab, workshop->base, log) == 0)
        return 0;
    programs_folder(folder, programs);
    path_set(log, "%s/%s/failed", programs, mutant->lab);
    note_log(outcome, log);
    return ERR_INVALID;
}

/* --- judging --------------------------------------------------------------------------------- */

static const char *member(const cJSON *object, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return value != NULL ? value : "";
}

/* Runs the judge on the mutant's tree, check NULL = all. The results, the caller's to cJSON_Delete,
   or NULL with a note. */
static cJSON *judge(const struct workshop *workshop, const struct mutant *mutant,
                    const char *folder, const char *check, struct outcome *outcome)
{
    char programs[WORKSHOP_PATH_SIZE], out[WORKSHOP_PATH_SIZE], log[WORKSHOP_PATH_SIZE],
        results[WORKSHOP_PATH_SIZE];
    const char *tree = mutant->file_count == 0 ? workshop->base : folder;
    struct text bytes = {0};
    programs_folder(tree, programs);
    path_set(out, "%s/%s", folder, check != NULL ? check : "all");
    path_set(log, "%s.log", out);
    path_set(results, "%s/results.json", out);
    const char *const argv[] = {workshop->program,
                                "check",
                                "--tree",
                                tree,
                                "--build",
                                programs,
                                "--out",
                                out,
                                "--lab",
                                mutant->lab,
                                check != NULL ? "--check" : NULL,
                                check,
                                NULL};
    const int status = run_command(argv, NULL, log);
    cJSON *root = read_whole(results, &bytes) == 0
                      ? cJSON_ParseWithLength(text_str(&bytes), bytes.length)
                      : NULL;
    text_release(&bytes);
    if ((status != 0 && status != 1) || root == NULL) {
        cJSON_Delete(root);
        note_log(outcome, log);
        return NULL;
    }
    return root;
}

static const cJSON *results_of(const cJSON *root)
{
    const cJSON *lab = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(root, "labs"), 0);
    return cJSON_GetObjectItemCaseSensitive(lab, "checks");
}

static int judge_check(const struct workshop *workshop, const struct mutant *mutant,
                       const char *folder, const char *check, struct judged *judged,
                       struct outcome *outcome)
{
    const cJSON *result = NULL;
    cJSON *root = judge(workshop, mutant, folder, check, outcome);
    if (root == NULL)
        return ERR_IO;
    cJSON_ArrayForEach(result, results_of(root))
    {
        if (strcmp(member(result, "id"), check) != 0)
            continue;
        snprintf(judged->verdict, sizeof(judged->verdict), "%s", member(result, "verdict"));
        snprintf(judged->reason, sizeof(judged->reason), "%s", member(result, "reason"));
    }
    cJSON_Delete(root);
    return 0;
}

static int judge_all(const struct workshop *workshop, const struct mutant *mutant,
                     const char *folder, struct outcome *outcome)
{
    const cJSON *result = NULL;
    cJSON *root = judge(workshop, mutant, folder, NULL, outcome);
    if (root == NULL)
        return ERR_IO;
    cJSON_ArrayForEach(result, results_of(root))
    {
        const char *verdict = member(result, "verdict");
        outcome->checks++;
        if (strcmp(verdict, "pass") == 0)
            outcome->passed++;
        else if (outcome->note[0] == '\0')
            snprintf(outcome->note, sizeof(outcome->note), "%s says %s: expected %s, got %s",
                     member(result, "id"), verdict, member(result, "expected"),
                     member(result, "got"));
    }
    cJSON_Delete(root);
    return 0;
}

static enum outcome_stage find_outcome(const struct workshop *workshop, const struct mutant *mutant,
                                       const char *folder, struct outcome *outcome)
{
    if (make_tree(workshop, mutant, outcome) != 0)
        return OUTCOME_PATCH;
    if (build_mutant(workshop, mutant, folder, outcome) != 0)
        return OUTCOME_BUILD;
    if (mutant->right)
        return judge_all(workshop, mutant, folder, outcome) == 0 ? OUTCOME_JUDGED : OUTCOME_JUDGE;
    if (judge_check(workshop, mutant, folder, mutant->killed_by, &outcome->own, outcome) != 0 ||
        judge_check(workshop, mutant, folder, mutant->sibling, &outcome->sibling, outcome) != 0)
        return OUTCOME_JUDGE;
    return OUTCOME_JUDGED;
}

void workshop_judge(const struct workshop *workshop, const struct mutant *mutant,
                    struct outcome *outcome)
{
    char folder[WORKSHOP_PATH_SIZE], record[WORKSHOP_PATH_SIZE], key[SHA256_TEXT_SIZE], why[512];
    workshop_folder(workshop, mutant, folder);
    path_set(record, "%s/outcome", folder);
    const int hashed = find_key(workshop, mutant, key) == 0;
    outcome_load(outcome, record);
    /* Only what held is believed again: a wrong cell is looked at anew. */
    if (hashed && strcmp(outcome->key, key) == 0 &&
        outcome_holds(outcome, mutant, why, sizeof(why)))
        return;
    *outcome = (struct outcome){0};
    outcome->stage = find_outcome(workshop, mutant, folder, outcome);
    snprintf(outcome->key, sizeof(outcome->key), "%s", key);
    outcome_save(outcome, record);
}
