/*
 * Reading symbol tables.
 */
#include "refuse/elf_object.h"

#include <elf.h>
#include <string.h>

#include "base/files.h"
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

static void describe(const struct object *object, const Elf64_Sym *entry, struct elf_symbol *symbol)
{
    Elf64_Shdr section;
    symbol->section = "";
    symbol->size = entry->st_size;
    symbol->type = ELF64_ST_TYPE(entry->st_info);
    symbol->undefined = entry->st_shndx == SHN_UNDEF;
    symbol->global = ELF64_ST_BIND(entry->st_info) != STB_LOCAL;
    symbol->writable = entry->st_shndx == SHN_COMMON;
    if (symbol->undefined || !read_section(object, entry->st_shndx, &section))
        return;
    symbol->section = string_at(object, object->header.e_shstrndx, section.sh_name);
    symbol->writable = (section.sh_flags & SHF_WRITE) != 0 && (section.sh_flags & SHF_ALLOC) != 0;
}

static int visit_table(const struct object *object, const Elf64_Shdr *table, elf_visitor *visit,
                       void *context)
{
    for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= table->sh_size; at += sizeof(Elf64_Sym)) {
        Elf64_Sym entry;
        if (!read_at(object, table->sh_offset + at, &entry, sizeof entry))
            return ERR_CORRUPT;
        struct elf_symbol symbol = {.name = string_at(object, table->sh_link, entry.st_name)};
        if (symbol.name[0] == '\0')
            continue;
        describe(object, &entry, &symbol);
        visit(context, &symbol);
    }
    return 0;
}

static int visit_object(struct object *object, elf_visitor *visit, void *context)
{
    const Elf64_Ehdr *header = &object->header;
    int code = 0;
    if (!read_at(object, 0, &object->header, sizeof object->header) ||
        memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum == 0)
        return ERR_CORRUPT; /* e_shnum 0: more than 65,279 sections, made to hide one */
    for (unsigned i = 0; i < header->e_shnum && code == 0; i++) {
        Elf64_Shdr section;
        if (!read_section(object, i, &section))
            return ERR_CORRUPT;
        if (section.sh_type == SHT_SYMTAB)
            code = visit_table(object, &section, visit, context);
    }
    return code;
}

int elf_object_visit(const char *path, elf_visitor *visit, void *context, struct error *err)
{
    struct text bytes = {0};
    int code = files_read(path, OBJECT_BYTES_MAX, &bytes, err);
    if (code == 0) {
        struct object object = {.bytes = (const unsigned char *)text_str(&bytes),
                                .length = bytes.length};
        code = visit_object(&object, visit, context);
        if (code < 0)
            error_set(err, code, "%s is not an ELF object file of 64 bits.", path);
    }
    text_release(&bytes);
    return code;
}
