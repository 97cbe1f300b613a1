/*
 * Preprocess, compare keys, compile.
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

enum {
    PREPROCESSED_MAX = 32 << 20, /* bytes; all headers of the system together are 3 MB */
    ARGUMENTS_MAX = 2 * RECIPE_WORDS_MAX
};

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
}

void unit_release(struct unit *unit)
{
    text_release(&unit->source);
    text_release(&unit->object);
    text_release(&unit->preprocessed);
    text_release(&unit->key_path);
    text_release(&unit->log);
    text_release(&unit->log_of_i);
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
    int code = files_read(text_str(&unit->preprocessed), PREPROCESSED_MAX, &sum, err);
    if (code == 0 && sum.length >= PREPROCESSED_MAX)
        code = error_set(err, ERR_LIMIT, "%.150s has more than %d MB with all that it includes",
                         text_str(&unit->source), PREPROCESSED_MAX >> 20);
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

/* --- both passes ------------------------------------------------------------------------------ */

static int preprocess(struct unit *units, int count, const struct unit_flags *flags,
                      struct error *err)
{
    struct command *commands = calloc((size_t)count, sizeof *commands);
    struct compile_job *jobs = calloc((size_t)count, sizeof *jobs);
    if (commands == NULL || jobs == NULL)
        abort();
    for (int i = 0; i < count; i++) {
        struct unit *unit = &units[i];
        if (unit->given)
            continue;
        begin_command(&commands[i], flags);
        add_word(&commands[i], "-w");
        add_word(&commands[i], "-E");
        add_word(&commands[i], text_str(&unit->source));
        jobs[i] = (struct compile_job){.argv = commands[i].argv,
                                       .output = text_str(&unit->preprocessed),
                                       .log = text_str(&unit->log_of_i)};
    }
    const int code = compile_jobs_run(jobs, count, flags->parallel, err);
    for (int i = 0; i < count; i++) {
        units[i].stopped = jobs[i].stopped;
        units[i].is_failed = !units[i].given && !jobs[i].ended_well;
    }
    free(commands);
    free(jobs);
    return code;
}

/* Fills the command that compiles a unit, and its key. */
static int prepare(struct unit *unit, const struct unit_flags *flags, struct command *command,
                   struct error *err)
{
    begin_command(command, flags);
    if (flags->quiet)
        add_word(command, "-w");
    else
        add_words(command, &flags->recipe->warn);
    const int code = unit->is_failed ? 0 : make_key(unit, command, flags->recipe, err);
    add_word(command, "-c");
    add_word(command, "-o");
    add_word(command, text_str(&unit->object));
    add_word(command, text_str(&unit->source));
    return code;
}

static int compile(struct unit *units, int count, const struct unit_flags *flags, struct error *err)
{
    struct command *commands = calloc((size_t)count, sizeof *commands);
    struct compile_job *jobs = calloc((size_t)count, sizeof *jobs);
    int code = 0;
    if (commands == NULL || jobs == NULL)
        abort();
    for (int i = 0; i < count && code == 0; i++) {
        struct unit *unit = &units[i];
        if (unit->given)
            continue;
        code = prepare(unit, flags, &commands[i], err);
        if (code != 0 || (!unit->is_failed && is_current(unit)))
            continue;
        code = remove_old(unit, err);
        jobs[i] = (struct compile_job){.argv = commands[i].argv, .log = text_str(&unit->log)};
    }
    if (code == 0)
        code = compile_jobs_run(jobs, count, flags->parallel, err);
    for (int i = 0; i < count && code == 0; i++) {
        struct unit *unit = &units[i];
        if (jobs[i].argv == NULL)
            continue;
        unit->stopped = jobs[i].stopped;
        unit->is_failed |= !jobs[i].ended_well;
        if (!unit->is_failed)
            code = files_write(text_str(&unit->key_path), unit->key, strlen(unit->key), err);
    }
    free(commands);
    free(jobs);
    return code;
}

int units_compile(struct unit *units, int count, const struct unit_flags *flags, struct error *err)
{
    const int code = preprocess(units, count, flags, err);
    return code != 0 ? code : compile(units, count, flags, err);
}
