/*
 * Linking, and whose fault it is when that or compiling fails.
 *
 * A program's key is the hash of everything it is linked from, as an object's is.
 */
#include "compile/building.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "compile/jobs.h"
#include "kit/error.h"

enum { LINK_WORDS_MAX = 2 * RECIPE_WORDS_MAX + UNITS_MAX, ROOM_MB = 16 };

int compile_key_fits(const char *path, const char *key)
{
    struct text kept = {0};
    const int same =
        files_read(path, SHA256_TEXT_SIZE, &kept, NULL) == 0 && strcmp(text_str(&kept), key) == 0;
    text_release(&kept);
    return same;
}

void compile_add_log(struct text *words, const char *path)
{
    files_read(path, COMPILE_LOG_MAX, words, NULL);
    if (words->length > 0 && words->bytes[words->length - 1] != '\n')
        text_add(words, "\n");
}

/* --- whose fault ------------------------------------------------------------------------------ */

/* Says what the compiler lacks: the line with "cannot find" names it, or else the first line does.
 */
static int name_lack(const char *compiler, const char *words, struct error *err)
{
    const char *found = strstr(words, "cannot find");
    const int length = (int)strcspn(found != NULL ? found : words, "\n");
    const int clang = strstr(words, "clang") != NULL;
    if (found == NULL)
        return error_set(err, ERR_UNAVAILABLE,
                         "%s cannot build even an empty program with the sanitizers here (%.*s). "
                         "make doctor says what is missing.",
                         compiler, length, words);
    return error_set(err, ERR_UNAVAILABLE,
                     "%s cannot link its sanitizers here (%.*s). Install %s, or take another "
                     "compiler (%s).",
                     compiler, length, found,
                     clang ? "libclang-rt-dev" : "libgcc-12-dev or your gcc's libsanitizer",
                     clang ? "CC=gcc" : "CC=...");
}

int compile_was_ended(int signal)
{
    return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

int compile_ask(const struct building *building, struct error *err)
{
    static const char source[] = "int main(void) { return 0; }\n";
    struct text file = {0}, program = {0}, log = {0}, words = {0};
    text_addf(&file, "%s/canary.c", text_str(&building->folder));
    text_addf(&program, "%s/canary", text_str(&building->folder));
    text_addf(&log, "%s/canary.log", text_str(&building->folder));
    const char *argv[LINK_WORDS_MAX] = {NULL};
    int count = 0;
    const struct word_list *const lists[] = {&building->recipe.compiler, &building->recipe.compile};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < lists[i]->count; k++)
            argv[count++] = lists[i]->words[k];
    argv[count++] = "-o";
    argv[count++] = text_str(&program);
    argv[count++] = text_str(&file);
    struct compile_job job = {.argv = argv, .log = text_str(&log), .file_mb = COMPILE_FILE_MB};
    const char *temporary = getenv("TMPDIR");
    int code = files_need_room(text_str(&building->folder), ROOM_MB, err);
    if (code == 0)
        code = files_need_room(temporary != NULL ? temporary : "/tmp", ROOM_MB, err);
    if (code == 0)
        code = files_write(text_str(&file), source, strlen(source), err);
    if (code == 0)
        code = compile_jobs_run(&job, 1, 1, err);
    if (code == 0 && !job.ended_well) {
        files_read(text_str(&log), COMPILE_LOG_MAX, &words, NULL);
        code = name_lack(argv[0], text_str(&words), err);
    }
    unlink(text_str(&program));
    text_release(&file);
    text_release(&program);
    text_release(&log);
    text_release(&words);
    return code;
}

/* --- linking ---------------------------------------------------------------------------------- */

/* Over all that the program is linked from: what is given, the units, the words. */
static void make_link_key(const struct building *building, const char *const *argv,
                          char key[SHA256_TEXT_SIZE])
{
    struct text sum = {0};
    text_addf(&sum, "%s\n%s\n", building->recipe.identity, building->recipe.given);
    for (int i = 0; i < building->count; i++)
        text_addf(&sum, "%s\n", building->units[i].key);
    for (int i = 0; argv[i] != NULL; i++)
        text_addf(&sum, "%s\n", argv[i]);
    sha256_text(text_str(&sum), sum.length, key);
    text_release(&sum);
}

/* The linker's command. */
static void link_words(const struct building *building, const struct word_list *list,
                       const char *program, const char *argv[LINK_WORDS_MAX])
{
    int count = 0;
    for (int i = 0; i < building->recipe.compiler.count; i++)
        argv[count++] = building->recipe.compiler.words[i];
    argv[count++] = "-o";
    argv[count++] = program;
    for (int i = 0; i < building->count; i++)
        argv[count++] = text_str(&building->units[i].object);
    for (int i = 0; i < list->count; i++)
        argv[count++] = list->words[i];
    argv[count] = NULL;
}

static int remove_program(const char *program, const char *key_path, struct error *err)
{
    const char *const paths[] = {key_path, program};
    for (int i = 0; i < 2; i++)
        if (unlink(paths[i]) != 0 && errno != ENOENT)
            return error_set(err, ERR_IO,
                             "cannot remove the old %.120s: %s. Own the build folder (chown), or "
                             "remove it.",
                             paths[i], strerror(errno));
    return 0;
}

int compile_link(struct building *building, const struct word_list *list, const char *name,
                 struct error *err)
{
    const char *out = building->options->out;
    struct text program = {0}, key_path = {0}, log = {0};
    const char *argv[LINK_WORDS_MAX] = {NULL};
    char key[SHA256_TEXT_SIZE];
    text_addf(&program, "%s/%s", out, name);
    text_addf(&key_path, "%s/%s.key", text_str(&building->folder), name);
    text_addf(&log, "%s/%s.log", text_str(&building->folder), name);
    link_words(building, list, text_str(&program), argv);
    make_link_key(building, argv, key);
    int code = 0;
    if (compile_key_fits(text_str(&key_path), key) && files_exist(text_str(&program)))
        goto out;
    struct compile_job job = {.argv = argv, .log = text_str(&log), .file_mb = COMPILE_FILE_MB};
    code = compile_take_programs(building->options, building->locks, err);
    if (code == 0)
        code = remove_program(text_str(&program), text_str(&key_path), err);
    if (code == 0)
        code = compile_jobs_run(&job, 1, 1, err);
    if (code == 0 && !job.ended_well) {
        compile_add_log(building->words, text_str(&log));
        unlink(text_str(&program));
        code = compile_was_ended(job.stopped)
                   ? error_set(err, ERR_UNAVAILABLE,
                               "something ended the linker (%s): most often "
                               "memory is short. Close other programs, then run it again.",
                               strsignal(job.stopped))
                   : compile_ask(building, err);
        code = code == 0 ? COMPILE_FAILED : code;
    }
    if (code == 0)
        code = files_write(text_str(&key_path), key, strlen(key), err);
out:
    text_release(&program);
    text_release(&key_path);
    text_release(&log);
    return code;
}
