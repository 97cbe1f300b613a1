/*
 * Reads an object file's symbol table (ELF, 64 bits; see <elf.h> and elf(5)).
 *
 * A variable of static storage is a symbol of type OBJECT or TLS in a section that is writable when
 * the program runs. Not counted: .data.rel.ro, which is constant but for its relocations, and what
 * the sanitizers add. The file is the compiler's, but its source was the student's, so every offset
 * is checked before it is followed.
 */
#include "judge/static_data.h"

#include <dirent.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "judge/files.h"
#include "kit/error.h"

enum { OBJECT_BYTES_MAX = 16 << 20 };

struct object {
    const unsigned char *bytes;
    size_t length;
    Elf64_Ehdr header;
};

/* Copies `size` bytes at offset; 0 when they are not all there. */
static int read_at(const struct object *object, uint64_t offset, void *out, size_t size)
{
    if (offset > object->length || size > object->length - offset)
        return 0;
    memcpy(out, object->bytes + offset, size);
    return 1;
}

static int read_section(const struct object *object, unsigned index, Elf64_Shdr *section)
{
    return index < object->header.e_shnum &&
           read_at(object, object->header.e_shoff + (uint64_t)index * sizeof *section, section,
                   sizeof *section);
}

/* The string at offset in the string section; "" when it is not within the file. */
static const char *string_at(const struct object *object, unsigned section_index, uint32_t offset)
{
    Elf64_Shdr section;
    if (!read_section(object, section_index, &section) || section.sh_offset > object->length ||
        section.sh_size > object->length - section.sh_offset || offset >= section.sh_size)
        return "";
    const char *text = (const char *)object->bytes + section.sh_offset + offset;
    return memchr(text, '\0', section.sh_size - offset) != NULL ? text : "";
}

static int begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int is_writable(const struct object *object, const Elf64_Sym *symbol)
{
    Elf64_Shdr section;
    if (symbol->st_shndx == SHN_COMMON)
        return 1;
    if (!read_section(object, symbol->st_shndx, &section))
        return 0;
    const char *name = string_at(object, object->header.e_shstrndx, section.sh_name);
    return (section.sh_flags & SHF_WRITE) != 0 && (section.sh_flags & SHF_ALLOC) != 0 &&
           !begins(name, ".data.rel.ro") && !begins(name, "asan_globals") &&
           !begins(name, "__sancov");
}

static int is_variable(const struct object *object, const Elf64_Sym *symbol, const char *name)
{
    int type = ELF64_ST_TYPE(symbol->st_info);
    int made = begins(name, "__asan") || begins(name, "___asan") || begins(name, "__odr_asan") ||
               begins(name, "__ubsan") || begins(name, "__unnamed") || begins(name, ".L");
    return (type == STT_OBJECT || type == STT_TLS || type == STT_COMMON) && symbol->st_size > 0 &&
           !made && is_writable(object, symbol);
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

static int read_symbols(const struct object *object, const Elf64_Shdr *table, struct text *names)
{
    int found = 0;
    for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= table->sh_size; at += sizeof(Elf64_Sym)) {
        Elf64_Sym symbol;
        if (!read_at(object, table->sh_offset + at, &symbol, sizeof symbol))
            return ERR_CORRUPT;
        const char *name = string_at(object, table->sh_link, symbol.st_name);
        if (!is_variable(object, &symbol, name))
            continue;
        text_addf(names, "%s%.*s", names->length > 0 ? ", " : "", name_length(name), name);
        found++;
    }
    return found;
}

static int read_object(struct object *object, struct text *names)
{
    const Elf64_Ehdr *header = &object->header;
    int found = 0;
    if (!read_at(object, 0, &object->header, sizeof object->header) ||
        memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum == 0)
        return ERR_CORRUPT; /* e_shnum 0: more than 65,279 sections, made to hide one */
    for (unsigned i = 0; i < header->e_shnum && found >= 0; i++) {
        Elf64_Shdr section;
        if (!read_section(object, i, &section))
            return ERR_CORRUPT;
        if (section.sh_type != SHT_SYMTAB)
            continue;
        int more = read_symbols(object, &section, names);
        found = more < 0 ? more : found + more;
    }
    return found;
}

int static_data_in(const char *object_path, struct text *names, struct error *err)
{
    struct text bytes = {0};
    int code = files_read(object_path, OBJECT_BYTES_MAX, &bytes, err);
    if (code == 0) {
        struct object object = {.bytes = (const unsigned char *)text_str(&bytes),
                                .length = bytes.length};
        code = read_object(&object, names);
        if (code < 0)
            error_set(err, code, "%s is not an ELF object file of 64 bits.", object_path);
    }
    text_release(&bytes);
    return code;
}

/* One object: 1 once a verdict stands. */
static int check_object(struct check_run *run, const char *file)
{
    struct text path = {0}, names = {0};
    struct error err = {""};
    int stem = (int)(strlen(file) - 2); /* without .o */
    text_addf(&path, "%s/%s", run->programs, file);
    int found = static_data_in(text_str(&path), &names, &err);
    if (found == ERR_CORRUPT) /* the compiler is ours, so it is what was compiled */
        run_fail(run, "wrong answer", "an object file of up to 16 MB that can be looked into", "%s",
                 err.text);
    else if (found < 0)
        run_error(run, "%s", err.text);
    if (found > 0)
        run_fail(run, "wrong answer", "no writable variable outside of functions, no static in one",
                 "%.*s.c has %s", stem, file, text_str(&names));
    text_release(&path);
    text_release(&names);
    return found != 0;
}

void check_static_data(struct check_run *run)
{
    int objects = 0;
    DIR *folder = opendir(run->programs);
    struct dirent *entry = NULL;
    while (folder != NULL && !run_ended(run) && (entry = readdir(folder)) != NULL) {
        size_t length = strlen(entry->d_name);
        if (length < 3 || strcmp(entry->d_name + length - 2, ".o") != 0)
            continue;
        objects++;
        check_object(run, entry->d_name);
    }
    if (folder != NULL)
        closedir(folder);
    if (objects == 0)
        run_error(run, "%s holds no object files to look into", run->programs);
}
