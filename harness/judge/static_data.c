/*
 * Finding writable static data.
 *
 * A variable of static storage is a symbol of type OBJECT or TLS in a section that is writable when
 * the program runs. Not counted: .data.rel.ro, which is constant but for its relocations, and what
 * the sanitizers add. Nothing of the student's can pass for either: refuse.h refuses the names, the
 * labels and the sections that it would take.
 */
#include "judge/static_data.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include "base/files.h"
#include "course/manifest.h"
#include "kit/error.h"
#include "refuse/elf_object.h"

struct findings {
    struct text *names;
    int count;
};

static int begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int is_of_sanitizer(const struct elf_symbol *symbol)
{
    return begins(symbol->name, "__asan_") || begins(symbol->name, "___asan_") ||
           begins(symbol->name, "__odr_asan") || begins(symbol->name, "__ubsan_") ||
           begins(symbol->name, "__unnamed_") || begins(symbol->section, "asan_globals") ||
           begins(symbol->section, "__sancov");
}

/* Without the number that the compiler gives a static of a function: count.0 */
static int name_length(const char *name)
{
    size_t length = strlen(name);
    size_t digits = length;
    while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
        digits--;
    return (int)(digits < length && digits > 1 && name[digits - 1] == '.' ? digits - 1 : length);
}

static void note_variable(void *context, const struct elf_symbol *symbol)
{
    struct findings *findings = context;
    int variable =
        symbol->type == STT_OBJECT || symbol->type == STT_TLS || symbol->type == STT_COMMON;
    if (!variable || symbol->size == 0 || !symbol->writable ||
        begins(symbol->section, ".data.rel.ro") || is_of_sanitizer(symbol))
        return;
    text_addf(findings->names, "%s%.*s", findings->names->length > 0 ? ", " : "",
              name_length(symbol->name), symbol->name);
    findings->count++;
}

int static_data_in(const char *object_path, struct text *names, struct error *err)
{
    struct findings findings = {.names = names};
    int code = elf_object_visit(object_path, note_variable, &findings, err);
    return code < 0 ? code : findings.count;
}

/* One file of the student's, by its name without ".c". */
static void check_object(struct check_run *run, const char *path, const char *name)
{
    struct text names = {0};
    struct error err = {0};
    int found = static_data_in(path, &names, &err);
    if (found == ERR_CORRUPT) /* the compiler is ours, so it is what was compiled */
        run_fail(run, "wrong answer", "an object file of up to 16 MB that can be looked into", "%s",
                 err.text);
    else if (found < 0)
        run_error(run, "%s", err.text);
    if (found > 0)
        run_fail(run, "wrong answer", "no writable variable outside of functions, no static in one",
                 "in %s.c: %s", name, text_str(&names));
    text_release(&names);
}

void check_static_data(struct check_run *run)
{
    struct text files = {0}, path = {0};
    struct error err = {0};
    int objects = 0;
    if (manifest_read(run->lab, &files, &err) != 0)
        run_error(run, "%s", err.text);
    for (const char *at = text_str(&files); *at != '\0' && !run_ended(run);) {
        const size_t length = strcspn(at, "\n");
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(length > 2 ? length - 2 : 0), at);
        text_clear(&path);
        text_addf(&path, "%s/asan/%s.o", run->programs, name);
        if (length > 2 && strncmp(at + length - 2, ".c", 2) == 0 && files_exist(text_str(&path))) {
            check_object(run, text_str(&path),
                         name); /* of a mutant only what it changes is there */
            objects++;
        }
        at += length + (at[length] == '\n');
    }
    if (objects == 0)
        run_error(run, "%s/asan holds no object files to look into", run->programs);
    text_release(&files);
    text_release(&path);
}
