/*
 * The symbols of a compiled object file (ELF, 64 bits; see <elf.h> and elf(5)).
 *
 * The file is the compiler's, but its source was the student's, so every offset is checked before
 * it is followed.
 */
#ifndef REFUSE_ELF_OBJECT_H
#define REFUSE_ELF_OBJECT_H

#include <stdint.h>

struct error;

struct elf_symbol {
    const char *name;    /* valid during the visit */
    const char *section; /* ".data", ... where it lies; "" when in none of the file's */
    uint64_t size;       /* bytes */
    unsigned type;       /* STT_OBJECT, ... of <elf.h> */
    int undefined;       /* asked of other files */
    int global;          /* for other files too */
    int writable;        /* in memory that the program may write */
};

typedef void elf_visitor(void *context, const struct elf_symbol *symbol);

/* Visits every symbol that has a name, in the file's order. ERR_NOT_FOUND, ERR_IO, ERR_CORRUPT with
   a sentence; then some symbols may have been visited. */
int elf_object_visit(const char *path, elf_visitor *visit, void *context, struct error *err);

#endif
