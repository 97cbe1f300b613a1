/*
 * Preprocess, compare keys, compile, and ask for the words.
 */
#include "compile/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "compile/jobs.h"
#include "kit/error.h"

enum { ARGUMENTS_MAX = 2 * RECIPE_WORDS_MAX };

void unit_init(struct unit *unit, const char *source, const char *folder, const char *name)
{
    const int stem = (int)(strlen(name) - strlen(".c"));
    *unit = (struct unit){0};
    /* "-x.c" would be a flag, "@x" a file of flags. */
    text_addf(&unit->source, "%s%s", source[0] == '/' || source[0] == '.' ? "" : "./", source);
    text_addf(&unit->object, "%s/%.*s.o", folder, stem, name);
    text_addf(&unit->preprocessed, "%s/%.*s.i", folder, stem, name);
    text_addf(&unit->key_path, "%s/%.*s.key", folder, stem, name);
    text_addf(&unit->log, "%s/%.*s.log", folder, stem, name);
    text_addf(&unit->log_of_i, "%s/%.*s.log_of_i", folder, stem, name);
    text_addf(&unit->log_of_o, "%s/%.*s.log_of_o", folder, stem, name);
}

void unit_release(struct unit *unit)
{
    text_release(&unit->source);
    text_release(&unit->object);
    text_release(&unit->preprocessed);
    text_release(&unit->key_path);
    text_release(&unit->log);
    text_release(&unit->log_of_i);
    text_release(&unit->log_of_o);
}

/* --- command lines ---------------------------------------------------------------------------- */

struct command {
    const char *argv[ARGUMENTS_MAX];
    int count;
};

static void add_word(struct command *command, const char *word)
{
    if (command->count + 1 == ARGUMENTS_MAX)
        abort(); /* RECIPE_WORDS_MAX bounds every list */
    command->argv[command->count++] = word;
}

static void add_words(struct command *command, const struct word_list *list)
{
    for (int i = 0; i < list->count; i++)
        add_word(command, list->words[i]);
}

/* The words that say how a file is read. */
static void begin_command(struct command *command, const struct unit_flags *flags)
{
    *command = (struct command){0};
    add_words(command, &flags->recipe->compiler);
    add_words(command, &flags->recipe->compile);
    if (flags->quiet)
        add_word(command, "-w");
    else
        add_words(command, &flags->recipe->warn);
    for (int i = 0; flags->include[i] != NULL; i++) {
        add_word(command, "-iquote");
        add_word(command, flags->include[i]);
    }
}

/* --- keys ------------------------------------------------------------------------------------- */

/* The key of the object that this command makes of the preprocessed text. */
static int make_key(struct unit *unit, const struct command *command, const struct recipe *recipe,
                    struct error *err)
{
    struct text sum = {0};
    text_addf(&sum, "%s\n", recipe->identity);
    for (int i = 0; i < command->count; i++)
        text_addf(&sum, "%s\n", command->argv[i]);
    const size_t most = (size_t)COMPILE_TEXT_MB << 20;
    const int code = files_read(text_str(&unit->preprocessed), most, &sum, err);
    sha256_text(text_str(&sum), sum.length, unit->key);
    text_release(&sum);
    return code;
}

static int is_current(const struct unit *unit)
{
    struct text kept = {0};
    const int same = files_read(text_str(&unit->key_path), SHA256_TEXT_SIZE, &kept, NULL) == 0 &&
                     strcmp(text_str(&kept), unit->key) == 0 &&
                     files_exist(text_str(&unit->object));
    text_release(&kept);
    return same;
}

/* What was made of older content goes before anything new is made. */
static int remove_old(const struct unit *unit, struct error *err)
{
    const char *const paths[] = {text_str(&unit->key_path), text_str(&unit->object)};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (unlink(paths[i]) != 0 && errno != ENOENT)
            return error_set(err, ERR_IO, "cannot remove the old %s: %s", paths[i],
                             strerror(errno));
    return 0;
}

/* --- the passes ------------------------------------------------------------------------------- */

/* One command for each unit; those of a unit without words are not run. */
struct pass {
    struct command *commands;
    struct compile_job *jobs;
};

static void pass_open(struct pass *pass, int count)
{
    pass->commands = calloc((size_t)count, sizeof *pass->commands);
    pass->jobs = calloc((size_t)count, sizeof *pass->jobs);
    if (pass->commands == NULL || pass->jobs == NULL)
        abort();
}

static void pass_close(struct pass *pass)
{
    free(pass->commands);
    free(pass->jobs);
}

/* Ends the command with "-X -o OUTPUT SOURCE". */
static void end_command(struct command *command, const char *what, const char *output,
                        const struct text *source)
{
    add_word(command, what);
    add_word(command, "-o");
    add_word(command, output);
    add_word(command, text_str(source));
}

static int preprocess(struct unit *units, int count, const struct unit_flags *flags,
                      struct error *err)
{
    struct pass pass;
    pass_open(&pass, count);
    for (int i = 0; i < count; i++) {
        struct unit *unit = &units[i];
        struct command *command = &pass.commands[i];
        if (unit->borrowed)
            continue;
        begin_command(command, flags);
        add_word(command, "-E");
        add_word(command, text_str(&unit->source));
        pass.jobs[i] = (struct compile_job){.argv = command->argv,
                                            .output = text_str(&unit->preprocessed),
                                            .log = text_str(&unit->log_of_i),
                                            .file_mb = COMPILE_TEXT_MB};
    }
    const int code = compile_jobs_run(pass.jobs, count, flags->parallel, err);
    for (int i = 0; i < count; i++) {
        units[i].stopped = pass.jobs[i].stopped;
        units[i].is_failed = !units[i].borrowed && !pass.jobs[i].ended_well;
    }
    pass_close(&pass);
    return code;
}

/* Compiles what is not current, and marks it. */
static int compile(struct unit *units, int count, const struct unit_flags *flags, char *is_new,
                   struct error *err)
{
    struct pass pass;
    int code = 0;
    pass_open(&pass, count);
    for (int i = 0; i < count && code == 0; i++) {
        struct unit *unit = &units[i];
        struct command *command = &pass.commands[i];
        if (unit->borrowed)
            continue;
        begin_command(command, flags);
        if (!unit->is_failed)
            code = make_key(unit, command, flags->recipe, err);
        if (code != 0 || (!unit->is_failed && is_current(unit)))
            continue;
        code = remove_old(unit, err);
        is_new[i] = 1;
        if (unit->is_failed)
            continue;
        end_command(command, "-c", text_str(&unit->object), &unit->preprocessed);
        pass.jobs[i] = (struct compile_job){
            .argv = command->argv, .log = text_str(&unit->log_of_o), .file_mb = COMPILE_FILE_MB};
    }
    if (code == 0)
        code = compile_jobs_run(pass.jobs, count, flags->parallel, err);
    for (int i = 0; i < count && code == 0; i++) {
        if (pass.jobs[i].argv == NULL)
            continue;
        units[i].stopped = pass.jobs[i].stopped;
        units[i].is_failed = !pass.jobs[i].ended_well;
    }
    pass_close(&pass);
    return code;
}

static int is_empty(const struct text *path)
{
    struct text first = {0};
    files_read(text_str(path), 1, &first, NULL);
    const int empty = first.length == 0;
    text_release(&first);
    return empty;
}

/* Where something was said, and a limit did not end it, the file is compiled for its words. */
static int ask_for_words(struct unit *units, int count, const struct unit_flags *flags,
                         const char *is_new, struct error *err)
{
    struct pass pass;
    pass_open(&pass, count);
    for (int i = 0; i < count; i++) {
        struct unit *unit = &units[i];
        struct command *command = &pass.commands[i];
        if (!is_new[i])
            continue;
        unlink(text_str(&unit->log));
        const int said =
            unit->is_failed || !is_empty(&unit->log_of_i) || !is_empty(&unit->log_of_o);
        if (unit->stopped != 0 || !said)
            continue;
        begin_command(command, flags);
        end_command(command, "-S", "/dev/null", &unit->source);
        pass.jobs[i] = (struct compile_job){.argv = command->argv,
                                            .log = text_str(&unit->log),
                                            .file_mb = COMPILE_TEXT_MB,
                                            .for_people = 1};
    }
    const int code = compile_jobs_run(pass.jobs, count, flags->parallel, err);
    pass_close(&pass);
    return code;
}

/* The keys of what was made, now that all of it is there. A file that failed and is another one by
   now has the words that were said of its text. */
static int finish(struct unit *units, int count, const char *is_new, struct error *err)
{
    int code = 0;
    for (int i = 0; i < count && code == 0; i++) {
        const struct unit *unit = &units[i];
        if (!is_new[i])
            continue;
        if (!unit->is_failed) {
            code = files_write(text_str(&unit->key_path), unit->key, strlen(unit->key), err);
        } else if (unit->stopped == 0 && is_empty(&unit->log)) {
            const struct text *said = is_empty(&unit->log_of_i) ? &unit->log_of_o : &unit->log_of_i;
            rename(text_str(said), text_str(&unit->log));
        }
    }
    return code;
}

int units_compile(struct unit *units, int count, const struct unit_flags *flags, struct error *err)
{
    char *is_new = calloc((size_t)count, 1);
    if (is_new == NULL)
        abort();
    int code = preprocess(units, count, flags, err);
    if (code == 0)
        code = compile(units, count, flags, is_new, err);
    if (code == 0)
        code = ask_for_words(units, count, flags, is_new, err);
    if (code == 0)
        code = finish(units, count, is_new, err);
    free(is_new);
    return code;
}
