/*
 * Looking into object files.
 */
#include <stdio.h>
#include <string.h>

#include "kit/error.h"
#include "kit/text.h"
#include "refuse/c_tokens.h"
#include "refuse/elf_object.h"
#include "refuse/refuse.h"

/* Functions of the libraries that may not be asked for: names between spaces. */
static const struct {
    const char *names;
    const char *why;
} refused[] = {
    {" _exit _Exit quick_exit daemon ",
     "ends the process unseen by the sanitizers: return an error code, or call exit."},
    {" fork _Fork __fork __libc_fork vfork __vfork clone __clone system __libc_system popen "
     "_IO_popen _IO_proc_open forkpty wordexp posix_spawn posix_spawnp execl execle execlp execv "
     "execve execvp execvpe execveat fexecve ",
     "starts a process, which nobody watches: do the work in this one."},
    {" syscall dlopen dlmopen dlsym dlvsym ",
     "reaches past the C library, where nobody watches: call the function itself."},
    {" mmap mmap64 __mmap mremap remap_file_pages mprotect __mprotect pkey_mprotect brk sbrk "
     "__sbrk shmat __libc_malloc __libc_calloc __libc_realloc __libc_memalign __libc_valloc "
     "__libc_pvalloc ",
     "takes or unlocks memory that no sanitizer watches: use malloc."},
};

static const char allocators[] = " malloc calloc realloc reallocarray free cfree aligned_alloc "
                                 "posix_memalign memalign valloc pvalloc ";

static int lists(const char *names, const char *name)
{
    char word[64]; /* longer than any name of the lists */
    int length = snprintf(word, sizeof word, " %s ", name);
    return length < (int)sizeof word && strstr(names, word) != NULL;
}

struct search {
    struct text own;   /* " name name ": what the files define themselves */
    const char *why;   /* of the first that is refused in this file, NULL = none */
    struct text found; /* its name */
};

static void note_own(void *context, const struct elf_symbol *symbol)
{
    struct search *search = context;
    if (symbol->global && !symbol->undefined)
        text_addf(&search->own, "%s ", symbol->name);
}

static void look_at(void *context, const struct elf_symbol *symbol)
{
    struct search *search = context;
    const char *why = NULL;
    for (size_t i = 0; symbol->undefined && i < sizeof refused / sizeof refused[0]; i++)
        if (lists(refused[i].names, symbol->name) && !lists(text_str(&search->own), symbol->name))
            why = refused[i].why;
    if (symbol->global && !symbol->undefined && lists(allocators, symbol->name))
        why = "is defined here in place of the one that the sanitizers watch: rename it.";
    if (why == NULL || search->why != NULL)
        return;
    search->why = why;
    text_add(&search->found, symbol->name);
}

/* "FILE:LINE: " of the last place that says name; without LINE when it is said under another. */
static void add_place(const struct text *source, const char *name, struct text *words)
{
    struct token_reader reader, found = {0};
    token_reader_init(&reader, text_str(source));
    for (struct token token = token_next(&reader); token.kind != TOKEN_END;
         token = token_next(&reader))
        if (token_is(&token, TOKEN_WORD, name))
            found = reader;
    if (found.file != NULL)
        text_addf(words, "%.*s:%ld: ", (int)found.file_length, found.file, found.line);
    else
        text_addf(words, "%.*s: ", (int)reader.file_length, reader.file);
}

int refuse_objects(const struct refuse_file *files, int count, struct text *words,
                   struct error *err)
{
    struct search search = {.own = {0}};
    int code = 0, refusals = 0;
    text_add(&search.own, " ");
    for (int i = 0; i < count && code == 0; i++)
        code = elf_object_visit(files[i].object, note_own, &search, err);
    for (int i = 0; i < count && code == 0; i++) {
        search.why = NULL;
        text_clear(&search.found);
        code = elf_object_visit(files[i].object, look_at, &search, err);
        if (search.why == NULL)
            continue;
        add_place(&files[i].source, text_str(&search.found), words);
        text_addf(words, "%s %s\n", text_str(&search.found), search.why);
        refusals++;
    }
    text_release(&search.own);
    text_release(&search.found);
    return code == 0 && refusals > 0 ? ERR_REFUSED : code;
}

int refuse_files(const struct refuse_file *files, int count, struct text *words, struct error *err)
{
    int refusals = 0;
    for (int i = 0; i < count; i++)
        refusals += refuse_source(&files[i].source, words) != 0;
    const int code = refuse_objects(files, count, words, err);
    return code == 0 && refusals > 0 ? ERR_REFUSED : code;
}
