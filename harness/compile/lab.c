/*
 * The order of things: compile, look into what was compiled, link.
 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "compile/building.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "compile/jobs.h"
#include "course/lab.h"
#include "course/manifest.h"
#include "kit/error.h"
#include "refuse/refuse.h"

/* --- compiling -------------------------------------------------------------------------------- */

/* What a compiler reads for ever, or waits for, is no file. */
static int have_files(struct building *building)
{
    int missing = 0;
    for (int i = 0; i < building->count; i++) {
        const char *source = text_str(&building->units[i].source);
        struct stat info;
        if (stat(source, &info) != 0 || S_ISREG(info.st_mode))
            continue; /* the compiler says what is missing */
        text_addf(building->words, "%s: this is not a file: put one in its place.\n", source);
        missing++;
    }
    return missing == 0 ? 0 : COMPILE_FAILED;
}

/* 0 when the file is to blame: the words say why. Else ERR_UNAVAILABLE. */
static int report_stopped(struct building *building, const struct unit *unit, struct error *err)
{
    const char *source = text_str(&unit->source);
    if (unit->stopped == SIGXCPU || unit->stopped == SIGXFSZ)
        text_addf(building->words,
                  "%s: the compiler was stopped at a limit (%d s, %d MB of memory, %d MB of text): "
                  "make the file smaller, and look at its macros and at what it includes.\n",
                  source, COMPILE_CPU_S, COMPILE_MEMORY_MB, COMPILE_TEXT_MB);
    else if (compile_was_ended(unit->stopped))
        return error_set(err, ERR_UNAVAILABLE,
                         "something ended the compiler at %.120s (%s): most often memory is short. "
                         "Close other programs, then run it again.",
                         source, strsignal(unit->stopped));
    else
        text_addf(building->words, "%s: the compiler broke down (%s).\n", source,
                  strsignal(unit->stopped));
    return 0;
}

/* COMPILE_FAILED when a file does not compile, and it is not the machine's fault. */
static int compile_units(struct building *building, struct error *err)
{
    const struct unit_flags flags = {.recipe = &building->recipe,
                                     .include = building->include,
                                     .quiet = building->quiet,
                                     .parallel = building->parallel};
    int failed = 0, code = have_files(building);
    if (code == 0)
        code = units_compile(building->units, building->count, &flags, err);
    for (int i = 0; i < building->count && code == 0; i++) {
        const struct unit *unit = &building->units[i];
        if (!unit->borrowed)
            compile_add_log(building->words, text_str(&unit->log));
        if (unit->is_failed && unit->stopped != 0)
            code = report_stopped(building, unit, err);
        failed += unit->is_failed;
    }
    if (code == 0 && failed > 0)
        code = compile_ask(building, err);
    if (code == 0 && failed > 0) /* this may be why */
        code = compile_find_shadows(building, NULL);
    return code >= 0 && failed > 0 ? COMPILE_FAILED : code;
}

/* --- looking into it -------------------------------------------------------------------------- */

/* COMPILE_FAILED when something would escape the sanitizers (refuse/refuse.h). A mutant's other
   files were looked into with the reference. */
static int look_into(struct building *building, struct error *err)
{
    struct refuse_file files[UNITS_MAX] = {{0}};
    int code = 0;
    for (int i = 0; i < building->count && code == 0; i++) {
        const struct unit *unit = &building->units[i];
        files[i].object = text_str(&unit->object);
        if (!unit->borrowed)
            code =
                files_read(text_str(&unit->preprocessed), COMPILE_FILE_MAX, &files[i].source, err);
    }
    if (code == 0)
        code = refuse_files(files, building->count, building->words, err);
    for (int i = 0; i < building->count; i++)
        text_release(&files[i].source);
    return code == ERR_REFUSED ? COMPILE_FAILED : code;
}

/* Over all objects, and nothing else: the same objects need not be looked into again. */
static void hash_units(const struct building *building, char key[SHA256_TEXT_SIZE])
{
    struct text sum = {0};
    for (int i = 0; i < building->count; i++)
        text_addf(&sum, "%s %s\n", text_str(&building->units[i].object), building->units[i].key);
    sha256_text(text_str(&sum), sum.length, key);
    text_release(&sum);
}

static int look_once(struct building *building, struct error *err)
{
    char key[SHA256_TEXT_SIZE];
    struct text path = {0};
    hash_units(building, key);
    text_addf(&path, "%s/looked-into.key", text_str(&building->folder));
    int code = 0;
    if (!compile_key_fits(text_str(&path), key)) {
        code = look_into(building, err);
        if (code == 0)
            code = files_write(text_str(&path), key, strlen(key), err);
    }
    text_release(&path);
    return code;
}

/* --- a building ------------------------------------------------------------------------------- */

static void add_unit(struct building *building, const char *name, struct error *err, int *code)
{
    const struct compile_options *options = building->options;
    struct text source = {0}, folder = {0};
    if (building->count == UNITS_MAX) {
        *code = error_set(err, ERR_LIMIT, "a lab has at most %d files", UNITS_MAX);
        return;
    }
    struct unit *unit = &building->units[building->count++];
    text_addf(&source, "%s/%s", text_str(&building->tree), name);
    const int borrowed = options->base != NULL && !files_exist(text_str(&source));
    if (borrowed) {
        text_clear(&source);
        text_addf(&source, "%s/%s", text_str(&building->base), name);
        text_addf(&folder, "%s/%s", options->base_out, building->quiet ? "tsan" : options->mode);
    }
    unit_init(unit, text_str(&source), borrowed ? text_str(&folder) : text_str(&building->folder),
              name);
    unit->borrowed = borrowed;
    if (borrowed) { /* its key stands for its content */
        struct text key = {0};
        *code = files_read(text_str(&unit->key_path), SHA256_TEXT_SIZE, &key, err);
        snprintf(unit->key, sizeof unit->key, "%.64s", text_str(&key));
        text_release(&key);
    }
    text_release(&source);
    text_release(&folder);
}

/* Reads the manifest and the recipe of build_mode. */
static int building_open(struct building *building, const struct compile_options *options,
                         const char *build_mode, struct text *words, struct error *err)
{
    struct text path = {0}, names = {0};
    *building = (struct building){.options = options, .words = words};
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    building->parallel = cores > 0 ? (int)cores : 1;
    building->quiet = strcmp(build_mode, "tsan") == 0; /* all was said in the other build */
    text_addf(&building->folder, "%s/%s", options->out, build_mode);
    text_addf(&building->tree, "%s%s/%s",
              options->tree[0] == '/' || options->tree[0] == '.' ? "" : "./", options->tree,
              options->lab->name);
    text_addf(&building->base, "./%s/%s", options->base != NULL ? options->base : "",
              options->lab->name);
    text_addf(&building->given, "%s/%s", lab_home(options->lab), options->lab->name);
    int count = 0;
    if (options->base != NULL)
        building->include[count++] = text_str(&building->base);
    building->include[count++] = "labs";
    building->include[count] = text_str(&building->given);
    text_addf(&path, "%s/%s/given/%s/recipe", options->build, build_mode, options->lab->name);
    int code = recipe_read(&building->recipe, text_str(&path), err);
    if (code == 0)
        code = files_make(text_str(&building->folder), err);
    if (code == 0)
        code = manifest_read(options->lab, &names, err);
    for (const char *at = text_str(&names); *at != '\0' && code == 0;) {
        char name[64];
        const size_t length = strcspn(at, "\n");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        if (length > 2 && strcmp(name + length - 2, ".c") == 0)
            add_unit(building, name, err, &code);
        at += length + (at[length] == '\n');
    }
    text_release(&path);
    text_release(&names);
    return code;
}

static void building_close(struct building *building)
{
    for (int i = 0; i < building->count; i++)
        unit_release(&building->units[i]);
    recipe_release(&building->recipe);
    text_release(&building->folder);
    text_release(&building->tree);
    text_release(&building->base);
    text_release(&building->given);
}

/* Everything that is made in one mode. */
static int build_in(const struct compile_options *options, struct folder_locks *locks,
                    const char *build_mode, unsigned programs, struct text *words,
                    struct error *err)
{
    struct building *building = malloc(sizeof *building);
    if (building == NULL)
        abort();
    int code = building_open(building, options, build_mode, words, err);
    building->locks = locks;
    const int is_tsan = building->quiet;
    if (code == ERR_NOT_FOUND && is_tsan) { /* a lab whose threads are not judged */
        err->text[0] = '\0';
        building_close(building);
        free(building);
        return 0;
    }
    if (code == 0)
        code = compile_units(building, err);
    if (code == 0)
        code = compile_find_shadows(building, err);
    if (code == 0)
        code = look_once(building, err);
    if (code == 0 && programs & (COMPILE_PROBE | COMPILE_PROBE_TSAN))
        code =
            compile_link(building, &building->recipe.probe, is_tsan ? "probe-tsan" : "probe", err);
    if (code == 0 && programs & COMPILE_SERVICE && building->recipe.service.count > 0)
        code = compile_link(building, &building->recipe.service, "service", err);
    building_close(building);
    free(building);
    return code;
}

/* --- the lab ---------------------------------------------------------------------------------- */

static const struct {
    unsigned program;
    const char *name;
} all_programs[] = {
    {COMPILE_PROBE, "probe"}, {COMPILE_SERVICE, "service"}, {COMPILE_PROBE_TSAN, "probe-tsan"}};

static int cannot_remove(const struct text *path, struct error *err)
{
    return error_set(
        err, ERR_IO,
        "cannot remove the old %.120s: %s. Own the build folder (chown), or remove it.",
        text_str(path), strerror(errno));
}

/* Removes the programs that are not wanted, and the mark of an earlier failure. */
static int remove_others(const struct compile_options *options, struct folder_locks *locks,
                         unsigned wanted, struct error *err)
{
    struct text path = {0};
    int code = 0;
    for (size_t i = 0; i < sizeof all_programs / sizeof all_programs[0] && code == 0; i++) {
        text_clear(&path);
        text_addf(&path, "%s/%s", options->out, all_programs[i].name);
        if (wanted & all_programs[i].program || !files_exist(text_str(&path)))
            continue;
        code = compile_take_programs(options, locks, err);
        if (code == 0 && unlink(text_str(&path)) != 0)
            code = cannot_remove(&path, err);
    }
    text_clear(&path);
    text_addf(&path, "%s/failed", options->out);
    if (code == 0 && unlink(text_str(&path)) != 0 && errno != ENOENT)
        code = cannot_remove(&path, err);
    text_release(&path);
    return code;
}

/* The descriptor of a file in `out`, opened to be locked, or ERR_IO. */
static int open_lock(const struct compile_options *options, const char *name, struct error *err)
{
    struct text path = {0};
    int fd = files_make(options->out, err);
    if (fd == 0) {
        text_addf(&path, "%s/%s", options->out, name);
        fd = open(text_str(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0)
            fd =
                error_set(err, ERR_IO,
                          "cannot write in %.120s: %s. Own the build folder (chown), or remove it.",
                          options->out, strerror(errno));
    }
    text_release(&path);
    return fd;
}

/* Waits for the lock, and says so when that takes time. ERR_IO. */
static int lock_file(const struct compile_options *options, int fd, int kind, struct error *err)
{
    if (flock(fd, kind | LOCK_NB) == 0)
        return 0;
    fprintf(stderr, "Another run builds or judges %s: this one waits for it.\n",
            options->lab->name);
    while (flock(fd, kind) != 0)
        if (errno != EINTR)
            return error_set(err, ERR_IO, "cannot lock %.120s: %s", options->out, strerror(errno));
    return 0;
}

int compile_take_programs(const struct compile_options *options, struct folder_locks *locks,
                          struct error *err)
{
    if (locks->uses >= 0)
        return 0;
    locks->uses = open_lock(options, "used", err);
    return locks->uses < 0 ? locks->uses : lock_file(options, locks->uses, LOCK_EX, err);
}

/* Lets others run what is there now, and the caller hold it. */
static int leave_programs(const struct compile_options *options, struct folder_locks *locks,
                          struct error *err)
{
    int code = 0;
    if (options->hold != NULL && locks->uses < 0)
        code = locks->uses = open_lock(options, "used", err);
    if (options->hold != NULL && code >= 0)
        code = lock_file(options, locks->uses, LOCK_SH, err);
    if (options->hold != NULL && code == 0)
        *options->hold = locks->uses;
    else if (locks->uses >= 0)
        close(locks->uses);
    close(locks->builds);
    return code;
}

/* Leaves the words where the judge finds them. */
static int write_failed(const struct compile_options *options, const struct text *words,
                        struct error *err)
{
    struct text path = {0};
    text_addf(&path, "%s/failed", options->out);
    const int code = files_write(text_str(&path), text_str(words), words->length, err);
    text_release(&path);
    return code == 0 ? COMPILE_FAILED : code;
}

int compile_lab(const struct compile_options *options, struct text *words, struct error *err)
{
    struct folder_locks locks = {.builds = open_lock(options, "lock", err), .uses = -1};
    if (locks.builds < 0)
        return locks.builds;
    const unsigned plain = options->programs & (COMPILE_PROBE | COMPILE_SERVICE);
    int code = lock_file(options, locks.builds, LOCK_EX, err);
    if (code == 0)
        code = remove_others(options, &locks, options->programs, err);
    if (code == 0 && plain != 0)
        code = build_in(options, &locks, options->mode, plain, words, err);
    if (code == 0 && options->programs & COMPILE_PROBE_TSAN)
        code = build_in(options, &locks, "tsan", COMPILE_PROBE_TSAN, words, err);
    if (code != 0) {
        const int removed = remove_others(options, &locks, 0, code == COMPILE_FAILED ? err : NULL);
        code = removed != 0 ? removed : code;
    }
    if (code == COMPILE_FAILED)
        code = write_failed(options, words, err);
    const int left = leave_programs(options, &locks, err);
    return left < 0 ? left : code;
}

int compile_place(const char *build, const char *tree, struct text *folder, struct error *err)
{
    static const char *const own[] = {"labs", "solutions", "exercises"};
    char real[PATH_MAX], key[SHA256_TEXT_SIZE];
    size_t length = strlen(tree);
    while (length > 1 && tree[length - 1] == '/')
        length--;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strlen(own[i]) == length && strncmp(own[i], tree, length) == 0) {
            text_addf(folder, "%s/trees/%s", build, own[i]);
            return 0;
        }
    }
    if (realpath(tree, real) == NULL)
        return error_set(err, ERR_NOT_FOUND, "cannot find the folder %.120s: %s", tree,
                         strerror(errno));
    sha256_text(real, strlen(real), key);
    text_addf(folder, "%s/trees/%.32s", build, key);
    return 0;
}
